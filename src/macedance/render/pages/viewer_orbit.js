"use strict";

const STEEPEST_RADIANS = 1.45;
const TURN_RADIANS = 0.01;
const ZOOM_RANGE = [0.4, 2.5];

/** From where one looks: dragging turns, the wheel with Ctrl, or over a canvas in focus, goes nearer. */
class Orbit {
  constructor(canvas, onChange) {
    Object.assign(this, { canvas, onChange, heading: 0 });
    this.reset();
    canvas.addEventListener("pointerdown", (event) => this.grasp(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  reset(heading = this.heading) {
    Object.assign(this, { heading, yaw: heading + 0.25, pitch: 0.16, zoom: 1 });
    this.onChange();
  }

  grasp(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.held = event;
  }

  drag(event) {
    if (!event.buttons || !this.held) return;
    this.turn(TURN_RADIANS * (this.held.clientX - event.clientX), TURN_RADIANS * (event.clientY - this.held.clientY));
    this.held = event;
  }

  turn(yaw, pitch) {
    this.yaw += yaw;
    this.pitch = Math.min(Math.max(this.pitch + pitch, -0.03), STEEPEST_RADIANS);
    this.onChange();
  }

  wheel(event) {
    if (!event.ctrlKey && document.activeElement !== this.canvas) return;
    event.preventDefault();
    this.zoom = Math.min(Math.max(this.zoom * Math.exp(0.001 * event.deltaY), ZOOM_RANGE[0]), ZOOM_RANGE[1]);
    this.onChange();
  }

  key(event) {
    const by = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!by || !event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.turn(...by);
  }

  /** The way from what one looks at to the eye. */
  direction() {
    const [level, up] = [Math.cos(this.pitch), Math.sin(this.pitch)];
    return new THREE.Vector3(level * Math.sin(this.yaw), up, level * Math.cos(this.yaw));
  }
}
