"""Where the mass of a body is. Axis: J joints (24). Metres."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from macedance.geometry.skeleton import NUM_JOINTS

_SEGMENTS: tuple[tuple[float, dict[int, float]], ...] = (
    (0.1117, {0: 0.6, 3: 0.4}),
    (0.1633, {3: 0.4, 6: 0.6}),
    (0.1596, {9: 0.6, 12: 0.4}),
    (0.0694, {15: 1.0}),
    *((0.1416, {hip: 0.59, knee: 0.41}) for hip, knee in ((1, 4), (2, 5))),
    *((0.0433, {knee: 0.55, ankle: 0.45}) for knee, ankle in ((4, 7), (5, 8))),
    *((0.0137, {ankle: 0.5, toes: 0.5}) for ankle, toes in ((7, 10), (8, 11))),
    *((0.0271, {shoulder: 0.42, elbow: 0.58}) for shoulder, elbow in ((16, 18), (17, 19))),
    *((0.0162, {elbow: 0.54, wrist: 0.46}) for elbow, wrist in ((18, 20), (19, 21))),
    *((0.0061, {wrist: 0.3, hand: 0.7}) for wrist, hand in ((20, 22), (21, 23))),
)
"""Share of the body's mass of each segment, and of which joints its centre is the weighted mean."""


def _joint_masses() -> np.ndarray:
    masses = np.zeros(NUM_JOINTS)
    for mass, joints in _SEGMENTS:
        for joint, weight in joints.items():
            masses[joint] += mass * weight
    return masses / masses.sum()


JOINT_MASSES: np.ndarray = _joint_masses()
"""Shares (J,) of the body's mass, as if it lay in the joints.

Source: de Leva 1996, "Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters", men; the trunk is
divided among the joints of the spine.
"""


def center_of_mass(joints: Tensor) -> Tensor:
    """Centre of mass (..., 3) of joints (..., J, 3), J at least 24, in SMPL's order.

    >>> import torch
    >>> center_of_mass(torch.ones(24, 3)).round(decimals=4)
    tensor([1., 1., 1.])
    """
    return joints.new_tensor(JOINT_MASSES) @ joints[..., :NUM_JOINTS, :]
