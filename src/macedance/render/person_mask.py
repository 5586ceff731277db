"""Where a person is in a picture, by key-points: limbs as capsules. H, W height and width; K key-points (20)."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw

from macedance.projection.body_points import POINT_NAMES

MIN_CONFIDENCE = 0.3
"""A point that a pose drawing would leave out may still tell where the person is."""

TORSO_METRES = 0.50
"""From the middle of the shoulders to that of the hips."""
SHOULDER_METRES, THIGH_METRES, SHIN_METRES = 0.36, 0.39, 0.43
LIMB_RADII_METRES = {
    ("right_shoulder", "right_elbow"): 0.13,
    ("left_shoulder", "left_elbow"): 0.13,
    ("right_elbow", "right_wrist"): 0.11,
    ("left_elbow", "left_wrist"): 0.11,
    ("right_hip", "right_knee"): 0.17,
    ("left_hip", "left_knee"): 0.17,
    ("right_knee", "right_ankle"): 0.13,
    ("left_knee", "left_ankle"): 0.13,
    ("right_ankle", "right_toe"): 0.11,
    ("left_ankle", "left_toe"): 0.11,
    ("right_shoulder", "left_hip"): 0.15,
    ("left_shoulder", "right_hip"): 0.15,
    ("right_shoulder", "right_hip"): 0.15,
    ("left_shoulder", "left_hip"): 0.15,
    ("right_shoulder", "left_shoulder"): 0.13,
    ("right_hip", "left_hip"): 0.17,
    ("nose", "neck"): 0.13,
}
"""How far a person in clothes reaches around the line between two points."""
HEAD_RADIUS_METRES = 0.24
"""Around the nose, hair included."""
HAND_METRES, SHOE_METRES = 0.20, 0.12
"""How far hands reach beyond the wrists, along the lower arm, and shoes beyond ankles and toes."""
HAND_RADIUS_METRES = 0.12


def person_mask(keypoints: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    """Where a person in clothes with key-points (K, 3) may be, bool (H, W).

    Raises:
        ValueError: the key-points do not tell how large the person is.
    """
    known = {
        name: keypoints[index, :2]
        for index, name in enumerate(POINT_NAMES)
        if keypoints[index, 2] >= MIN_CONFIDENCE
    }
    scale = pixels_per_metre(known)
    canvas = PIL.Image.new("1", size_px)
    draw = PIL.ImageDraw.Draw(canvas)
    for ends, radius in LIMB_RADII_METRES.items():
        if known.keys() >= set(ends):
            _capsule(draw, known[ends[0]], known[ends[1]], radius * scale)
    for start, end, reach, radius in _extremities(known):
        _capsule(draw, end, end + reach * scale * _direction(start, end), radius * scale)
    head = [
        known[name] for name in ("nose", "right_eye", "left_eye", "right_ear", "left_ear") if name in known
    ]
    if head:
        _capsule(draw, np.mean(head, axis=0), np.mean(head, axis=0), HEAD_RADIUS_METRES * scale)
    return np.array(canvas)


def pixels_per_metre(known: dict[str, np.ndarray]) -> float:
    """The scale of a person of common size: foreshortening only makes bones shorter, so the longest one tells.

    Raises:
        ValueError: no bone is known.
    """
    shoulders, hips = (
        [known[f"{side}_{name}"] for side in ("left", "right") if f"{side}_{name}" in known]
        for name in ("shoulder", "hip")
    )
    lengths = [
        np.linalg.norm(known[start] - known[end]) / metres
        for side in ("left", "right")
        for start, end, metres in (
            (f"{side}_hip", f"{side}_knee", THIGH_METRES),
            (f"{side}_knee", f"{side}_ankle", SHIN_METRES),
        )
        if start in known and end in known
    ]
    if shoulders and hips:
        lengths.append(np.linalg.norm(np.mean(shoulders, axis=0) - np.mean(hips, axis=0)) / TORSO_METRES)
    if len(shoulders) == 2:
        lengths.append(np.linalg.norm(shoulders[0] - shoulders[1]) / SHOULDER_METRES)
    if not lengths or max(lengths) <= 0:
        raise ValueError(
            "keypoints must tell a torso or a leg of the person, with a confidence of at least "
            f"{MIN_CONFIDENCE}; known are only {', '.join(known) or 'none'}: give others, or none"
        )
    return float(max(lengths))


def _extremities(known: dict[str, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
    """For each hand and foot: where the limb comes from and ends, how far it goes on, and its radius."""
    ends = [
        (f"{side}_{start}", f"{side}_{end}", reach, radius)
        for side in ("left", "right")
        for start, end, reach, radius in (
            ("elbow", "wrist", HAND_METRES, HAND_RADIUS_METRES),
            ("knee", "ankle", SHOE_METRES, LIMB_RADII_METRES["left_ankle", "left_toe"]),
            ("ankle", "toe", SHOE_METRES, LIMB_RADII_METRES["left_ankle", "left_toe"]),
        )
    ]
    return [
        (known[start], known[end], reach, radius)
        for start, end, reach, radius in ends
        if start in known and end in known
    ]


def _direction(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)


def _capsule(draw: PIL.ImageDraw.ImageDraw, start: np.ndarray, end: np.ndarray, radius: float) -> None:
    draw.line([*start.tolist(), *end.tolist()], fill=1, width=max(round(2 * radius), 1))
    for x, y in (start.tolist(), end.tolist()):
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=1)
