"""Colours of a person on a body's surface: skin, hair and clothes. Axis letters: V vertices, J joints (24)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.geometry.skeleton import JOINT_NAMES, NUM_JOINTS, rest_joints

SKIN_COLORS = (
    (0.96, 0.80, 0.69),
    (0.89, 0.68, 0.53),
    (0.76, 0.54, 0.40),
    (0.56, 0.37, 0.26),
    (0.38, 0.25, 0.18),
)
HAIR_COLORS = (
    (0.10, 0.08, 0.07),
    (0.26, 0.17, 0.11),
    (0.45, 0.30, 0.16),
    (0.78, 0.62, 0.36),
    (0.55, 0.54, 0.54),
)

LEGS = ("hip", "knee")
SHOES = ("ankle", "foot")
SLEEVES = ("elbow",)
BARE = ("neck", "head", "left_wrist", "right_wrist", "left_hand", "right_hand")
HEM_SHARPNESS = 4
"""Skinning weights to this power give the colours: the higher, the narrower the passage between two of them."""
HAIRLINE_METRES = 0.09
"""Hair grows where the head is so far above its joint and behind it, both together."""
HAIRLINE_WIDTH_METRES = 0.02


@dataclass(frozen=True, eq=False)
class Outfit:
    """Colours, sRGB (3,) in [0, 1], and how far the clothes reach."""

    skin: np.ndarray
    hair: np.ndarray
    shirt: np.ndarray
    trousers: np.ndarray
    shoes: np.ndarray
    has_long_sleeves: bool = True
    has_long_trousers: bool = True

    def joint_colors(self) -> np.ndarray:
        """The colour (J, 3) of the part of the body that each joint moves."""
        return np.stack([self._color_at(name) for name in JOINT_NAMES])

    def _color_at(self, joint: str) -> np.ndarray:
        part = joint.removeprefix("left_").removeprefix("right_")
        if joint in BARE or (part in SLEEVES and not self.has_long_sleeves):
            return self.skin
        if part in SHOES:
            return self.shoes
        if part == "knee" and not self.has_long_trousers:
            return self.skin
        return self.trousers if part in LEGS or part == "pelvis" else self.shirt


def dressed(body: BodyModel, outfit: Outfit) -> np.ndarray:
    """The albedo (V, 3) of a body in these clothes."""
    return painted(body, outfit.joint_colors(), outfit.hair)


def painted(body: BodyModel, joint_colors: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """The albedo (V, 3) of a body whose parts have the colours (J, 3) of their joints, and hair (3,) on its head."""
    shares = body.skin_weights[:, :NUM_JOINTS] ** HEM_SHARPNESS
    albedo = (shares / shares.sum(axis=1, keepdims=True)) @ joint_colors
    head = JOINT_NAMES.index("head")
    _, above, before = (body.rest_vertices - rest_joints()[head]).T
    hairiness = np.clip((above - before - HAIRLINE_METRES) / HAIRLINE_WIDTH_METRES + 0.5, 0.0, 1.0)
    hairiness = (hairiness * body.skin_weights[:, head])[:, None]
    return (albedo + hairiness * (hair - albedo)).astype(np.float32)
