from __future__ import annotations

import os
import pickle
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.geometry.motion import Motion
from macedance.metrics.floor_contact import FloorFloat, FloorPenetration
from macedance.metrics.functional.floor_contact import (
    estimate_floor_height,
    floor_float,
    floor_penetration,
    lowest_points,
)

GOLDEN = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data")) / "golden" / "motion_metrics.npz"
RECORDED = ["gBR_sBM_cAll_d04_mBR2_ch08", "gJS_sBM_cAll_d03_mJS2_ch07"]
PELVIS, LEFT_KNEE, LEFT_ANKLE, LEFT_TOES, LEFT_HAND = 0, 4, 7, 10, 22


@pytest.fixture(scope="module")
def dances() -> list[Tensor]:
    """Joints of four dances on the floor y = 0."""
    return [
        Motion(*map(torch.from_numpy, choreograph(make_song(8, seed, sample_rate=8000), seed))).joints()
        for seed in range(4)
    ]


def standing(num_frames: int = 40, height: float = 0.0) -> Tensor:
    """The rest pose with its soles at a height, (T, 24, 3)."""
    joints = Motion(torch.zeros(num_frames, 24, 3), torch.zeros(num_frames, 3)).joints().double()
    joints[..., 1] += height - lowest_points(joints)[:, None]
    return joints


def test_a_body_that_stands_flat_neither_sinks_nor_hovers() -> None:
    for height in (0.0, 1.3):
        joints = standing(height=height)
        for floor in (None, height):
            assert floor_penetration(joints, floor) == 0
            assert floor_float(joints, floor) == 0
        np.testing.assert_allclose(estimate_floor_height(joints), height, atol=1e-12)


def test_heels_and_toes_of_the_rest_pose_stand_on_one_level() -> None:
    joints = standing(1)
    for raised in ([7, 8], [10, 11], [7, 10], [8, 11]):  # ankles, toes, left foot, right foot
        partly = joints.clone()
        partly[:, raised, 1] += 0.02
        partly[:, [4, 5], 1] += 0.02 if 7 in raised else 0.0
        np.testing.assert_allclose(lowest_points(partly), 0, atol=1e-3)


def test_sunk_and_hovering_bodies_show_against_a_known_floor(dances) -> None:
    for joints in dances:
        down, up = joints.clone(), joints.clone()
        down[..., 1] -= 0.05
        up[..., 1] += 0.05
        np.testing.assert_allclose(floor_penetration(down, 0.0), 0.05, atol=0.005)
        assert floor_float(down, 0.0) < 0.005
        assert floor_float(up, 0.0) > 0.045
        assert floor_penetration(up, 0.0) == 0
        for moved in (down, up):  # an estimated floor moves along
            np.testing.assert_allclose(floor_penetration(moved), floor_penetration(joints), atol=1e-4)
            np.testing.assert_allclose(floor_float(moved), floor_float(joints), atol=1e-4)


def test_dances_stay_on_the_floor_whether_known_or_estimated(dances) -> None:
    for joints in dances:
        for floor in (None, 0.0):
            assert floor_penetration(joints, floor) < 0.002
            assert floor_float(joints, floor) < 0.01


def test_distances_are_means_over_frames_beyond_the_tolerance() -> None:
    joints = standing(5)
    joints[..., 1] += torch.tensor([0.004, -0.004, 0.03, -0.02, 0.2], dtype=torch.float64)[:, None]
    np.testing.assert_allclose(floor_float(joints, 0.0), (0.03 + 0.2) / 5)
    np.testing.assert_allclose(floor_penetration(joints, 0.0), 0.02 / 5)
    np.testing.assert_allclose(floor_float(joints, 0.0, tolerance_metres=0.0), (0.004 + 0.03 + 0.2) / 5)
    np.testing.assert_allclose(floor_penetration(joints, 0.0, tolerance_metres=0.025), 0)


def test_the_estimate_is_the_middle_of_the_shortest_half() -> None:
    generator = torch.Generator().manual_seed(1)
    for num_frames in (1, 2, 7, 30):
        joints = torch.randn(num_frames, 24, 3, generator=generator, dtype=torch.float64)
        heights = np.sort(lowest_points(joints).numpy())
        size = num_frames // 2 + 1
        halves = [heights[first : first + size] for first in range(num_frames - size + 1)]
        half = min(halves, key=lambda interval: interval[-1] - interval[0])
        assert estimate_floor_height(joints) == half[(size - 1) // 2]


def test_jumps_and_stumbles_do_not_move_the_estimate() -> None:
    joints = standing(50)
    joints[:15, :, 1] += torch.linspace(0.1, 0.6, 15)[:, None]
    joints[15:22, :, 1] -= torch.linspace(0.02, 0.1, 7)[:, None]
    np.testing.assert_allclose(estimate_floor_height(joints), 0, atol=1e-12)
    np.testing.assert_allclose(floor_float(joints), 0.35 * 15 / 50, rtol=1e-6)
    np.testing.assert_allclose(floor_penetration(joints), 0.06 * 7 / 50, rtol=1e-6)


@pytest.mark.parametrize(
    ("joint", "on_floor", "below_floor"),
    [(LEFT_HAND, 0.03, -0.06), (LEFT_KNEE, 0.05, -0.05), (PELVIS, 0.1, 0.02), (LEFT_TOES, 0.027, -0.03)],
)
def test_parts_on_the_floor_are_in_it_only_if_under_it(
    joint: int, on_floor: float, below_floor: float
) -> None:
    joints = standing()
    joints[:, joint, 1] = on_floor
    if joint == LEFT_KNEE:
        joints[:, LEFT_ANKLE] = joints[:, LEFT_KNEE] + torch.tensor([0.0, 0.0, -0.4], dtype=torch.float64)
    assert floor_penetration(joints, 0.0) == 0
    joints[:, joint, 1] = below_floor
    assert floor_penetration(joints, 0.0) > 0.04


def test_a_body_that_sits_or_stands_on_a_hand_does_not_hover() -> None:
    for joint, height in ((PELVIS, 0.09), (LEFT_HAND, 0.02)):
        joints = standing(height=0.5)
        joints[:, joint, 1] = height
        assert floor_float(joints, 0.0) == 0


def test_place_and_heading_are_indifferent(dances) -> None:
    sine, cosine = np.sin(0.7), np.cos(0.7)
    turn = torch.tensor([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]], dtype=torch.float64)
    noise = 0.03 * torch.randn(
        dances[0].shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    joints = dances[0].double() + noise
    moved = joints @ turn.mT + torch.tensor([2.0, 0.0, -1.0])
    for distance in (floor_penetration, floor_float):
        for floor in (None, 0.0):
            np.testing.assert_allclose(distance(moved, floor), distance(joints, floor), atol=1e-9)


def test_no_frames_and_nan_give_nan_and_one_frame_is_its_own_floor() -> None:
    broken = standing()
    broken[3, 5] = torch.nan
    for joints in (standing()[:0], broken):
        for floor in (None, 0.0):
            assert floor_penetration(joints, floor).isnan()
            assert floor_float(joints, floor).isnan()
    assert floor_float(standing(1)) == 0


def test_clips_count_alike_and_those_without_a_number_are_left_out() -> None:
    clips = [standing(10, height=-0.1), standing(50), standing(7, height=0.2), standing()[:0]]
    for metric, expected in (
        (FloorPenetration(floor_height_metres=0.0), 0.1 / 3),
        (FloorFloat(floor_height_metres=0.0), 0.2 / 3),
        (FloorPenetration(floor_height_metres=0.0, tolerance_metres=0.3), 0.0),
        (FloorFloat(), 0.0),
    ):
        metric.update(clips)
        np.testing.assert_allclose(metric.compute(), expected, atol=1e-9)
        assert (metric.num_clips, metric.num_excluded) == (3, 1)


@pytest.mark.parametrize("kind", [FloorPenetration, FloorFloat])
def test_clone_pickle_reset_and_plot(kind) -> None:
    mpl.use("Agg")
    metric = kind(floor_height_metres=0.1)
    metric.update(torch.stack([standing(height=0.2), standing()]))
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute() > 0
        assert copy.floor_height_metres == 0.1
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    metric.reset()
    assert metric.num_clips == 0


def test_refuses_fewer_joints() -> None:
    for function in (floor_penetration, floor_float, estimate_floor_height, lowest_points):
        with pytest.raises(ValueError, match=r"J at least 24, got \(30, 22, 3\)"):
            function(torch.zeros(30, 22, 3))


@pytest.mark.real_data
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_dances_stay_near_an_estimated_floor(name: str) -> None:
    if not GOLDEN.exists():
        pytest.skip(f"real recordings are not at {GOLDEN}")
    with np.load(GOLDEN, allow_pickle=False) as arrays:
        joints = torch.from_numpy(arrays[f"{name}/joints_60fps"])
    assert floor_penetration(joints) < 0.02
    assert floor_float(joints) < 0.015
