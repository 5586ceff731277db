from __future__ import annotations

import numpy as np
import pytest

from macedance.projection import POINT_NAMES, PoseSequence
from macedance.projection.body_points import point_index
from macedance.render.pose_drawing import COLORS, LIMBS, draw_pose, pose_frames, stick_width

SIZE = (480, 832)


@pytest.fixture
def points() -> np.ndarray:
    """The 20 points spread out so that no limb lies over the middle of another."""
    rng = np.random.default_rng(5)
    return np.concatenate([rng.uniform(40, 440, (20, 2)), np.ones((20, 1))], axis=1)


def only(points: np.ndarray, *names: str) -> np.ndarray:
    shown = points.copy()
    shown[:, 2] = 0
    shown[point_index(*names), 2] = 1
    return shown


@pytest.mark.parametrize(
    ("start", "end", "color"),
    [
        ("neck", "right_shoulder", (255, 0, 0)),
        ("neck", "left_shoulder", (255, 85, 0)),
        ("right_shoulder", "right_elbow", (255, 170, 0)),
        ("left_elbow", "left_wrist", (85, 255, 0)),
        ("right_knee", "right_ankle", (0, 255, 170)),
        ("left_hip", "left_knee", (0, 170, 255)),
        ("neck", "nose", (0, 0, 255)),
        ("left_eye", "left_ear", (255, 0, 170)),
        ("left_ankle", "left_toe", (255, 0, 85)),
        ("right_ankle", "right_toe", (200, 200, 0)),
    ],
)
def test_limbs_have_openposes_colours_at_three_fifths(
    points: np.ndarray, start: str, end: str, color: tuple[int, int, int]
) -> None:
    picture = draw_pose(only(points, start, end), SIZE)
    x, y = points[point_index(start, end), :2].mean(axis=0).astype(int)
    assert picture[y, x].tolist() == [int(0.6 * channel) for channel in color]


def test_joints_are_discs_in_full_colour_over_the_limbs(points: np.ndarray) -> None:
    picture = draw_pose(points, (1280, 1280))
    radius = stick_width((1280, 1280))
    assert radius == 5
    drawn = (picture == np.array(COLORS[19])).all(axis=-1)
    x, y = points[19, :2].astype(int)
    assert drawn.sum() >= 0.8 * np.pi * radius**2
    assert drawn[y, x - radius : x + radius + 1].all()
    for index in range(20):
        x, y = points[index, :2].astype(int)
        assert picture[y, x].max() > 0


def test_all_else_is_black(points: np.ndarray) -> None:
    picture = draw_pose(points, SIZE)
    assert picture.shape == (832, 480, 3)
    assert picture.dtype == np.uint8
    assert (picture.max(axis=-1) > 0).mean() < 0.05
    assert not draw_pose(points * (1, 1, 0), SIZE).any()


def test_unsure_points_and_their_limbs_are_left_out(points: np.ndarray) -> None:
    unsure = points.copy()
    unsure[:, 2] = 0.49
    unsure[point_index("neck", "left_hip"), 2] = 0.5
    picture = draw_pose(unsure, SIZE)
    found = {tuple(color) for color in picture.reshape(-1, 3) if color.any()}
    neck, hip = (COLORS[POINT_NAMES.index(name)] for name in ("neck", "left_hip"))
    limb = tuple(int(0.6 * channel) for channel in COLORS[LIMBS.index(("neck", "left_hip"))])
    assert found == {neck, hip, limb}


@pytest.mark.parametrize("angle", np.arange(0, 360, 30))
def test_limbs_are_ellipses_of_the_right_size(points: np.ndarray, angle: float) -> None:
    ends = only(points, "neck", "nose")
    direction = 100 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    ends[point_index("neck", "nose"), :2] = 640 + np.stack([-direction, direction])
    mask = (draw_pose(ends, (1280, 1280)) == [0, 0, int(0.6 * 255)]).all(axis=-1)
    assert mask.sum() == pytest.approx(np.pi * 100 * 5, rel=0.15)
    y, x = np.nonzero(mask)
    along = np.abs((x - 640) * direction[0] + (y - 640) * direction[1]) / 100
    across = np.abs((x - 640) * direction[1] - (y - 640) * direction[0]) / 100
    assert along.max() <= 101
    assert across.max() <= 6.5


def test_points_beyond_the_edges_and_limbs_without_length_do_no_harm(points: np.ndarray) -> None:
    points[point_index("neck", "nose"), :2] = 100
    points[point_index("left_ankle"), :2] = (-50, 2000)
    assert draw_pose(points, SIZE).any()


def test_frames_are_those_of_the_sequence(points: np.ndarray) -> None:
    sequence = PoseSequence(np.stack([points, points * (1, 1, 0)]), 30.0, SIZE)
    frames = list(pose_frames(sequence))
    np.testing.assert_array_equal(frames[0], draw_pose(points.astype(np.float32), SIZE))
    assert not frames[1].any()
