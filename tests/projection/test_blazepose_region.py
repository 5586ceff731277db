from __future__ import annotations

import math

import numpy as np
import pytest

from macedance.projection.blazepose_region import REGION_SCALE, Region


@pytest.mark.parametrize("dot", [(60, 40), (83, 55), (70, 71)])
@pytest.mark.parametrize(
    "region",
    [Region((70.0, 50.0), 64.0), Region((70.0, 50.0), 80.0, 0.7), Region((66.0, 58.0), 100.0, -2.5)],
)
def test_what_is_in_the_crop_is_told_back_to_where_it_is_in_the_picture(
    region: Region, dot: tuple[int, int]
) -> None:
    picture = np.zeros((100, 140, 3), np.uint8)
    picture[dot[1] - 1 : dot[1] + 2, dot[0] - 1 : dot[0] + 2] = 255
    crop = region.crop(picture, 200)
    assert crop.shape == (200, 200, 3)
    assert crop.dtype == np.float32
    rows, columns = np.nonzero(crop[..., 0] > 0.5)
    seen = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) / 200
    np.testing.assert_allclose(region.to_picture(seen), np.array(dot) + 0.5, atol=0.3)


def test_a_wide_picture_lies_in_its_square_with_black_above_and_below() -> None:
    crop = Region.of_picture((100, 50)).crop(np.full((50, 100, 3), 255, np.uint8), 40)
    assert (crop[12:28] == 1).all()
    assert (crop[:9] == 0).all()
    assert (crop[31:] == 0).all()


@pytest.mark.parametrize("radians", [0.0, 1.0, math.pi, -2.0])
def test_a_body_stands_upright_in_its_square_however_it_lies_in_the_picture(radians: float) -> None:
    hips = np.array([40.0, 30.0])
    circle = hips + 20.0 * np.array([math.sin(radians), -math.cos(radians)])
    region = Region.of_body(hips, circle)
    np.testing.assert_allclose(region.to_picture(np.array([0.5, 0.5])), hips)
    np.testing.assert_allclose(region.to_picture(np.array([0.5, 0.5 - 0.5 / REGION_SCALE])), circle)
    assert region.side_px == pytest.approx(50.0)
