"""A body and its motions, packed for a page that skins the body itself.

T frames, V vertices, F triangles, J joints (24). Arrays are little-endian, in base64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.geometry.rotations import axis_angle_to_quaternion
from macedance.geometry.skeleton import JOINT_NAMES, PARENTS
from macedance.render.camera import heading_radians
from macedance.render.clip_curves import FLOOR_PERCENTILE
from macedance.render.page_parts import to_base64

LEFT_COLOR = np.array([0.85, 0.30, 0.24])  # warm on the left and cool on the right, as the mannequin is
RIGHT_COLOR = np.array([0.20, 0.42, 0.82])
TINT = 0.75
NUM_INFLUENCES = 4
TRUNK_JOINTS = ("collar",)
"""Joints with a side whose skin belongs to the trunk."""


def skinned_body(body: BodyModel) -> dict[str, Any]:
    """The mesh at rest, the limbs of the dancer's left tinted red and those of the right blue.

    ``vertices`` (V, 3) int16 in steps of ``unit`` metres, ``faces`` (F, 3) uint16, ``colors`` (V, 3) uint8,
    ``skinJoints`` and ``skinWeights`` (V, 4) uint8, and of each joint its name, parent and place in metres.
    """
    vertices, unit = _steps(body.rest_vertices)
    strongest = np.argsort(-body.skin_weights, axis=1, kind="stable")[:, :NUM_INFLUENCES]
    weights = np.take_along_axis(body.skin_weights, strongest, axis=1)
    return {
        "unit": unit,
        "vertices": vertices,
        "faces": _packed(body.faces, "<u2"),
        "colors": _packed(np.round(255 * _colors(body)), "u1"),
        "skinJoints": _packed(strongest, "u1"),
        "skinWeights": _packed(_bytes_that_sum_to_255(weights), "u1"),
        "names": JOINT_NAMES,
        "parents": PARENTS,
        "joints": np.round(body.arrays["J"], 5).tolist(),
    }


def skinned_motion(motion: Motion, floor_height: float) -> dict[str, Any]:
    """A motion, y up, over a floor at height 0 and about the middle of its path.

    ``rotations`` (T, J, 4) int16, each joint's seen from its parent, quaternions x y z w in steps of 1 / 32767, and
    ``pelvis`` (T, 3) int16 in steps of ``unit`` metres.

    Args:
        motion: The motion.
        floor_height: Height of the soles of the body at rest over the model's origin, in metres; negative.
    """
    motion = motion.to_up_axis("y")
    joints = motion.joints().numpy().astype(np.float64)
    rest = Motion(motion.poses[:1] * 0, motion.trans[:1] * 0).joints().numpy()
    soles = float(rest[..., 1].min()) - floor_height
    pelvis = joints[:, 0].copy()
    pelvis[:, 1] -= np.percentile(joints[..., 1].min(axis=1), FLOOR_PERCENTILE) - soles
    pelvis[:, [0, 2]] -= pelvis[:, [0, 2]].mean(axis=0)
    quaternions = axis_angle_to_quaternion(motion.poses).numpy()[..., [1, 2, 3, 0]]
    places, unit = _steps(pelvis)
    return {
        "fps": motion.fps,
        "numFrames": motion.num_frames,
        "heading": heading_radians(joints),
        "unit": unit,
        "pelvis": places,
        "rotations": _packed(np.round(32767 * quaternions), "<i2"),
    }


def _colors(body: BodyModel) -> np.ndarray:
    """The body's own colours (V, 3), tinted where limbs have a side."""
    own = np.full((body.num_vertices, 3), 0.62) if body.colors is None else body.colors
    muted = (own + own.mean(axis=1, keepdims=True)) / 2
    shares = {side: _share_of(body, side) for side in ("left", "right")}
    return (
        (1 - TINT * (shares["left"] + shares["right"])) * muted
        + TINT * shares["left"] * LEFT_COLOR
        + TINT * shares["right"] * RIGHT_COLOR
    )


def _share_of(body: BodyModel, side: str) -> np.ndarray:
    """How much of each vertex (V, 1) the limbs of a side move."""
    chosen = [name.startswith(side) and not name.endswith(TRUNK_JOINTS) for name in JOINT_NAMES]
    return body.skin_weights[:, chosen].sum(axis=1, keepdims=True)


def _bytes_that_sum_to_255(weights: np.ndarray) -> np.ndarray:
    """Weights (V, 4), the largest first, as whole numbers; the largest takes what rounding left over."""
    rounded = np.round(255 * weights / weights.sum(axis=1, keepdims=True))
    rounded[:, 0] += 255 - rounded.sum(axis=1)
    return rounded


def _steps(places: np.ndarray) -> tuple[str, float]:
    """Places in metres as int16, and the metres of a step."""
    unit = max(float(np.abs(places).max()), 1e-6) / 32767
    return _packed(np.round(places / unit), "<i2"), unit


def _packed(values: np.ndarray, kind: str) -> str:
    return to_base64(np.ascontiguousarray(values.astype(kind)).tobytes())
