"""The proportions of a person, told by key-points, and a skeleton that has them.

P points (20), J joints (24). A ratio of 1 is a bone of SMPL's mean shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.geometry.skeleton import JOINT_NAMES, REST_OFFSETS
from macedance.projection.body_points import point_index

LEAST_RATIO, GREATEST_RATIO = 0.6, 1.6
FORESHORTENED = 0.7
"""Bones that look shorter than this share of the usual ratio are taken to point at the camera."""
KNOWN = 0.3
"""The confidence from which on a key-point is believed."""

_BOTH = ("left", "right")
BONES: dict[str, tuple[tuple[str, str], ...]] = {
    "torso": (("neck", "mid_hip"),),
    "shoulders": (("left_shoulder", "right_shoulder"),),
    "hips": (("left_hip", "right_hip"),),
    "neck": (("neck", "nose"),),
    "head": (("left_ear", "right_ear"), ("left_eye", "right_eye")),
    "upper_arm": tuple((f"{side}_shoulder", f"{side}_elbow") for side in _BOTH),
    "forearm": tuple((f"{side}_elbow", f"{side}_wrist") for side in _BOTH),
    "thigh": tuple((f"{side}_hip", f"{side}_knee") for side in _BOTH),
    "shin": tuple((f"{side}_knee", f"{side}_ankle") for side in _BOTH),
}
"""The lengths that are compared, each between two points; of several, the longest counts."""

STANDS_IN = {
    "torso": ("thigh", "shin"),
    "shoulders": ("torso",),
    "hips": ("torso",),
    "neck": ("torso",),
    "head": ("neck",),
    "upper_arm": ("forearm",),
    "forearm": ("upper_arm",),
    "thigh": ("shin",),
    "shin": ("thigh",),
}
"""Whose ratio a bone takes that is not seen in its length."""


@dataclass(frozen=True, eq=False)
class Proportions:
    """Ratios of bones to those of SMPL's mean shape, by the names of BONES."""

    ratios: dict[str, float]

    def offsets(self) -> np.ndarray:
        """Rest position of each joint seen from its parent (24, 3), in metres."""
        scale = np.ones_like(REST_OFFSETS)
        ratios = self.ratios
        for joint, name in enumerate(JOINT_NAMES):
            bone = name.split("_")[-1]
            if bone in ("hip", "collar", "shoulder"):
                across = "hips" if bone == "hip" else "shoulders"
                scale[joint] = (ratios[across], ratios["torso"], ratios["torso"])
            elif bone in _RATIO_OF:
                scale[joint] = ratios[_RATIO_OF[bone]]
        neck = JOINT_NAMES.index("neck")
        scale[neck, 1] = _BELOW_SHOULDERS * ratios["torso"] + (1 - _BELOW_SHOULDERS) * ratios["neck"]
        return scale * REST_OFFSETS

    def head_scale(self) -> np.ndarray:
        """(3,) factors of the head's breadth, height and depth."""
        return np.array([self.ratios["head"], self.ratios["neck"], self.ratios["neck"]])


_RATIO_OF = {
    "spine1": "torso",
    "spine2": "torso",
    "spine3": "torso",
    "neck": "torso",
    "head": "neck",
    "knee": "thigh",
    "ankle": "shin",
    "foot": "shin",
    "elbow": "upper_arm",
    "wrist": "forearm",
    "hand": "forearm",
}
_HEIGHTS = dict(zip(JOINT_NAMES, REST_OFFSETS[:, 1], strict=True))
_BELOW_SHOULDERS = (_HEIGHTS["left_collar"] + _HEIGHTS["left_shoulder"]) / _HEIGHTS["neck"]
"""Which share of the way from the chest to the neck joint lies below the middle of the shoulders."""


def estimate_proportions(person: np.ndarray, usual_points: np.ndarray) -> Proportions:
    """The proportions of a person, beside a mean body of about the same size.

    What is seen of a bone is never longer than the bone: of left and right the longer counts, and a bone that
    looks much shorter than the others is taken to be foreshortened, and to have its neighbour's ratio.

    Args:
        person: Key-points (20, 3) in pixels.
        usual_points: Where those of the mean shape would be (20, 2), in the same picture, in the rest pose.
    """
    seen: dict[str, float] = {}
    for name, pairs in BONES.items():
        ratios = [
            _length(person[:, :2], pair) / _length(usual_points, pair)
            for pair in pairs
            if _is_known(person, pair)
        ]
        if ratios:
            seen[name] = max(ratios)
    usual = float(np.median(list(seen.values()))) if seen else 1.0
    seen = {name: ratio for name, ratio in seen.items() if ratio >= FORESHORTENED * usual}
    chosen = {name: seen.get(name, _stand_in(name, seen, usual)) for name in BONES}
    return Proportions(
        {name: float(np.clip(ratio, LEAST_RATIO, GREATEST_RATIO)) for name, ratio in chosen.items()}
    )


def _stand_in(name: str, seen: dict[str, float], usual: float) -> float:
    others = [seen[other] for other in STANDS_IN[name] if other in seen]
    return others[0] if others else usual


def _indices(name: str) -> list[int]:
    return point_index("left_hip", "right_hip") if name == "mid_hip" else point_index(name)


def _length(points: np.ndarray, pair: tuple[str, str]) -> float:
    start, end = (points[_indices(name)].mean(axis=0) for name in pair)
    return float(np.linalg.norm(start - end))


def _is_known(person: np.ndarray, pair: tuple[str, str]) -> bool:
    return bool(all((person[_indices(name), 2] >= KNOWN).all() for name in pair))
