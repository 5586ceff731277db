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
from macedance.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from macedance.geometry.skeleton import JOINT_NAMES, MIRRORED_JOINTS
from macedance.metrics.functional.joint_limits import (
    LIMITED_JOINTS,
    joint_limit_excess_degrees,
    joint_limit_violations,
)
from macedance.metrics.joint_limits import JointLimitViolations

REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))


@pytest.fixture(scope="module")
def dances() -> list[Tensor]:
    return [torch.from_numpy(choreograph(make_song(8, seed, sample_rate=8000), seed)[0]) for seed in range(4)]


def posed(**rotations: tuple[float, float, float]) -> Tensor:
    """Poses (1, 24, 3) with some joints turned, by name, in degrees."""
    poses = torch.zeros(1, 24, 3, dtype=torch.float64)
    for name, degrees in rotations.items():
        poses[0, JOINT_NAMES.index(name)] = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    return poses


def turned(*rotations: tuple[float, float, float]) -> tuple[float, ...]:
    """Rotations in degrees one after the other, the last first, as one in degrees."""
    matrix = torch.eye(3, dtype=torch.float64)
    for degrees in rotations:
        matrix = matrix @ axis_angle_to_matrix(torch.tensor(degrees, dtype=torch.float64).deg2rad())
    return tuple(matrix_to_axis_angle(matrix).rad2deg().tolist())


def excess(poses: Tensor) -> dict[str, float]:
    """Degrees by limited joint, of those beyond their range in the first frame."""
    values = joint_limit_excess_degrees(poses)[0].tolist()
    return {name: value for name, value in zip(LIMITED_JOINTS, values, strict=True) if value > 1e-4}


def test_the_rest_pose_is_in_range() -> None:
    values = joint_limit_excess_degrees(torch.zeros(3, 24, 3))
    assert values.shape == (3, len(LIMITED_JOINTS)) == (3, 14)
    assert values.dtype == torch.float64
    assert not values.any()
    assert joint_limit_violations(torch.zeros(3, 24, 3), tolerance_degrees=0.0) == 0


@pytest.mark.parametrize("degrees", [-60, -30, -12, -8, 0, 40, 100, 148, 155, 170])
@pytest.mark.parametrize(
    ("joint", "axis"),
    [
        ("left_knee", (1, 0, 0)),
        ("right_knee", (1, 0, 0)),
        ("left_elbow", (0, -1, 0)),
        ("right_elbow", (0, 1, 0)),
    ],
)
def test_hinges_bend_one_way(joint: str, axis: tuple[int, int, int], degrees: float) -> None:
    # An upper arm that turns outwards may send a bend to within 70 degrees of the way opposite to the middle.
    seen = 1.0 if "knee" in joint else np.sin(np.radians(70))
    expected = max(-degrees * seen - 10, degrees - 150, 0)
    found = excess(posed(**{joint: tuple(degrees * component for component in axis)}))
    assert list(found) == ([joint] if expected else [])
    np.testing.assert_allclose(found.get(joint, 0.0), expected, atol=1e-6)


@pytest.mark.parametrize("twist", [-85, -30, 30, 85])
def test_a_bent_elbow_after_a_twist_of_the_shoulder_is_in_range_wherever_the_twist_is(twist: float) -> None:
    bend, twist_by = (0, -100, 0), (twist, 0, 0)
    assert not excess(posed(left_shoulder=twist_by, left_elbow=bend))
    assert not excess(posed(left_elbow=turned(twist_by, bend, (-twist, 0, 0))))
    assert not excess(posed(left_shoulder=(-twist, 0, 0), left_elbow=turned(twist_by, bend)))


@pytest.mark.parametrize("twist", [-55, 65])
def test_a_bent_knee_may_tell_the_turn_of_the_thigh(twist: float) -> None:
    bend, twist_by = (90, 0, 0), (0, twist, 0)
    assert not excess(posed(left_hip=twist_by, left_knee=bend))
    assert not excess(posed(left_knee=turned(twist_by, bend, (0, -twist, 0))))
    beyond = excess(posed(left_hip=twist_by, left_knee=turned(twist_by, bend, (0, -twist, 0))))
    assert beyond["left_knee"] > 20  # the two turns add up


def test_a_hyperextended_elbow_shows_under_a_turned_shoulder() -> None:
    for twist in (-60, 0, 20):  # outwards to inwards
        for swing in ((0, 0, -70), (0, -80, 0), (0, 0, 60)):
            poses = posed(left_shoulder=turned(swing, (twist, 0, 0)), left_elbow=(0, 50, 0))
            assert excess(poses)["left_elbow"] > 10


@pytest.mark.parametrize(
    ("rotations", "joint", "expected"),
    [
        ({"head": (0, 150, 0)}, "neck", 70),
        ({"neck": (0, -75, 0), "head": (0, -75, 0)}, "neck", 70),
        ({"head": (-80, 0, 0)}, "neck", 25),
        ({"spine1": (0, 30, 0), "spine2": (0, 30, 0), "spine3": (0, 30, 0)}, "trunk", 45),
        ({"spine1": (-60, 0, 0)}, "trunk", 30),
        ({"left_hip": (80, 0, 0)}, "left_hip", 40),
        ({"right_hip": (80, 0, 0)}, "right_hip", 40),
        ({"left_hip": (0, 0, -70)}, "left_hip", 30),
        ({"right_hip": (0, 0, 70)}, "right_hip", 30),
        ({"left_shoulder": (0, 85, 0)}, "left_shoulder", 25),
        ({"right_shoulder": (0, -85, 0)}, "right_shoulder", 25),
        ({"left_collar": (0, 40, 0), "left_shoulder": (0, 45, 0)}, "left_shoulder", 25),
        ({"left_wrist": (0, 0, -90)}, "left_wrist", 10),
        ({"right_wrist": (0, 0, -90)}, "right_wrist", 15),
        ({"left_ankle": (-65, 0, 0)}, "left_ankle", 25),
        ({"right_ankle": (80, 0, 0)}, "right_ankle", 20),
        ({"left_knee": (0, 70, 0)}, "left_knee", 25),
        ({"left_hip": (0, 80, 0)}, "left_hip", 10),  # toes out
        ({"left_hip": (0, -80, 0)}, "left_hip", 20),
        ({"right_hip": (0, -80, 0)}, "right_hip", 10),
        ({"left_shoulder": (-120, 0, 0)}, "left_shoulder", 10),  # palm up
        ({"right_shoulder": (120, 0, 0)}, "right_shoulder", 30),
    ],
)
def test_turns_beyond_the_range(rotations: dict, joint: str, expected: float) -> None:
    found = excess(posed(**rotations))
    assert list(found) == [joint]
    np.testing.assert_allclose(found[joint], expected, atol=1e-4)


@pytest.mark.parametrize(
    "rotations",
    [
        {"left_shoulder": (0, 0, -85), "right_shoulder": (0, 0, 85)},  # arms hang
        {"left_shoulder": (0, 0, 90), "right_shoulder": (0, 0, -90)},  # arms up
        {"left_shoulder": (0, -125, 0)},  # an arm across the chest
        {"left_shoulder": (0, 50, 0), "right_shoulder": (0, -50, 0)},  # arms spread back
        {"left_hip": (-110, 0, 0), "left_knee": (140, 0, 0)},  # a knee to the chest
        {"left_hip": (0, 0, 90)},  # a leg out to the side
        {"right_hip": (-140, 0, 0)},  # a high kick
        {"spine1": (30, 0, 0), "spine2": (30, 0, 0), "spine3": (30, 0, 0)},  # a bow
        {"head": (0, 75, 0)},
        {"left_ankle": (45, 0, 0), "right_ankle": (-30, 0, 0)},  # on the toes, on the heel
        {"left_wrist": (0, 0, 70), "right_wrist": (0, 0, 70)},
    ],
)
def test_what_dancers_do_is_in_range(rotations: dict) -> None:
    assert not excess(posed(**rotations))


def test_violations_are_the_share_beyond_the_tolerance() -> None:
    poses = torch.cat([posed(), posed(head=(0, 95, 0)), posed(head=(0, 95, 0), left_knee=(-50, 0, 0))])
    assert joint_limit_violations(poses) == 3 / (3 * 14)
    assert joint_limit_violations(poses, tolerance_degrees=20.0) == 1 / (3 * 14)


def test_dances_are_in_range_and_broken_ones_are_not(dances) -> None:
    for poses in dances:
        assert joint_limit_violations(poses) < 0.005
        for joint, rotation in ((4, (-30, 0, 0)), (5, (-30, 0, 0)), (15, (0, 150, 0))):
            broken = poses.clone()
            broken[:, joint] = torch.tensor(rotation).deg2rad()
            assert joint_limit_violations(broken) >= 1 / 14
    noise = torch.randn(200, 24, 3, generator=torch.Generator().manual_seed(0))
    assert joint_limit_violations(noise) > 0.4
    assert joint_limit_violations(0.5 * noise) > 0.15


def test_heading_is_indifferent_and_a_mirror_exchanges_the_sides() -> None:
    poses = torch.randn(50, 24, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    reference = joint_limit_excess_degrees(poses)
    poses[:, 0] = 0
    np.testing.assert_array_equal(joint_limit_excess_degrees(poses), reference)
    swap = {"left": "right", "right": "left"}
    exchanged = [
        LIMITED_JOINTS.index("_".join(swap.get(word, word) for word in name.split("_")))
        for name in LIMITED_JOINTS
    ]
    mirrored = poses[:, list(MIRRORED_JOINTS)] * torch.tensor([1.0, -1.0, -1.0])
    np.testing.assert_allclose(joint_limit_excess_degrees(mirrored)[:, exchanged], reference, atol=1e-9)


def test_no_frames_and_nan_give_nan() -> None:
    poses = torch.zeros(4, 24, 3)
    assert joint_limit_violations(poses[:0]).isnan()
    for joint in (4, 12, 16):
        broken = poses.clone()
        broken[1, joint, 0] = torch.nan
        assert joint_limit_violations(broken).isnan()


def test_clips_count_alike_and_those_without_a_number_are_left_out() -> None:
    metric = JointLimitViolations()
    metric.update([posed(head=(0, 150, 0)).repeat(3, 1, 1), posed().repeat(20, 1, 1), posed()[:0]])
    np.testing.assert_allclose(metric.compute(), 1 / 28)
    assert (metric.num_clips, metric.num_excluded) == (2, 1)
    lenient = JointLimitViolations(tolerance_degrees=80.0)
    lenient.update(posed(head=(0, 150, 0))[None])
    assert lenient.compute() == 0


def test_clone_pickle_reset_and_plot() -> None:
    mpl.use("Agg")
    metric = JointLimitViolations(tolerance_degrees=5.0)
    metric.update(posed(head=(0, 150, 0))[None])
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute() > 0
        assert copy.tolerance_degrees == 5.0
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    metric.reset()
    assert metric.num_clips == 0


def test_refuses_other_shapes() -> None:
    with pytest.raises(ValueError, match=r"shape \(T, 24, 3\), got \(30, 72\); reshape"):
        joint_limit_violations(torch.zeros(30, 72))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["gBR_sBM_cAll_d04_mBR2_ch08", "gJS_sBM_cAll_d03_mJS2_ch07"])
def test_recorded_dances_are_in_range(name: str) -> None:
    path = REAL_DATA / "data" / "aistpp" / f"{name}.npz"
    if not path.exists():
        pytest.skip(f"real recordings are not at {path}")
    with np.load(path, allow_pickle=False) as arrays:
        poses = torch.from_numpy(arrays["poses"]).reshape(-1, 24, 3)
    assert joint_limit_violations(poses) < 0.01
