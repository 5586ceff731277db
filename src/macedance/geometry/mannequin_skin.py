"""What the mannequin's surface carries: skinning weights, the joint regressor and colours.

V vertices, J joints (24). Positions are those of the rest pose, a T: arms along x, legs and spine along y.
"""

from __future__ import annotations

import numpy as np

from macedance.geometry.skeleton import NUM_JOINTS


def skin_weights(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """How much each joint moves each vertex (V, 24); rows sum to 1.

    Along every chain a share passes from one joint to the next, over a stretch of 6 to 14 cm around the joint.
    """
    weights = np.zeros((len(vertices), NUM_JOINTS))
    rest = np.ones(len(vertices))
    for side, chain in ((1, (13, 16, 18, 20, 22)), (-1, (14, 17, 19, 21, 23))):
        rest = rest * (1 - _give(weights, chain, _arm_shares(vertices, joints[list(chain)], side)))
    for side, chain in ((1, (1, 4, 7, 10)), (-1, (2, 5, 8, 11))):
        share = _leg_shares(vertices, joints[list(chain)], side)
        _give(weights, chain, share)
    rest = 1 - weights.sum(axis=1)
    spine = np.zeros_like(weights)
    _give(spine, (0, 3, 6, 9, 12, 15), [np.ones(len(vertices)), *_spine_shares(vertices)])
    return weights + rest[:, None] * spine


def joint_regressor(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Weights (24, V) that give each rest joint exactly from the vertices around it, and sum to 1.

    Of all such weights they are the smallest ones, in the sense of least squares that count near vertices more.
    """
    regressor = np.zeros((NUM_JOINTS, len(vertices)))
    for joint, place in enumerate(joints):
        offsets = vertices - place
        squares = np.einsum("vc,vc->v", offsets, offsets)
        closeness = np.exp(-squares / (2.5 * squares.min()))
        near = np.flatnonzero(closeness > 0.02)
        constraints = np.concatenate([offsets[near].T, np.ones((1, len(near)))])
        weighted = closeness[near] * constraints
        regressor[joint, near] = np.linalg.solve(weighted @ constraints.T, [0, 0, 0, 1]) @ weighted
    return regressor


def vertex_colors(vertices: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """RGB in 0..1 (V, 3): a light body, its hands and feet darker, warm on the left and cool on the right."""
    body, left, right = np.array([[0.90, 0.87, 0.82], [0.80, 0.45, 0.33], [0.30, 0.50, 0.62]])
    side = np.where(vertices[:, :1] > 0, left, right)
    foot = 1 - _rise(vertices[:, 1], -1.17, -1.09)
    hand = _rise(np.abs(vertices[:, 0]), 0.70, 0.76)
    share = np.maximum(foot, hand)[:, None]
    return body + share * (side - body)


def _give(weights: np.ndarray, chain: tuple[int, ...], shares: list[np.ndarray]) -> np.ndarray:
    """Add a chain's weights: each joint has its share less what the next one takes of it; returns the chain's whole."""
    whole = shares[0]
    held = whole
    for joint, passed in zip(chain, [*shares[1:], np.zeros_like(whole)], strict=True):
        weights[:, joint] += held * (1 - passed)
        held = held * passed
    return whole


def _rise(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at `low` to 1 at `high` (either may be the greater)."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _arm_shares(vertices: np.ndarray, joints: np.ndarray, side: int) -> list[np.ndarray]:
    _, shoulder, elbow, wrist, hand = np.abs(joints[:, 0])
    x, y = side * vertices[:, 0], vertices[:, 1]
    reach = x - 0.8 * np.maximum(joints[1, 1] - 0.05 - y, 0)  # the flank below the armpit stays with the torso
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
    beyond_groin = 0.9 * (hip[1] - y) + 0.45 * (x - abs(hip[0]))
    return [
        _rise(x, -0.012, 0.012) * _rise(beyond_groin, -0.07, 0.075),
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
