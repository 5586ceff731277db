from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.balance import (
    MASS_HEIGHT,
    MID_FOOT,
    smooth_weight,
    support_point,
    weight_share,
)
from macedance.data.choreography.dancer_pose import pose_dancer
from macedance.data.choreography.feet import HEADING, FootPath, foot_paths
from macedance.data.choreography.jumps import GRAVITY, jumps
from macedance.data.choreography.moves import LEFT, RIGHT
from macedance.data.choreography.vocabulary import MOVES
from macedance.geometry.center_of_mass import center_of_mass

from .written_dance import FPS, PLAIN_DANCER, counts_of, joints_at, written

TIME_CONSTANT = np.sqrt(MASS_HEIGHT / GRAVITY)


def standing(stands: list[bool], *, x: float = 0.0, yaw: float = 0.0) -> FootPath:
    num_frames = len(stands)
    nothing = np.zeros(num_frames)
    return FootPath(
        ball=np.tile([x, 0.03, 0.0], (num_frames, 1)),
        heel=nothing,
        yaw=nothing + yaw,
        raised=nothing,
        stands=np.array(stands),
    )


def test_the_mass_follows_the_point_of_support_as_an_inverted_pendulum():
    step = 1 / 240
    seconds = np.arange(-4, 4, step)
    support = np.where(np.sin(2 * np.pi * seconds / 1.6) > 0, 0.1, -0.1)
    mass = smooth_weight(support, step)
    acceleration = np.diff(mass, n=2) / step**2
    pushed = mass[1:-1] - MASS_HEIGHT / GRAVITY * acceleration
    steady = np.abs(np.diff(support, n=2)) == 0
    steady &= np.abs(seconds[1:-1]) < 3
    np.testing.assert_allclose(pushed[steady], support[1:-1][steady], atol=0.002)


@pytest.mark.parametrize("fps", [30, 60])
def test_a_single_step_is_met_half_way(fps):
    seconds = np.arange(-3, 3, 1 / fps) + 0.5 / fps
    mass = smooth_weight(np.where(seconds > 0, 1.0, 0.0), 1 / fps)
    exact = np.where(
        seconds < 0, 0.5 * np.exp(seconds / TIME_CONSTANT), 1 - 0.5 * np.exp(-seconds / TIME_CONSTANT)
    )
    np.testing.assert_allclose(mass, exact, atol=0.03)


def test_a_body_that_stands_stays_where_it_is():
    values = np.tile([0.3, -0.2], (50, 1))
    np.testing.assert_allclose(smooth_weight(values, 1 / 60), values, atol=1e-12)


def test_weight_is_shared_as_keyed_on_both_feet_and_else_over_the_one_that_stands():
    feet = {LEFT: standing([True, True, False]), RIGHT: standing([True, False, True])}
    np.testing.assert_allclose(weight_share(np.array([0.3, 0.3, 0.3]), feet), [0.3, 1.0, -1.0])
    np.testing.assert_allclose(weight_share(np.array([1.4, 0.0, 0.0]), feet)[0], 1.0)


def test_in_the_air_weight_goes_from_where_it_was_to_where_it_will_be():
    stands = [True, False, False, False, False]
    feet = {LEFT: standing(stands), RIGHT: standing(stands[::-1])}
    np.testing.assert_allclose(weight_share(np.zeros(5), feet), [1, 0.5, 0, -0.5, -1])


def test_the_floor_pushes_below_the_middle_of_the_foot_that_carries():
    feet = {LEFT: standing([True], x=0.2, yaw=np.pi / 2), RIGHT: standing([True], x=-0.2)}
    for share, expected in ((1, [0.2 - MID_FOOT, 0]), (-1, [-0.2, -MID_FOOT])):
        np.testing.assert_allclose(support_point(np.array([share]), feet), [expected], atol=1e-12)
    middle = support_point(np.array([0.0]), feet)
    np.testing.assert_allclose(middle, [[-MID_FOOT / 2, -MID_FOOT / 2]], atol=1e-12)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_the_centre_of_mass_of_the_posed_body_is_over_its_target(move):
    score = written(move)
    counts = counts_of(score)
    joints = joints_at(*pose_dancer(score, PLAIN_DANCER, counts, 1 / FPS))
    feet = foot_paths(score, counts, jumps(score, counts))
    share = weight_share(score.pelvis.at(counts, HEADING)[:, 4], feet)
    target = smooth_weight(support_point(share, feet), 1 / FPS)
    away = np.linalg.norm(center_of_mass(joints).numpy()[:, [0, 2]] - target, axis=1)
    is_flat = np.maximum(feet[LEFT].heel, feet[RIGHT].heel) < 0.1
    assert away[is_flat].max(initial=0) < 0.03
    assert away.max() < 0.05
