from __future__ import annotations

import math

import numpy as np
import pytest

from macedance.projection.blazepose_person import _anchor_centers, person_input, person_region
from macedance.projection.blazepose_region import Region

SQUARE = Region.of_picture((224, 224))


def outputs(*people: tuple[int, float, tuple[float, float], tuple[float, float]]) -> list[np.ndarray]:
    """Of the network, for people of an anchor, a logit, hips and a point of the circle, in pixels of 224."""
    values, logits = np.zeros((1, 2254, 12), np.float32), np.full((1, 2254, 1), -1e4, np.float32)
    for anchor, logit, hips, circle in people:
        center = _anchor_centers()[anchor] * 224
        logits[0, anchor] = logit
        values[0, anchor, :4] = *(np.array(hips) - center), 60, 80
        values[0, anchor, 4:8] = np.concatenate([np.array(hips) - center, np.array(circle) - center])
    return [values, logits]


def test_anchors_lie_in_the_middles_of_the_cells_of_five_layers() -> None:
    centers = _anchor_centers() * 224
    assert centers.shape == (2254, 2)
    assert centers[[0, 1, 2, 56]].tolist() == [[4, 4], [4, 4], [12, 4], [4, 12]]
    assert centers[[1568, 1570, 1959]].tolist() == [[8, 8], [24, 8], [216, 216]]
    assert centers[[1960, 1965, 1966, 2253]].tolist() == [[16, 16], [16, 16], [48, 16], [208, 208]]


@pytest.mark.parametrize("anchor", [3, 1600, 2100])
def test_the_square_is_told_by_two_points_whichever_anchor_tells_them(anchor: int) -> None:
    region = person_region(outputs((anchor, 3.0, (100, 120), (140, 120))), SQUARE)
    assert region is not None
    assert region.center_px == pytest.approx((100, 120), abs=1e-3)
    assert region.side_px == pytest.approx(100, abs=1e-3)
    assert region.radians == pytest.approx(math.pi / 2)


def test_boxes_of_one_person_are_averaged_by_score_and_another_person_is_not() -> None:
    logits = math.log(0.9 / 0.1), math.log(0.6 / 0.4)
    people = [(5, logits[0], (100, 120), (100, 80)), (9, logits[1], (105, 120), (105, 80))]
    other = (11, logits[1], (190, 190), (190, 150))
    region = person_region(outputs(*people, other), SQUARE)
    assert region is not None
    assert region.center_px == pytest.approx(((0.9 * 100 + 0.6 * 105) / 1.5, 120), abs=1e-3)


def test_nobody_sure_enough_is_nobody() -> None:
    assert person_region(outputs((5, -0.1, (100, 120), (100, 80))), SQUARE) is None
    assert person_region(outputs((5, 0.1, (100, 120), (100, 80))), SQUARE) is not None


def test_the_network_sees_the_whole_picture_and_its_places_are_those_of_the_picture() -> None:
    pixels, seen = person_input(np.full((224, 448, 3), 255, np.uint8))
    assert pixels.shape == (1, 224, 224, 3)
    assert (pixels[0, 60:160].min(), pixels[0, :50].max()) == (1, -1)
    region = person_region(outputs((0, 3.0, (112, 112), (112, 92))), seen)
    assert region is not None
    assert region.center_px == pytest.approx((224, 112), abs=1e-3)
    assert region.side_px == pytest.approx(100, abs=1e-3)
