from __future__ import annotations

import math

import numpy as np
import pytest

from macedance.projection.blazepose_landmarks import (
    CIRCLE,
    HIPS,
    decode_landmarks,
    landmarks_input,
    refined,
    to_vitpose,
)
from macedance.projection.blazepose_region import Region
from macedance.projection.keypoint_formats import BLAZEPOSE_NAMES, VITPOSE_NAMES, to_body_points


def outputs(values: np.ndarray, score: float = 0.9) -> list[np.ndarray]:
    """Of the network, with a cold heat-map, a mask and landmarks in space that nobody asks for."""
    others = [np.zeros((1, 256, 256, 1)), np.zeros((1, 117))]
    return [np.full((1, 64, 64, 39), -20.0), np.array([[score]]), *others, values.reshape(1, 195)]


def heat_at(row: float, column: float) -> np.ndarray:
    """A heap of heat about a cell, for one landmark."""
    rows, columns = np.indices((64, 64))
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 2)[..., None]


def test_landmarks_are_told_in_the_picture_and_where_to_look_next() -> None:
    values = np.zeros((39, 5))
    values[:, :2] = 128
    values[3, :2] = 128, 0  # in the middle above
    values[CIRCLE, :2] = 128, 64
    region = Region((200.0, 100.0), 80.0, math.pi / 2)
    body = decode_landmarks(outputs(values), region)
    assert body.score == 0.9
    assert body.points.shape == (33, 3)
    assert body.points[0, :2] == pytest.approx((200, 100))
    assert body.points[3, :2] == pytest.approx((240, 100))
    assert body.region.center_px == pytest.approx((200, 100))
    assert body.region.side_px == pytest.approx(50)
    assert body.region.radians == pytest.approx(math.pi / 2)
    assert HIPS == 33


def test_a_point_is_as_sure_as_it_is_seen_and_in_the_picture() -> None:
    values = np.zeros((39, 5))
    values[0, 3:] = 20, 20
    values[1, 3:] = -20, 20
    values[2, 3:] = 20, -20
    confidences = decode_landmarks(outputs(values), Region((0.0, 0.0), 1.0)).points[:4, 2]
    np.testing.assert_allclose(confidences, [1, 0, 0, 0.5], atol=1e-6)


def test_landmarks_move_to_the_heat_near_them() -> None:
    np.testing.assert_allclose(
        refined(np.array([[31.2, 40.8]]) / 64, heat_at(40, 30.5)) * 64, [[30.5, 40]], atol=0.1
    )


def test_landmarks_with_no_heat_near_or_outside_the_square_stay() -> None:
    far = np.array([[31.2, 40.8]]) / 64
    np.testing.assert_array_equal(refined(far, heat_at(10, 10)), far)
    np.testing.assert_array_equal(refined(far, 0.4 * heat_at(40, 30)), far)
    outside = np.array([[-0.01, 0.5]])
    np.testing.assert_array_equal(refined(outside, heat_at(32, 0)), outside)
    corner = refined(np.array([[0.0, 63.9]]) / 64, heat_at(63, 0))[0] * 64
    assert (np.abs(corner - (0, 63)) < 1).all()


def test_the_networks_picture_is_the_square() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[20:30, 20:30] = 255
    pixels = landmarks_input(picture, Region((25.0, 25.0), 10.0))
    assert pixels.shape == (1, 256, 256, 3)
    assert pixels[0, 20:-20, 20:-20].min() == 1


def test_key_points_are_those_of_vitpose() -> None:
    points = np.stack([np.arange(33.0), 100 - np.arange(33.0), np.linspace(0.2, 0.9, 33)], axis=-1)[None]
    found = dict(zip(VITPOSE_NAMES, to_vitpose(points)[0], strict=True))
    by_name = dict(zip(BLAZEPOSE_NAMES, points[0], strict=True))
    for name in ("nose", "left_eye", "right_wrist", "left_ankle", "right_heel", "left_big_toe"):
        np.testing.assert_array_equal(found[name], by_name[name])
    left, right = by_name["left_shoulder"], by_name["right_shoulder"]
    np.testing.assert_allclose(found["neck"], [*(left + right)[:2] / 2, min(left[2], right[2])])
    np.testing.assert_array_equal(found["right_small_toe"], by_name["right_big_toe"])
    assert found["head_top"][2] == 0
    np.testing.assert_allclose(found["head_top"][:2], (by_name["left_ear"] + by_name["right_ear"])[:2] / 2)
    np.testing.assert_allclose(to_body_points(to_vitpose(points))[0, -2], by_name["left_big_toe"])
