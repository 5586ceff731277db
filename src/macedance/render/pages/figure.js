"use strict";

const DISTANCE_METRES = 4.6;
const FOLLOW_SECONDS = 0.6;
const GRID_METRES = 0.5;
const GRID_REACH = 4;

/** A stick figure on a floor; dragging turns the view, the view goes along with the dancer. */
class Figure {
  constructor(canvas, { fps, unit, heading, joints }, skeleton) {
    Object.assign(this, { canvas, fps, unit, skeleton, yaw: heading, pitch: 0.16 });
    this.steps = new DataView(bytesOf(joints).buffer);
    this.numJoints = skeleton.parents.length;
    this.numFrames = this.steps.byteLength / (6 * this.numJoints);
    this.canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("keydown", (event) => this.turn(event));
  }

  drag(event) {
    if (!event.buttons) return;
    this.orbit(-event.movementX * 0.01, event.movementY * 0.01);
  }

  turn(event) {
    const by = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!by) return;
    event.preventDefault();
    this.orbit(...by);
  }

  orbit(yaw, pitch) {
    this.yaw += yaw;
    this.pitch = Math.min(Math.max(this.pitch + pitch, -0.05), 1.5);
    this.draw(this.seconds);
  }

  stored(frame, joint, axis) {
    const kept = Math.min(Math.max(frame, 0), this.numFrames - 1);
    return this.steps.getInt16(2 * ((kept * this.numJoints + joint) * 3 + axis), true) * this.unit;
  }

  joint(seconds, joint) {
    const frame = Math.floor(seconds * this.fps);
    const share = seconds * this.fps - frame;
    return [0, 1, 2].map(
      (axis) => this.stored(frame, joint, axis) * (1 - share) + this.stored(frame + 1, joint, axis) * share,
    );
  }

  /** Where the pelvis is on the floor, low-passed. */
  center(seconds) {
    const [first, last] = [-1, 1].map((sign) => Math.round((seconds + sign * FOLLOW_SECONDS) * this.fps));
    const sum = [0, 0];
    for (let frame = first; frame <= last; frame++) {
      sum[0] += this.stored(frame, 0, 0);
      sum[1] += this.stored(frame, 0, 2);
    }
    return sum.map((value) => value / (last - first + 1));
  }

  draw(seconds) {
    this.seconds = seconds;
    const area = prepare(this.canvas);
    const project = this.projection(area, this.center(seconds));
    this.drawFloor(area, project, this.center(seconds));
    const points = this.skeleton.parents.map((_, joint) => project(this.joint(seconds, joint)));
    const bones = this.skeleton.parents.map((parent, joint) => ({ parent, joint })).filter((bone) => bone.parent >= 0);
    const depth = (bone) => points[bone.joint].depth + points[bone.parent].depth;
    bones.sort((a, b) => depth(b) - depth(a));
    for (const bone of bones) this.drawBone(area, points, bone);
  }

  /** From metres in the world to pixels: a camera that looks at the dancer's middle. */
  projection({ width, height }, [centerX, centerZ]) {
    const [sinYaw, cosYaw] = [Math.sin(this.yaw), Math.cos(this.yaw)];
    const [sinPitch, cosPitch] = [Math.sin(this.pitch), Math.cos(this.pitch)];
    const focal = (Math.min(height, width * 1.1) * DISTANCE_METRES) / 2.3;
    return ([worldX, worldY, worldZ]) => {
      const [x, y, z] = [worldX - centerX, worldY - 0.92, worldZ - centerZ];
      const towards = x * sinYaw + z * cosYaw;
      const depth = DISTANCE_METRES - (y * sinPitch + towards * cosPitch);
      const scale = focal / depth;
      return {
        x: width / 2 + (x * cosYaw - z * sinYaw) * scale,
        y: height / 2 - (y * cosPitch - towards * sinPitch) * scale,
        scale,
        depth,
      };
    };
  }

  drawFloor({ context, color }, project, center) {
    const [startX, startZ] = center.map((value) => Math.round(value / GRID_METRES) - GRID_REACH);
    context.strokeStyle = color("floor");
    context.lineWidth = 1;
    context.beginPath();
    for (let line = 0; line <= 2 * GRID_REACH; line++) {
      for (const [from, to] of [
        [[startX + line, startZ], [startX + line, startZ + 2 * GRID_REACH]],
        [[startX, startZ + line], [startX + 2 * GRID_REACH, startZ + line]],
      ]) {
        const [a, b] = [from, to].map(([x, z]) => project([x * GRID_METRES, 0, z * GRID_METRES]));
        context.moveTo(a.x, a.y);
        context.lineTo(b.x, b.y);
      }
    }
    context.stroke();
  }

  drawBone({ context, color }, points, { parent, joint }) {
    const side = this.skeleton.sides[joint];
    const [a, b] = [points[parent], points[joint]];
    context.strokeStyle = context.fillStyle = color(side === "left" || side === "right" ? side : "middle");
    context.lineCap = "round";
    context.lineWidth = Math.max(2, 0.045 * b.scale);
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
    if (side !== "head") return;
    context.beginPath();
    context.arc(b.x, b.y, 0.1 * b.scale, 0, 2 * Math.PI);
    context.fill();
  }
}
