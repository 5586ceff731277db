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
from macedance.geometry.skeleton import JOINT_NAMES, MIRRORED_JOINTS
from macedance.metrics.functional.self_intersection import segment_distance, self_intersection
from macedance.metrics.self_intersection import SelfIntersectionRatio

GOLDEN = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data")) / "golden" / "motion_metrics.npz"
RECORDED = ["gBR_sBM_cAll_d04_mBR2_ch08", "gJS_sBM_cAll_d03_mJS2_ch07"]
LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE = 1, 2, 4, 5
LEFT_SHOULDER, LEFT_ARM, RIGHT_ARM = 16, [18, 20, 22], [19, 21, 23]


@pytest.fixture(scope="module")
def dances() -> list[Motion]:
    return [
        Motion(*map(torch.from_numpy, choreograph(make_song(8, seed, sample_rate=8000), seed)))
        for seed in range(4)
    ]


def posed(**rotations: tuple[float, float, float]) -> Tensor:
    """One frame of joints (1, 24, 3) with some joints turned, by name, in degrees."""
    poses = torch.zeros(1, 24, 3)
    for name, degrees in rotations.items():
        poses[0, JOINT_NAMES.index(name)] = torch.tensor(degrees).deg2rad()
    return Motion(poses, torch.zeros(1, 3)).joints().double()


def with_arm(joints: list[int], *points: tuple[float, float, float]) -> Tensor:
    """The rest pose (1, 24, 3) with elbow, wrist and hand of one arm put somewhere."""
    rest = posed()
    rest[0, joints] = torch.tensor(points, dtype=torch.float64)
    return rest


CROSSED_LEGS = {"left_hip": (0, 0, -25), "right_hip": (0, 0, 25)}


def test_segment_distance_equals_a_search_on_a_grid() -> None:
    generator = torch.Generator().manual_seed(0)
    ends = torch.randn(40, 4, 3, generator=generator, dtype=torch.float64)
    ends[:5, 1] = ends[:5, 0]  # points
    ends[5:10, 3] = ends[5:10, 2] + 0.5 * (ends[5:10, 1] - ends[5:10, 0])  # parallel
    ends[10:15, 2] = (ends[10:15, 0] + ends[10:15, 1]) / 2  # touching
    fractions = torch.linspace(0, 1, 401, dtype=torch.float64)[:, None]
    distances = segment_distance(*ends.unbind(dim=1))
    for (start, end, other_start, other_end), distance in zip(ends, distances, strict=True):
        points, others = (
            start + fractions * (end - start),
            other_start + fractions * (other_end - other_start),
        )
        np.testing.assert_allclose(distance, torch.cdist(points, others).min(), atol=0.015)
        assert distance <= torch.cdist(points, others).min() + 1e-6
    swapped = segment_distance(ends[:, 3], ends[:, 2], ends[:, 1], ends[:, 0])
    np.testing.assert_allclose(swapped, distances, atol=1e-9)


@pytest.mark.parametrize(
    "joints",
    [
        pytest.param(posed(), id="rest"),
        pytest.param(posed(left_shoulder=(0, 0, -80), right_shoulder=(0, 0, 80)), id="arms hanging"),
        pytest.param(posed(left_shoulder=(0, 0, 85), right_shoulder=(0, 0, -85)), id="arms up"),
        pytest.param(
            posed(left_hip=(-20, 0, -20), right_hip=(15, 0, 20)), id="legs crossed, one before the other"
        ),
        pytest.param(posed(left_hip=(-120, 0, 0), left_knee=(140, 0, 0)), id="knee to chest"),
        pytest.param(
            with_arm(LEFT_ARM, (0.42, 0.02, -0.05), (0.24, -0.18, 0.02), (0.18, -0.24, 0.05)),
            id="hand on hip",
        ),
        pytest.param(
            with_arm(LEFT_ARM, (0.3, 0.05, 0.12), (0.1, 0.1, 0.16), (0.02, 0.1, 0.15)), id="hand on chest"
        ),
        pytest.param(
            with_arm(LEFT_ARM, (0.42, 0.3, 0.05), (0.2, 0.42, -0.06), (0.11, 0.45, -0.08)), id="hand on head"
        ),
    ],
)
def test_everyday_poses_do_not_intersect(joints: Tensor) -> None:
    assert self_intersection(joints) == 0


def test_clapping_and_folded_arms_do_not_intersect() -> None:
    clap = with_arm(LEFT_ARM, (0.28, 0.1, 0.15), (0.05, 0.1, 0.35), (0.01, 0.12, 0.43))
    clap[0, RIGHT_ARM] = clap[0, LEFT_ARM] * torch.tensor([-1.0, 1.0, 1.0])
    assert self_intersection(clap) == 0
    folded = with_arm(LEFT_ARM, (0.24, 0.02, 0.06), (0.0, 0.06, 0.16), (-0.07, 0.07, 0.15))
    folded[0, RIGHT_ARM] = torch.tensor([[-0.24, 0.02, 0.06], [0.0, 0.06, 0.23], [0.07, 0.07, 0.22]]).double()
    assert self_intersection(folded) == 0


@pytest.mark.parametrize(
    "joints",
    [
        pytest.param(posed(**CROSSED_LEGS), id="legs"),
        pytest.param(
            posed(
                left_hip=(-30, 0, -22), right_hip=(-30, 0, 22), left_knee=(50, 0, 0), right_knee=(50, 0, 0)
            ),
            id="bent legs",
        ),
        pytest.param(
            with_arm(LEFT_ARM, (0.2, 0.1, 0.3), (0.05, 0.05, 0.1), (0.02, 0.03, 0.01)), id="hand in chest"
        ),
        pytest.param(
            with_arm(RIGHT_ARM, (-0.2, 0.1, 0.3), (0.0, 0.2, 0.1), (0.0, 0.2, -0.1)),
            id="forearm through chest",
        ),
        pytest.param(
            with_arm(LEFT_ARM, (0.42, 0.3, 0.05), (0.15, 0.45, 0.04), (0.06, 0.46, 0.04)), id="hand in head"
        ),
        pytest.param(
            with_arm(LEFT_ARM, (0.3, 0.0, 0.1), (0.15, -0.4, 0.05), (0.08, -0.48, 0.02)), id="hand in thigh"
        ),
        pytest.param(posed(left_shoulder=(0, 0, -125)), id="arm through belly"),
    ],
)
def test_broken_poses_intersect(joints: Tensor) -> None:
    assert self_intersection(joints) == 1


def test_arms_that_run_through_one_another() -> None:
    joints = with_arm(LEFT_ARM, (0.2, 0.1, 0.2), (-0.05, 0.2, 0.4), (-0.1, 0.22, 0.45))
    joints[0, RIGHT_ARM] = joints[0, LEFT_ARM] * torch.tensor([-1.0, 1.0, 1.0])
    assert self_intersection(joints) == 1


def test_the_tolerance_is_the_depth_that_counts() -> None:
    legs = posed(**CROSSED_LEGS)  # the axes of thighs with a radius of 5 cm meet: 10 cm
    assert self_intersection(legs, tolerance_metres=0.095) == 1
    assert self_intersection(legs, tolerance_metres=0.105) == 0


def test_the_share_is_of_frames() -> None:
    clip = torch.cat([posed(), posed(**CROSSED_LEGS), posed(), posed()])
    value = self_intersection(clip)
    assert value == 0.25
    assert value.dtype == torch.float64


def test_dances_do_not_intersect_but_broken_ones_and_noise_do(dances) -> None:
    assert np.mean([self_intersection(dance.joints()) for dance in dances]) < 0.02
    for dance in dances:
        poses = dance.poses.clone()
        poses[:, [LEFT_HIP, RIGHT_HIP]] = torch.tensor([[0.0, 0.0, -0.45], [0.0, 0.0, 0.45]])
        poses[:, [LEFT_KNEE, RIGHT_KNEE]] = 0.0
        assert self_intersection(Motion(poses, dance.trans).joints()) == 1
    noise = torch.randn(200, 24, 3, generator=torch.Generator().manual_seed(0))
    assert self_intersection(Motion(noise, torch.zeros(200, 3)).joints()) > 0.5


def test_place_heading_and_mirror_are_indifferent() -> None:
    noise = 0.7 * torch.randn(100, 24, 3, generator=torch.Generator().manual_seed(0))
    motion = Motion(noise, torch.zeros(100, 3))
    joints = motion.joints()
    reference = self_intersection(joints)
    assert 0.05 < reference < 0.95
    assert self_intersection(motion.turned(0.7).joints() + 3.0) == reference
    assert self_intersection(joints[:, list(MIRRORED_JOINTS)] * torch.tensor([-1.0, 1.0, 1.0])) == reference


def test_no_frames_and_nan_give_nan() -> None:
    clip = posed().repeat(5, 1, 1)
    assert self_intersection(clip[:0]).isnan()
    clip[2, LEFT_SHOULDER] = torch.nan
    assert self_intersection(clip).isnan()


def test_clips_count_alike_and_those_without_a_number_are_left_out() -> None:
    metric = SelfIntersectionRatio()
    metric.update([posed(**CROSSED_LEGS).repeat(3, 1, 1), posed().repeat(20, 1, 1), posed()[:0]])
    assert metric.compute() == 0.5
    assert (metric.num_clips, metric.num_excluded) == (2, 1)
    lenient = SelfIntersectionRatio(tolerance_metres=0.2)
    lenient.update(posed(**CROSSED_LEGS)[None])
    assert lenient.compute() == 0


def test_clone_pickle_reset_and_plot() -> None:
    mpl.use("Agg")
    metric = SelfIntersectionRatio(tolerance_metres=0.03)
    metric.update(torch.cat([posed(), posed(**CROSSED_LEGS)])[None])
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute() == 0.5
        assert copy.tolerance_metres == 0.03
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [0.5])
    metric.reset()
    assert metric.num_clips == 0


def test_refuses_fewer_joints() -> None:
    with pytest.raises(ValueError, match=r"J at least 24, got \(30, 22, 3\)"):
        self_intersection(torch.zeros(30, 22, 3))


@pytest.mark.real_data
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_dances_hardly_intersect(name: str) -> None:
    if not GOLDEN.exists():
        pytest.skip(f"real recordings are not at {GOLDEN}")
    with np.load(GOLDEN, allow_pickle=False) as arrays:
        joints = torch.from_numpy(arrays[f"{name}/joints_60fps"])
    assert self_intersection(joints) < 0.04
