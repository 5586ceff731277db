"""What the mannequin's surface carries: skinning weights, the joint regressor and colours.

V vertices, J joints (24). Positions are those of the rest pose, a T: arms along x, legs and spine along y.
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.skeleton import NUM_JOINTS

MIN_REGRESSOR_RADIUS_METRES = 0.035
"""A joint closer to the skin than this still draws on vertices all around it."""


def skin_weights(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """How much each joint moves each vertex (V, 24); rows sum to 1.

    Along every chain a share passes from one joint to the next over a stretch of 6 to 17 cm.
    """
    limbs, spine = np.zeros((2, len(vertices), NUM_JOINTS))
    for side, arm, leg in (
        (1, [13, 16, 18, 20, 22], [1, 4, 7, 10]),
        (-1, [14, 17, 19, 21, 23], [2, 5, 8, 11]),
    ):
        _add_chain(limbs, arm, _arm_shares(vertices, joints[arm], side))
        _add_chain(limbs, leg, _leg_shares(vertices, joints[leg], side))
    _add_chain(spine, [0, 3, 6, 9, 12, 15], [np.ones(len(vertices)), *_spine_shares(vertices)])
    return limbs + (1 - limbs.sum(axis=1, keepdims=True)) * spine


def joint_regressor(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Weights (24, V) that give each rest joint exactly from the vertices around it, and sum to 1.

    Of all such weights they are the smallest ones by least squares that favour near vertices.
    """
    regressor = np.zeros((NUM_JOINTS, len(vertices)))
    for joint, place in enumerate(joints):
        offsets = vertices - place
        squares = np.einsum("vc,vc->v", offsets, offsets)
        closeness = np.exp(-squares / (2.5 * max(squares.min(), MIN_REGRESSOR_RADIUS_METRES**2)))
        near = np.flatnonzero(closeness > 0.02)
        constraints = np.concatenate([offsets[near].T, np.ones((1, len(near)))])
        weighted = closeness[near] * constraints
        regressor[joint, near] = np.linalg.solve(weighted @ constraints.T, [0, 0, 0, 1]) @ weighted
    return regressor


def vertex_colors(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """RGB in 0..1 (V, 3): a light body, its hands and feet darker, warm on the left and cool on the right."""
    body, left, right = np.array([[0.90, 0.87, 0.82], [0.76, 0.46, 0.36], [0.34, 0.50, 0.61]])
    side = np.where(vertices[:, :1] > 0, left, right)
    foot = 1 - _rise(vertices[:, 1], -1.17, -1.09)
    hand = _rise(np.abs(vertices[:, 0]), 0.70, 0.76)
    share = np.maximum(foot, hand)[:, None]
    return body + share * (side - body)


def _add_chain(weights: np.ndarray, chain: list[int], shares: list[np.ndarray]) -> None:
    """Give a chain of joints their weights: each keeps of its share what it does not pass to the next."""
    held = np.ones(len(weights))
    for joint, share, passed in zip(chain, shares, [*shares[1:], np.zeros_like(held)], strict=True):
        held = held * share
        weights[:, joint] += held * (1 - passed)


def _rise(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at `low` to 1 at `high` (either may be the greater)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _arm_shares(vertices: np.ndarray, joints: np.ndarray, side: int) -> list[np.ndarray]:
    _, shoulder, elbow, wrist, hand = np.abs(joints[:, 0])
    x, y = side * vertices[:, 0], vertices[:, 1]
    reach = x - 0.8 * np.maximum(joints[1, 1] - 0.05 - y, 0)  # the flank stays with the torso
    return [
        _rise(reach, 0.03, 0.14) * _rise(y, 0.06, 0.20),
        _rise(reach, shoulder - 0.075, shoulder + 0.045),
        _rise(x, elbow - 0.05, elbow + 0.05),
        _rise(x, wrist - 0.035, wrist + 0.025),
        _rise(x, hand - 0.02, hand + 0.03),
    ]


def _leg_shares(vertices: np.ndarray, joints: np.ndarray, side: int) -> list[np.ndarray]:
    hip, knee, ankle, foot = joints
    x, y, z = side * vertices[:, 0], vertices[:, 1], vertices[:, 2]
    beyond_groin = 0.9 * (hip[1] - y) + 0.7 * (np.minimum(x, 0.2) - abs(hip[0]))
    return [
        _rise(x, -0.015, 0.015) * _rise(beyond_groin, -0.06, 0.11),
        _rise(y, knee[1] + 0.06, knee[1] - 0.06),
        _rise(y, ankle[1] + 0.055, ankle[1] - 0.03),
        _rise(z, foot[2] - 0.035, foot[2] + 0.03) * _rise(y, ankle[1] + 0.02, ankle[1] - 0.02),
    ]


def _spine_shares(vertices: np.ndarray) -> list[np.ndarray]:
    y = vertices[:, 1]
    chin_lifted = y + 0.6 * np.maximum(vertices[:, 2] - 0.045, 0)
    return [
        _rise(y, -0.18, -0.03),
        _rise(y, -0.04, 0.09),
        _rise(y, 0.04, 0.14),
        _rise(y, 0.265, 0.335),
        _rise(chin_lifted, 0.345, 0.405),
    ]
