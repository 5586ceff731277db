"""A body whose bones have other lengths. V vertices, J joints (24), C children of a joint."""

from __future__ import annotations

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.geometry.mannequin_skin import joint_regressor
from macedance.geometry.skeleton import JOINT_NAMES, NUM_JOINTS, PARENTS

LEAST_SPREAD = 0.2
"""Directions in which a joint's children lie closer together than this, of their spread, are not stretched."""
HEAD = JOINT_NAMES.index("head")


def stretched_body(body: BodyModel, offsets: np.ndarray, head_scale: float) -> BodyModel:
    """The body with its bones stretched along their length, as thick as before; hands and feet grow with theirs.

    Args:
        body: As it is.
        offsets: Rest position of each joint seen from its parent (24, 3), metres; the root stays where it is.
        head_scale: factor of the head's size.
    """
    vertices, weights = body.rest_vertices.astype(np.float64), body.skin_weights.astype(np.float64)
    old = np.asarray(body.arrays["J_regressor"], dtype=np.float64) @ vertices
    new = _rest_joints(old[0], offsets)
    stretches = np.stack([_stretch(joint, old, new, head_scale) for joint in range(NUM_JOINTS)])
    moved = np.zeros_like(vertices)
    for joint, stretch in enumerate(stretches):
        moved += weights[:, joint, None] * (new[joint] + (vertices - old[joint]) @ stretch.T)
    return BodyModel.from_arrays(
        {**body.arrays, "v_template": moved, "J_regressor": joint_regressor(moved, new), "J": new}
    )


def _rest_joints(root: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    joints = np.tile(root, (NUM_JOINTS, 1))
    for joint, parent in enumerate(PARENTS[1:], start=1):
        joints[joint] = joints[parent] + offsets[joint]
    return joints


def _stretch(joint: int, old: np.ndarray, new: np.ndarray, head_scale: float) -> np.ndarray:
    """The matrix (3, 3) by which what hangs on a joint is deformed: the least that takes its children along."""
    if joint == HEAD:
        return np.eye(3) * head_scale
    children = [child for child, parent in enumerate(PARENTS) if parent == joint]
    if not children:
        before, after = (np.linalg.norm(rest[joint] - rest[PARENTS[joint]]) for rest in (old, new))
        return np.eye(3) * after / before
    before, after = ((rest[children] - rest[joint]).T for rest in (old, new))
    return np.eye(3) + (after - before) @ np.linalg.pinv(before, rcond=LEAST_SPREAD)
