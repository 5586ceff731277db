"use strict";

/** The body's surface at rest, which all dancers share. */
function bodyGeometry(body) {
  const geometry = new THREE.BufferGeometry();
  const places = Float32Array.from(new Int16Array(bytesOf(body.vertices).buffer), (step) => step * body.unit);
  geometry.setAttribute("position", new THREE.BufferAttribute(places, 3));
  geometry.setAttribute("color", new THREE.BufferAttribute(bytesOf(body.colors), 3, true));
  geometry.setAttribute("skinIndex", new THREE.BufferAttribute(bytesOf(body.skinJoints), 4));
  geometry.setAttribute("skinWeight", new THREE.BufferAttribute(bytesOf(body.skinWeights), 4, true));
  geometry.setIndex(new THREE.BufferAttribute(new Uint16Array(bytesOf(body.faces).buffer), 1));
  geometry.computeVertexNormals();
  return geometry;
}

/** A motion as it is stored, and where it is at a moment. */
class StoredMotion {
  constructor(data, numJoints) {
    const { fps, numFrames, unit, heading } = data;
    Object.assign(this, { fps, numFrames, unit, heading, numJoints });
    this.steps = new Int16Array(bytesOf(data.pelvis).buffer);
    this.turns = new Int16Array(bytesOf(data.rotations).buffer);
  }

  frame(number) {
    return Math.min(Math.max(number, 0), this.numFrames - 1);
  }

  /** The frames before and after a moment, and how far it is between them. */
  between(seconds) {
    const before = Math.floor(seconds * this.fps + 1e-6);
    return [this.frame(before), this.frame(before + 1), Math.max(seconds * this.fps - before, 0)];
  }

  pelvis(frame, target) {
    return target.fromArray(this.steps, 3 * frame).multiplyScalar(this.unit);
  }

  rotation(frame, joint, target) {
    return target.fromArray(this.turns, 4 * (frame * this.numJoints + joint)).normalize();
  }
}

/** A body that dances a motion, moved by `offset` on the floor. */
class Dancer {
  constructor(name, data, body, geometry, material) {
    this.name = name;
    this.motion = new StoredMotion(data, body.parents.length);
    this.bones = body.joints.map((place, joint) => {
      const bone = new THREE.Bone();
      const parent = body.parents[joint];
      bone.position.fromArray(parent < 0 ? place : place.map((value, axis) => value - body.joints[parent][axis]));
      return bone;
    });
    body.parents.forEach((parent, joint) => parent >= 0 && this.bones[parent].add(this.bones[joint]));
    this.mesh = new THREE.SkinnedMesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.add(this.bones[0]);
    this.mesh.updateMatrixWorld(true);
    this.mesh.bind(new THREE.Skeleton(this.bones));
    this.offset = new THREE.Vector3();
    this.after = { place: new THREE.Vector3(), turn: new THREE.Quaternion() };
  }

  pose(seconds) {
    const [before, after, share] = this.motion.between(seconds);
    const [root] = this.bones;
    const { place, turn } = this.after;
    this.motion.pelvis(before, root.position).lerp(this.motion.pelvis(after, place), share).add(this.offset);
    this.bones.forEach((bone, joint) => {
      this.motion.rotation(before, joint, bone.quaternion).slerp(this.motion.rotation(after, joint, turn), share);
    });
    this.mesh.updateMatrixWorld(true);
  }

  /** Where joints are, in metres, each a vector. */
  joints() {
    return this.bones.map((bone) => new THREE.Vector3().setFromMatrixPosition(bone.matrixWorld));
  }

  /** Where the pelvis is on average within so many seconds about a moment. */
  middle(seconds, reach) {
    const frameAt = (time) => this.motion.frame(Math.round(time * this.motion.fps));
    const [first, last] = [frameAt(seconds - reach), frameAt(seconds + reach)];
    const sum = new THREE.Vector3();
    for (let frame = first; frame <= last; frame++) sum.add(this.motion.pelvis(frame, this.after.place));
    return sum.divideScalar(last - first + 1).add(this.offset);
  }

  dispose() {
    this.mesh.skeleton.dispose();
  }
}
