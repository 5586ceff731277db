"""What BlazePose's first network tells: where in a picture a person is. Axis letters: A anchors (2254)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from macedance.projection.blazepose_region import Region

PERSON_SIDE_PX = 224
STRIDES_PX = (8, 16, 32, 32, 32)
ANCHORS_A_CELL = 2
LEAST_SCORE = 0.5
LARGEST_LOGIT = 100.0
LEAST_OVERLAP = 0.3
"""Boxes that overlap by more, as intersection over union, are of the same person."""


def person_input(picture: np.ndarray) -> tuple[np.ndarray, Region]:
    """What the network takes, float32 (1, 224, 224, 3) in -1..1, and the square of the picture that it shows."""
    height, width = picture.shape[:2]
    region = Region.of_picture((width, height))
    return region.crop(picture, PERSON_SIDE_PX)[None] * 2.0 - 1.0, region


def person_region(outputs: Sequence[np.ndarray], region: Region) -> Region | None:
    """The square about the surest person in a picture; None if there is none.

    Args:
        outputs: Of the network, in any order: (1, A, 12), an offset from the anchor in pixels of the box's middle,
            its width and height, and offsets of four points, of which the first two are the middle of the hips
            and a point on the circle about them that holds the body; and (1, A, 1), logits.
        region: What the network saw.
    """
    values, logits = _by_width(outputs, 12)[0], _by_width(outputs, 1)[0, :, 0]
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits.astype(np.float64), -LARGEST_LOGIT, LARGEST_LOGIT)))
    kept = scores >= LEAST_SCORE
    if not kept.any():
        return None
    centers, scores = _anchor_centers()[kept], scores[kept]
    middles = values[kept, :2] / PERSON_SIDE_PX + centers
    halves = values[kept, 2:4] / PERSON_SIDE_PX / 2
    points = values[kept, 4:8].reshape(-1, 2, 2) / PERSON_SIDE_PX + centers[:, None]
    same = _overlaps(middles - halves, middles + halves, int(scores.argmax())) > LEAST_OVERLAP
    same[scores.argmax()] = True
    hips, circle = region.to_picture(np.average(points[same], axis=0, weights=scores[same]))
    return Region.of_body(hips, circle)


def _by_width(outputs: Sequence[np.ndarray], width: int) -> np.ndarray:
    return next(output for output in outputs if output.shape[-1] == width)


@functools.cache
def _anchor_centers() -> np.ndarray:
    """Middles of the anchors (A, 2), x and y in 0..1, in the network's order: rows of cells, by stride.

    Strides that follow each other and are equal share their cells, which then have more anchors.
    """
    centers = []
    for stride in dict.fromkeys(STRIDES_PX):
        num_cells = PERSON_SIDE_PX // stride
        y, x = np.meshgrid(*[(np.arange(num_cells) + 0.5) / num_cells] * 2, indexing="ij")
        cells = np.stack([x, y], axis=-1).reshape(-1, 2)
        centers.append(np.repeat(cells, ANCHORS_A_CELL * STRIDES_PX.count(stride), axis=0))
    return np.concatenate(centers)


def _overlaps(lows: np.ndarray, highs: np.ndarray, of: int) -> np.ndarray:
    """Intersection over union of all boxes with one of them."""
    sides = np.clip(np.minimum(highs, highs[of]) - np.maximum(lows, lows[of]), 0.0, None)
    shared = sides.prod(axis=-1)
    areas = np.clip(highs - lows, 0.0, None).prod(axis=-1)
    return shared / np.maximum(areas + areas[of] - shared, 1e-12)
