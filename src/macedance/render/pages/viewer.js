"use strict";

const FIELD_DEGREES = 32;
const FOLLOW_SECONDS = 0.6;
const APART_METRES = 1.3;
const SEEN_METRES = { high: 2.2, wide: 1.5 };

/** Dancers on a stage, drawn when asked to. The page has one, since browsers allow few drawing contexts. */
class Viewer {
  constructor(canvas, labels, body) {
    Object.assign(this, { canvas, labels, body, dancers: [], seconds: 0 });
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true });
    this.scene = new THREE.Scene();
    this.camera = new THREE.PerspectiveCamera(FIELD_DEGREES, 1, 0.1, 60);
    this.geometry = bodyGeometry(body);
    this.material = new THREE.MeshStandardMaterial({ vertexColors: true, roughness: 0.75 });
    this.stage = new Stage(this.scene, body.names);
    this.orbit = new Orbit(canvas, () => this.draw(this.seconds));
  }

  /** Put dancers on the stage, by name; the first one says which side is the front. */
  show(motions) {
    for (const dancer of this.dancers) {
      this.scene.remove(dancer.mesh);
      dancer.dispose();
    }
    this.dancers = Object.entries(motions).map(
      ([name, data]) => new Dancer(name, data, this.body, this.geometry, this.material),
    );
    this.stage.prepare(this.dancers.length);
    if (!this.dancers.length) return;
    const { heading } = this.dancers[0].motion;
    const right = new THREE.Vector3(Math.cos(heading), 0, -Math.sin(heading));
    this.dancers.forEach((dancer, place) => {
      dancer.offset.copy(right).multiplyScalar(APART_METRES * (place - (this.dancers.length - 1) / 2));
      this.scene.add(dancer.mesh);
    });
    this.heading = heading;
  }

  /** Look from the front again. */
  face() {
    this.orbit.reset(this.heading);
  }

  draw(seconds) {
    this.seconds = seconds;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!this.dancers.length || !width || !height) return;
    for (const dancer of this.dancers) dancer.pose(seconds);
    this.stage.shade(this.dancers);
    this.aim(width / height);
    this.renderer.setPixelRatio(window.devicePixelRatio || 1);
    this.renderer.setSize(width, height, false);
    this.renderer.render(this.scene, this.camera);
    this.place(width, height);
  }

  /** Look at the dancers' middle from as far as shows all of them. */
  aim(aspect) {
    const target = new THREE.Vector3();
    for (const dancer of this.dancers) target.add(dancer.middle(this.seconds, FOLLOW_SECONDS));
    target.divideScalar(this.dancers.length).setY(0.93);
    const wide = SEEN_METRES.wide + (this.dancers.length - 1) * APART_METRES;
    const reach = Math.max(SEEN_METRES.high, wide / aspect) / 2 / Math.tan((FIELD_DEGREES * Math.PI) / 360);
    this.camera.aspect = aspect;
    this.camera.position.copy(this.orbit.direction()).multiplyScalar(reach * this.orbit.zoom).add(target);
    this.camera.position.y = Math.max(this.camera.position.y, 0.05);
    this.camera.lookAt(target);
    this.camera.updateProjectionMatrix();
    this.camera.updateMatrixWorld(true);
    Object.assign(this.scene.fog, { near: reach * this.orbit.zoom + 1, far: reach * this.orbit.zoom + 8 });
  }

  /** Move each dancer's label under its feet. */
  place(width, height) {
    for (const [name, label] of Object.entries(this.labels)) {
      const dancer = this.dancers.find((one) => one.name === name);
      label.hidden = !dancer || this.dancers.length < 2;
      if (label.hidden) continue;
      const at = dancer.middle(this.seconds, FOLLOW_SECONDS).setY(-0.12).project(this.camera);
      const [x, y] = [((at.x + 1) / 2) * width, Math.min(((1 - at.y) / 2) * height, height - 22)];
      label.style.transform = `translate(${x}px, ${y}px) translateX(-50%)`;
    }
  }

  /** Places of each dancer's joints in metres, by name. */
  joints() {
    const places = (dancer) => dancer.joints().map((joint) => joint.toArray());
    return Object.fromEntries(this.dancers.map((dancer) => [dancer.name, places(dancer)]));
  }
}
