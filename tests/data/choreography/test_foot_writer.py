from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.foot_writer import ROOM_METRES, FootWriter, turned
from macedance.data.choreography.moves import LEFT, RIGHT, STANCE, Step, left, right

TURN_OUT = 0.15
ORIGIN = np.zeros(2)


@pytest.fixture
def feet() -> FootWriter:
    return FootWriter(0.6, STANCE, TURN_OUT)


def write(feet: FootWriter, step: Step, *, heading: float = 0.0, scale: float = 1.0) -> np.ndarray:
    feet.step(step, step.count, home=ORIGIN, heading=heading, scale=scale, duration=step.duration)
    return feet.track(step.foot).values[-1]


def test_points_turn_with_the_dancer():
    np.testing.assert_allclose(turned(0.3, 0.5, 0.0), [0.3, 0.5])
    np.testing.assert_allclose(turned(0.0, 1.0, np.pi / 2), [1.0, 0.0], atol=1e-12)  # ahead is to the left
    np.testing.assert_allclose(turned(1.0, 0.0, np.pi / 2), [0.0, -1.0], atol=1e-12)


def test_begins_in_its_stance(feet):
    for side, sign in ((LEFT, 1), (RIGHT, -1)):
        np.testing.assert_allclose(feet.track(side).values[0], [sign * STANCE, 0, 0, sign * TURN_OUT, 0, 0])
        assert not feet.is_out_of_stance(side, ORIGIN, 0.0)
    np.testing.assert_allclose(feet.home(LEFT, 0.0, homing=0), 0, atol=1e-12)


@pytest.mark.parametrize("heading", [0.0, 1.0, -2.0])
def test_steps_arrive_where_they_are_told(feet, heading):
    key = write(feet, right(3, -0.4, 0.2, turn=0.3, height=0.1, heel=0.2), heading=heading)
    np.testing.assert_allclose(key[[0, 2]], turned(-0.4, 0.2, heading), atol=1e-12)
    np.testing.assert_allclose(key[[1, 3, 4, 5]], [0.1, heading - TURN_OUT + 0.3, 0.2, 0.09])


def test_scale_makes_steps_larger_beyond_the_stance(feet):
    key = write(feet, right(3, -0.4, 0.2), scale=1.5)
    np.testing.assert_allclose(key[[0, 2]], [-STANCE - 0.29 * 1.5, 0.3])


def test_raised_toes_leave_the_heel_on_the_floor_whatever_the_scale(feet):
    heights = [write(feet, right(3, -0.2, height=0.1, heel=heel), scale=0.6)[1] for heel in (-0.4, 0.4)]
    np.testing.assert_allclose(heights, [0.1, 0.06])


def test_a_foot_waits_until_its_way_begins(feet):
    write(feet, right(1, -0.4))
    write(feet, right(5, -0.1, duration=1.0))
    track = feet.track(RIGHT)
    np.testing.assert_allclose(track.counts[-3:], [1, 4, 5])
    np.testing.assert_array_equal(track.values[-3, :5], track.values[-2, :5])
    assert track.values[-2, 5] == 0  # and does not lift while it waits


def test_the_later_of_two_steps_to_one_count_stands(feet):
    write(feet, right(1, -0.4))
    key = write(feet, right(1, -0.3))
    counts = feet.track(RIGHT).counts
    assert (np.diff(counts) > 0).all()
    assert key[0] == pytest.approx(-0.3)


@pytest.mark.parametrize("x", [-0.2, 0.05, 0.11, 0.15])
def test_no_foot_is_put_on_the_other(feet, x):
    key = write(feet, right(1, x, 0.02))
    assert np.hypot(*(key[[0, 2]] - [STANCE, 0])) > ROOM_METRES - 1e-9


def test_a_foot_that_is_elsewhere_is_out_of_stance(feet):
    for step in (right(1, -0.5), right(2, -STANCE, height=0.2), right(3, -STANCE, heel=0.4)):
        write(feet, step)
        assert feet.is_out_of_stance(RIGHT, ORIGIN, 0.0)
    write(feet, right(4, -STANCE))
    assert not feet.is_out_of_stance(RIGHT, ORIGIN, 0.0)


def test_the_dancer_drifts_back_to_the_middle(feet):
    write(feet, left(1, 2.0, 1.0))
    away = feet.home(LEFT, 0.0, homing=0)
    drawn = feet.home(LEFT, 0.0)
    assert away[0] * drawn[1] == pytest.approx(away[1] * drawn[0])
    assert 0.02 < np.linalg.norm(away) - np.linalg.norm(drawn) < 0.3


def test_a_swivel_turns_a_foot_on_its_ball(feet):
    before = feet.track(LEFT).values[-1]
    feet.swivel(LEFT, 2.0, 1.2, duration=1.0, is_last=False)
    feet.swivel(LEFT, 3.0, 2.0, duration=1.0, is_last=True)
    turning, landed = feet.track(LEFT).values[-2:]
    for key in (turning, landed):
        np.testing.assert_array_equal(key[[0, 1, 2]], before[[0, 1, 2]])
    np.testing.assert_allclose([turning[3], landed[3]], [1.2 + TURN_OUT, 2.0 + TURN_OUT])
    assert turning[4] > 0.2 > landed[4] == 0
