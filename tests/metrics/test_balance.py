from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.geometry.center_of_mass import center_of_mass
from macedance.geometry.motion import Motion
from macedance.metrics.functional.balance import (
    GRAVITY,
    SOLE_RADIUS_METRES,
    imbalance,
    support_distance,
    zero_moment_point,
)
from macedance.metrics.functional.floor_contact import lowest_points

FPS = 60.0
LEFT_LEG, RIGHT_LEG = [4, 7, 10], [5, 8, 11]
FLOOR = [0, 2]


def standing(num_frames: int = 60) -> Tensor:
    """A body that stands upright on y = 0, (T, 24, 3)."""
    joints = Motion(torch.zeros(num_frames, 24, 3), torch.zeros(num_frames, 3)).joints().double()
    joints[..., 1] -= lowest_points(joints)[:, None]
    return joints


def tilted(joints: Tensor, degrees: float) -> Tensor:
    """The body from the ankles up, leaning forward."""
    angle = np.deg2rad(degrees)
    leaning = joints.clone()
    above = joints - joints[:, [7]]
    leaning[..., 2] = joints[:, [7], 2] + above[..., 2] * np.cos(angle) + above[..., 1] * np.sin(angle)
    leaning[..., 1] = joints[:, [7], 1] - above[..., 2] * np.sin(angle) + above[..., 1] * np.cos(angle)
    leaning[:, [7, 8, 10, 11]] = joints[:, [7, 8, 10, 11]]
    return leaning


def on_the_left_leg(offset_metres: float) -> Tensor:
    """The right foot is up; the mass is so far to the left of the middle of the left foot."""
    joints = standing()
    joints[:, RIGHT_LEG, 1] += 0.4
    free = [joint for joint in range(24) if joint not in (7, 10)]
    for _ in range(30):
        target = joints[:, [7, 10]].mean(dim=1) + torch.tensor([offset_metres, 0.0, 0.0])
        joints[:, free] += ((target - center_of_mass(joints)) * torch.tensor([1.0, 0.0, 1.0]))[:, None]
    return joints


def test_a_body_that_leans_too_far_is_out_of_balance() -> None:
    assert imbalance(standing(), FPS, 0.0) == 0
    assert imbalance(tilted(standing(), 3), FPS, 0.0) == 0
    assert imbalance(tilted(standing(), 25), FPS, 0.0) == 1
    half = torch.cat([standing(60), tilted(standing(60), 25)])
    assert imbalance(half, FPS, 0.0) == pytest.approx(0.5, abs=0.1)


def test_on_one_leg_the_mass_must_be_over_that_foot() -> None:
    assert imbalance(on_the_left_leg(0.0), FPS, 0.0) == 0
    assert imbalance(on_the_left_leg(-0.2), FPS, 0.0) == 1
    both_feet_down = on_the_left_leg(-0.2)
    both_feet_down[:, [8, 11], 1] -= 0.4
    assert imbalance(both_feet_down, FPS, 0.0) == 0


def test_the_tolerance_is_a_distance_from_the_soles() -> None:
    joints = on_the_left_leg(-0.2)
    distance = support_distance(center_of_mass(joints)[:, FLOOR], joints, 0.0)
    assert 0.1 < distance[0] < 0.2
    for tolerance, expected in ((distance[0] - 0.01, 1), (distance[0] + 0.01, 0)):
        assert imbalance(joints, FPS, 0.0, tolerance_metres=float(tolerance)) == expected


def test_frames_in_the_air_are_not_counted() -> None:
    joints = standing(120)
    joints[40:80, :, 1] += 0.3
    joints[45:75] = tilted(joints[45:75], 40)
    joints[45:75, :, 1] += 0.3
    assert imbalance(joints, FPS, 0.0) < 0.1
    flying = standing()
    flying[..., 1] += 1.0
    assert imbalance(flying, FPS, 0.0).isnan()


def test_a_body_that_brakes_is_pushed_from_where_it_comes() -> None:
    joints = standing(120)
    seconds = torch.arange(120) / FPS
    joints[..., 0] += (0.5 * 2.0 * seconds**2)[:, None]  # 2 m/s² to the left
    mass = center_of_mass(joints)
    expected = mass[:, FLOOR] - torch.stack([mass[:, 1] / GRAVITY * 2.0, torch.zeros(120)], dim=-1)
    inner = slice(10, -10)
    torch.testing.assert_close(zero_moment_point(joints, FPS)[inner], expected[inner], atol=2e-3, rtol=0)


def test_a_body_at_rest_is_pushed_from_below_its_mass() -> None:
    joints = standing()
    torch.testing.assert_close(zero_moment_point(joints, FPS), center_of_mass(joints)[:, FLOOR])


def test_the_feet_support_what_lies_between_them() -> None:
    joints = standing(1)
    ankles, toes = joints[0, [7, 8]][:, FLOOR], joints[0, [10, 11]][:, FLOOR]
    for point in (ankles.mean(dim=0), toes.mean(dim=0), ankles[0], toes[1]):
        assert support_distance(point[None], joints, 0.0) == 0
    for outwards in (torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]), torch.tensor([0.0, -2.0])):
        assert support_distance((ankles.mean(dim=0) + outwards)[None], joints, 0.0) > 0.5
    beyond = toes[0] + torch.tensor([0.3, 0.0])
    distance = support_distance(beyond[None], joints, 0.0)
    assert 0.3 - 2 * SOLE_RADIUS_METRES < distance[0] < 0.3 + SOLE_RADIUS_METRES


def test_a_raised_foot_supports_nothing() -> None:
    joints = standing(1)
    middle = joints[:, [8, 11]].mean(dim=1)[:, FLOOR]
    assert support_distance(middle, joints, 0.0) == 0
    joints[:, RIGHT_LEG, 1] += 0.3
    assert 0.05 < support_distance(middle, joints, 0.0)[0] < 0.3
    joints[:, LEFT_LEG, 1] += 0.3
    assert support_distance(middle, joints, 0.0).isinf()


def test_on_tiptoe_only_the_toes_support() -> None:
    joints = standing(1)
    heels, toes = (joints[:, feet].mean(dim=1)[:, FLOOR] for feet in ([7, 8], [10, 11]))
    assert support_distance(heels, joints, 0.0) == 0
    lifted = joints.clone()
    lifted[:, [7, 8], 1] += 0.3
    assert 0.03 < support_distance(heels, lifted, 0.0) < 0.2
    assert support_distance(toes, lifted, 0.0) == 0


def test_the_soles_reach_beyond_the_joints_of_the_toes() -> None:
    joints = standing(1)
    beyond = joints[:, 10, FLOOR] + torch.tensor([0.0, 0.1])
    assert support_distance(beyond, joints, 0.0) == 0
    assert support_distance(beyond + torch.tensor([0.0, 0.1]), joints, 0.0) > 0.05


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_a_body_that_moves_evenly_keeps_its_balance_from_the_first_frame_to_the_last(fps) -> None:
    joints = standing(40)
    joints[..., 0] += 0.8 / fps * torch.arange(40)[:, None]
    assert imbalance(joints, fps, 0.0) == 0


def test_too_short_a_clip_has_no_balance() -> None:
    assert imbalance(standing(1), FPS, 0.0).isnan()


@pytest.fixture(scope="module")
def dances() -> list[Tensor]:
    """Joints of three dances on the floor y = 0."""
    return [
        Motion(*map(torch.from_numpy, choreograph(make_song(8, seed, sample_rate=8000), seed)))
        .joints()
        .double()
        for seed in range(3)
    ]


def test_place_and_heading_are_indifferent(dances) -> None:
    sine, cosine = np.sin(0.7), np.cos(0.7)
    turn = torch.tensor([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]], dtype=torch.float64)
    shift = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64)
    for joints in dances:
        moved = joints @ turn.mT + shift
        for tolerance in (0.0, 0.05):
            shares = [imbalance(clip, 30.0, 0.0, tolerance_metres=tolerance) for clip in (joints, moved)]
            assert shares[0] == pytest.approx(shares[1].item(), abs=0.005)
        expected = zero_moment_point(joints, 30.0) @ turn[FLOOR][:, FLOOR].mT + shift[FLOOR]
        torch.testing.assert_close(zero_moment_point(moved, 30.0), expected)


def test_the_height_of_the_floor_is_indifferent(dances) -> None:
    for joints in dances:
        raised = joints + torch.tensor([0.0, 0.6, 0.0])
        for tolerance in (0.0, 0.05):
            shares = [
                imbalance(clip, 30.0, floor, tolerance_metres=tolerance)
                for clip, floor in ((joints, 0.0), (raised, 0.6), (raised, None))
            ]
            assert shares[1:] == pytest.approx([shares[0].item()] * 2, abs=0.02)


def test_a_swaying_trunk_shows() -> None:
    seconds = torch.arange(240) / FPS
    joints = standing(240)
    calm, wild = (0.03 * torch.sin(2 * np.pi * hz * seconds) for hz in (0.5, 2.0))
    for sway, is_balanced in ((calm, True), (wild, False)):
        swaying = joints.clone()
        swaying[:, [j for j in range(24) if j not in (7, 8, 10, 11)], 2] += sway[:, None]
        share = imbalance(swaying, FPS, 0.0, tolerance_metres=0.0)
        assert (share < 0.05) == is_balanced


def test_refuses_fewer_joints() -> None:
    with pytest.raises(ValueError, match=r"J at least 24, got \(30, 22, 3\)"):
        imbalance(torch.zeros(30, 22, 3), FPS)
