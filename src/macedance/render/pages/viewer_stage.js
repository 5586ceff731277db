"use strict";

const FLOOR_METRES = 16;
const SHADED_JOINTS = { pelvis: 0.62, left_ankle: 0.24, right_ankle: 0.24 };
const LIFT_METRES = 0.35;

function pageColor(name) {
  return new THREE.Color(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
}

/** A round spot that fades to its edge. */
function spotTexture() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const context = canvas.getContext("2d");
  const fade = context.createRadialGradient(32, 32, 0, 32, 32, 32);
  fade.addColorStop(0, "rgba(0, 0, 0, 1)");
  fade.addColorStop(0.5, "rgba(0, 0, 0, 0.45)");
  fade.addColorStop(1, "rgba(0, 0, 0, 0)");
  context.fillStyle = fade;
  context.fillRect(0, 0, 64, 64);
  return new THREE.CanvasTexture(canvas);
}

/** Light, a floor with lines every half metre, and spots of shadow under dancers. */
class Stage {
  constructor(scene, names) {
    Object.assign(this, { scene, names, spots: [], spot: spotTexture(), disc: new THREE.PlaneGeometry(1, 1) });
    scene.add(new THREE.HemisphereLight(0xffffff, 0x8d8a85, 0.68));
    const sun = new THREE.DirectionalLight(0xffffff, 0.5);
    sun.position.set(1.5, 4, 3);
    scene.add(sun);
    this.recolor();
  }

  /** Take the page's colours, which follow the user's wish for light or dark. */
  recolor() {
    if (this.grid) this.scene.remove(this.grid);
    const [ground, line] = [pageColor("page"), pageColor("line")];
    this.grid = new THREE.GridHelper(FLOOR_METRES, 2 * FLOOR_METRES, line, line);
    this.scene.add(this.grid);
    this.scene.background = ground;
    this.scene.fog = new THREE.Fog(ground, 4, 11);
  }

  /** Make as many spots as dancers need. */
  prepare(numDancers) {
    for (const spot of this.spots) this.scene.remove(spot);
    this.spots = Array.from({ length: numDancers * Object.keys(SHADED_JOINTS).length }, () => {
      const material = new THREE.MeshBasicMaterial({ map: this.spot, transparent: true, depthWrite: false, fog: false });
      const spot = new THREE.Mesh(this.disc, material);
      spot.rotation.x = -Math.PI / 2;
      this.scene.add(spot);
      return spot;
    });
  }

  shade(dancers) {
    const spots = this.spots.values();
    for (const dancer of dancers) {
      const joints = dancer.joints();
      for (const [name, size] of Object.entries(SHADED_JOINTS)) {
        const { x, y, z } = joints[this.names.indexOf(name)];
        const spot = spots.next().value;
        spot.position.set(x, 0.004, z);
        spot.scale.setScalar(size * (1 + 0.3 * Math.max(y, 0)));
        spot.material.opacity = name === "pelvis" ? 0.3 : 0.45 * Math.exp(-Math.max(y - 0.08, 0) / LIFT_METRES);
      }
    }
  }
}
