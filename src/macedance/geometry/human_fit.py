"""A rigged human made an SMPL body, whose rest joints are the skeleton's.

V vertices, J joints (24). Metres, y up, the face to +z, the left at +x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.geometry.human_rig import SHOULDER_DROP_METRES, SIDES, RiggedHuman, in_rest_pose
from macedance.geometry.mannequin import NUM_BETAS, NUM_POSE_FEATURES
from macedance.geometry.mannequin_shape import FLOOR
from macedance.geometry.mannequin_skin import joint_regressor
from macedance.geometry.skeleton import (
    JOINT_NAMES,
    NUM_JOINTS,
    PARENTS,
    REST_OFFSETS,
    REST_PELVIS,
    rest_joints,
)
from macedance.geometry.stretched_body import stretched_body

LANDMARKS = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "knee": "lowerleg01",
    "ankle": "foot",
}
"""Joints that are where a bone begins. The trunk's are within it, where SMPL has them; hands and feet are rigid."""
GROWTH_PER_UNIT = 0.03
"""Of the first shape direction, as the mannequin's."""


def smpl_body(
    human: RiggedHuman, variations: Sequence[tuple[RiggedHuman, RiggedHuman]] = ()
) -> dict[str, np.ndarray]:
    """The arrays of an SMPL file for a human, without colours.

    Args:
        human: As it is at rest; its mesh is scaled, posed and stretched until its joints are the skeleton's.
        variations: Pairs of less and more of something, of the same topology. From each to the other, one unit of
            the second shape direction and of those after it leads; the first scales the body.
    """
    joints = rest_joints()
    vertices = fitted_vertices(human)
    directions = np.zeros((len(vertices), 3, NUM_BETAS))
    directions[..., 0] = GROWTH_PER_UNIT * (vertices - REST_PELVIS)
    for number, (less, more) in enumerate(variations, start=1):
        directions[..., number] = fitted_vertices(more) - fitted_vertices(less)
    return {
        "v_template": vertices,
        "f": human.faces,
        "weights": human.joint_weights(),
        "J_regressor": joint_regressor(vertices, joints),
        "J": joints,
        "kintree_table": np.array([PARENTS, range(NUM_JOINTS)]),
        "shapedirs": directions,
        "posedirs": np.zeros((len(vertices), 3, NUM_POSE_FEATURES), dtype=np.float32),
    }


def fitted_vertices(human: RiggedHuman) -> np.ndarray:
    """The vertices (V, 3) of a human with the skeleton's rest joints, whose soles are where the mannequin's are."""
    posed = in_rest_pose(_placed(human))
    found = _joints_found(posed)
    arrays = {
        "v_template": posed.vertices,
        "f": posed.faces,
        "weights": posed.joint_weights(),
        "J_regressor": joint_regressor(posed.vertices, found),
        "kintree_table": np.array([PARENTS, range(NUM_JOINTS)]),
        "shapedirs": np.zeros((len(posed.vertices), 3, 1)),
        "posedirs": np.zeros((len(posed.vertices), 3, NUM_POSE_FEATURES), dtype=np.float32),
    }
    fitted = stretched_body(BodyModel.from_arrays(arrays), REST_OFFSETS, 1.0)
    return fitted.arrays["v_template"]


def _placed(human: RiggedHuman) -> RiggedHuman:
    """A human as tall as SMPL from the soles to the head's joint, over its middle."""
    places = dict(zip(JOINT_NAMES, rest_joints(), strict=True))
    soles = human.vertices[:, 1].min()
    scale = (places["head"][1] - FLOOR) / (human.head("head")[1] - soles)
    depth = (places["left_ankle"][2] + places["neck"][2]) / 2
    found_depth = scale * (human.head("foot.L")[2] + human.head("neck01")[2]) / 2
    return human.moved(scale, np.array([0.0, FLOOR - scale * soles, depth - found_depth]))


def _joints_found(posed: RiggedHuman) -> np.ndarray:
    """Where the joints (24, 3) are within a posed human, before it is stretched."""
    joints = rest_joints()
    for side, name in SIDES.items():
        for joint, bone in LANDMARKS.items():
            joints[JOINT_NAMES.index(f"{name}_{joint}")] = posed.head(f"{bone}.{side}")
        shoulder, ankle = (JOINT_NAMES.index(f"{name}_{joint}") for joint in ("shoulder", "ankle"))
        joints[shoulder, 1] += SHOULDER_DROP_METRES
        joints[ankle, 1] = rest_joints()[ankle, 1]  # so that the soles stay on the floor
        for parent, leaf in (("ankle", "foot"), ("wrist", "hand")):
            leaf_joint = JOINT_NAMES.index(f"{name}_{leaf}")
            joints[leaf_joint] = joints[JOINT_NAMES.index(f"{name}_{parent}")] + REST_OFFSETS[leaf_joint]
    return joints
