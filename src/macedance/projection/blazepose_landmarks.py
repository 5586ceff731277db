"""What BlazePose's second network tells: a body's landmarks in its square.

Axis letters: L landmarks (39, of which 33 are of the body), C cells of a heat-map (64 by 64).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from macedance.projection.blazepose_region import Region
from macedance.projection.keypoint_formats import BLAZEPOSE_NAMES, VITPOSE_NAMES

LANDMARKS_SIDE_PX = 256
NUM_LANDMARKS = 39
HIPS, CIRCLE = 33, 34
"""The landmarks that tell the square about the body: the middle of the hips, and a point on its circle."""
KERNEL_CELLS = 7
LEAST_HEAT = 0.5
_VALUES_A_LANDMARK = 5  # x, y, depth, logit of visibility, logit of presence
_TAKEN_FROM = {
    "head_top": ("left_ear", "right_ear"),
    "neck": ("left_shoulder", "right_shoulder"),
    "left_small_toe": ("left_big_toe",),
    "right_small_toe": ("right_big_toe",),
}
_SOURCES = [_TAKEN_FROM.get(name, (name,)) for name in VITPOSE_NAMES]
_UNKNOWN = VITPOSE_NAMES.index("head_top")


@dataclass(frozen=True, eq=False)
class Landmarks:
    """A body in a picture.

    Attributes:
        points: (33, 3), x and y in pixels, and confidence, as :data:`BLAZEPOSE_NAMES` has them.
        region: The square about the body, in which it will be found in the next frame.
        score: How sure it is in 0..1 that a body is there.
    """

    points: np.ndarray
    region: Region
    score: float


def landmarks_input(picture: np.ndarray, region: Region) -> np.ndarray:
    """What the network takes, float32 (1, 256, 256, 3) in 0..1."""
    return region.crop(picture, LANDMARKS_SIDE_PX)[None]


def decode_landmarks(outputs: Sequence[np.ndarray], region: Region) -> Landmarks:
    """The body in a square.

    A point's confidence is the probability that it is in the picture and not hidden.

    Args:
        outputs: Of the network, in any order: (1, L * 5), (1, 1) and (1, C, C, L); others are ignored.
        region: What it saw.
    """
    by_shape = {output.shape[1:]: output[0] for output in outputs}
    values = by_shape[(NUM_LANDMARKS * _VALUES_A_LANDMARK,)].reshape(NUM_LANDMARKS, _VALUES_A_LANDMARK)
    heat = next(output for shape, output in by_shape.items() if len(shape) == 3 and shape[2] == NUM_LANDMARKS)
    positions = region.to_picture(refined(values[:, :2] / LANDMARKS_SIDE_PX, _sigmoid(heat)))
    confidences = _sigmoid(values[:, 3:]).min(axis=-1)
    points = np.concatenate([positions, confidences[:, None]], axis=-1)[: len(BLAZEPOSE_NAMES)]
    following = Region.of_body(positions[HIPS], positions[CIRCLE])
    return Landmarks(points, following, float(by_shape[(1,)][0]))


def refined(positions: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Positions (L, 2) in 0..1, moved to the middle of the heat (C, C, L) in the 7 by 7 cells about them.

    A landmark stays where it is if no cell there is hotter than 0.5. A cell stands for its upper left corner.
    """
    num_cells = heat.shape[0]
    moved = positions.astype(np.float64)
    before = KERNEL_CELLS // 2
    cells = np.floor(np.clip(positions, -1.0, 2.0) * num_cells).astype(int)
    for landmark, (column, row) in enumerate(cells):
        if not (0 <= column < num_cells and 0 <= row < num_cells):
            continue
        left, top = max(column - before, 0), max(row - before, 0)
        window = heat[top : row + before + 1, left : column + before + 1, landmark]
        if window.max() >= LEAST_HEAT:
            rows, columns = np.indices(window.shape)
            middle = [np.average(columns, weights=window) + left, np.average(rows, weights=window) + top]
            moved[landmark] = np.array(middle) / num_cells
    return moved


def to_vitpose(points: np.ndarray) -> np.ndarray:
    """ViTPose's 25 key-points (..., 25, 3) of BlazePose's (..., 33, 3).

    The neck is the middle of the shoulders, as sure as the less sure. Both toes of a foot are its tip. The top of the
    head is not known: it stands between the ears, with a confidence of 0.
    """
    found = np.zeros((*points.shape[:-2], len(VITPOSE_NAMES), 3))
    for index, names in enumerate(_SOURCES):
        sources = points[..., [BLAZEPOSE_NAMES.index(name) for name in names], :]
        found[..., index, :2] = sources[..., :2].mean(axis=-2)
        found[..., index, 2] = sources[..., 2].min(axis=-1)
    found[..., _UNKNOWN, 2] = 0.0
    return found


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(logits.astype(np.float64), -50.0, 50.0)))
