from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.feet import SOLE_THICKNESS, FootPath, foot_paths
from macedance.data.choreography.jumps import GRAVITY, Jumps, jumps
from macedance.data.choreography.moves import LEFT, RIGHT, Footwork, Move, right
from macedance.data.choreography.vocabulary import MOVES

from .written_dance import FPS, counts_of, written

FLOOR = [0, 2]
JUMPS = [name for name, move in MOVES.items() if move.footwork.jumps]
each_move = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)


def paths(score: DanceScore) -> tuple[np.ndarray, dict[str, FootPath], Jumps]:
    counts = counts_of(score)
    jumping = jumps(score, counts)
    return counts, foot_paths(score, counts, jumping), jumping


def steps_off(score: DanceScore, side: str, counts: np.ndarray) -> np.ndarray:
    """Whether a foot is on a way from one place to another at the counts (T,)."""
    track = score.feet[side]
    index = np.clip(np.searchsorted(track.counts, counts, side="right") - 1, 0, len(track.counts) - 2)
    way = np.abs(track.values[index + 1] - track.values[index])
    return (way[:, [0, 1, 2]] > 1e-9).any(axis=1) | (track.values[index + 1, 5] > 0)


@each_move
def test_a_standing_foot_does_not_move_at_all(move):
    score = written(move)
    counts, feet, jumping = paths(score)
    for side, foot in feet.items():
        rests = ~steps_off(score, side, counts) & ~jumping.flies
        rests = rests[1:] & rests[:-1]
        assert rests.mean() > 0.2
        np.testing.assert_allclose(np.diff(foot.ball, axis=0)[rests], 0, atol=1e-12)


@each_move
def test_feet_stay_above_the_floor_and_come_down_on_it(move):
    _, feet, _ = paths(written(move))
    for foot in feet.values():
        assert foot.ball[:, 1].min() > SOLE_THICKNESS - 1e-9
        assert np.abs(foot.ball[foot.stands, 1] - SOLE_THICKNESS).max() < 0.005


@each_move
def test_feet_pass_beside_each_other(move):
    _, feet, _ = paths(written(move))
    apart = np.hypot(*(feet[LEFT].ball - feet[RIGHT].ball)[:, FLOOR].T)
    assert apart.min() > 0.13


def test_a_step_across_goes_round_the_other_foot():
    crossing = Footwork(
        "crossing", (right(1, -0.3), right(3, 0.45)), weights=(0.9, 0.9, 0.9, -0.9), drops=(0.05,) * 4
    )
    _, feet, _ = paths(written(Move("crossing", "step", crossing, MOVES["march"].upper), num_counts=4))
    apart = np.hypot(*(feet[LEFT].ball - feet[RIGHT].ball)[:, FLOOR].T)
    assert feet[RIGHT].ball[-1, 0] > feet[LEFT].ball[-1, 0]
    assert apart.min() > 0.12


@each_move
def test_a_foot_never_jumps_from_place_to_place(move):
    _, feet, _ = paths(written(move))
    for foot in feet.values():
        assert np.linalg.norm(np.diff(foot.ball, axis=0), axis=1).max() * FPS < 7.5
        assert np.abs(np.diff(foot.heel)).max() * FPS < 20


def test_someone_stands_wherever_nobody_flies():
    for move in MOVES.values():
        _, feet, jumping = paths(written(move))
        on_the_floor = feet[LEFT].stands | feet[RIGHT].stands | jumping.flies
        assert on_the_floor.mean() > 0.9, move.name


def test_a_step_rises_before_it_travels():
    score = written(MOVES["walk"])
    counts, feet, _ = paths(score)
    ball = feet[RIGHT].ball[(counts >= -1) & (counts <= 0)]
    gone = np.hypot(*(ball - ball[0])[:, FLOOR].T) / np.hypot(*(ball[-1] - ball[0])[FLOOR])
    height = (ball[:, 1] - SOLE_THICKNESS) / (ball[:, 1].max() - SOLE_THICKNESS)
    assert ball[:, 1].max() > SOLE_THICKNESS + 0.05
    assert np.minimum(gone, 1 - gone)[height < 0.2].max() < 0.005


@pytest.mark.parametrize("name", ["twist", "twist_down"])
def test_swivels_turn_on_the_ball_with_the_heel_up(name):
    score = written(MOVES[name])
    counts, feet, _ = paths(score)
    for foot in feet.values():
        within = (counts > 0) & (counts < 6)
        assert np.ptp(foot.yaw[within]) > 0.6
        np.testing.assert_allclose(np.ptp(foot.ball[within], axis=0), 0, atol=1e-9)
        assert foot.heel[within].min() > 0.2


@pytest.mark.parametrize("name", ["spin", "paddle_turn"])
def test_the_standing_foot_of_a_turn_pivots_with_the_body(name):
    score = written(MOVES[name], num_counts=4)
    counts, feet, _ = paths(score)
    turning = (counts > 0.2) & (counts < 2.6)
    foot = feet[LEFT]
    np.testing.assert_allclose(np.ptp(foot.ball[turning], axis=0), 0, atol=1e-9)
    assert np.ptp(foot.yaw[turning]) > 1.4
    fast = np.abs(np.gradient(foot.yaw)) * FPS > 1.0
    assert foot.heel[turning & fast].min() > 0.15


def test_the_free_foot_of_a_turn_keeps_to_its_side_of_the_body():
    score = written(MOVES["spin"], num_counts=4)
    counts, feet, _ = paths(score)
    turning = (counts > 0) & (counts < 2.8)
    away = np.hypot(*(feet[RIGHT].ball - feet[LEFT].ball)[turning][:, FLOOR].T)
    assert away.min() > 0.15
    assert away.max() < 0.6


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("bpm", [90, 125])
def test_in_flight_both_feet_are_off_the_floor_and_fall_freely(name, bpm):
    score = written(MOVES[name], bpm=bpm)
    counts, feet, jumping = paths(score)
    for start, end in score.flights:
        inside = (counts > start + 1e-6) & (counts < end - 1e-6)
        assert jumping.flies[inside].all()
        assert not (feet[LEFT].stands | feet[RIGHT].stands)[inside].any()
        np.testing.assert_allclose(np.diff(jumping.feet[inside], n=2) * FPS**2, -GRAVITY, rtol=1e-6)
        np.testing.assert_allclose(np.diff(jumping.pelvis[inside], n=2) * FPS**2, -GRAVITY, rtol=1e-6)
        for foot in feet.values():
            assert (foot.ball[inside, 1] > SOLE_THICKNESS + 0.5 * jumping.feet[inside]).all()
            landed = np.searchsorted(counts, end)
            assert foot.ball[landed, 1] < SOLE_THICKNESS + 0.02
    outside = ~np.any([(counts > start) & (counts < end) for start, end in score.flights], axis=0)
    assert not jumping.flies[outside].any()


def test_a_jump_begins_with_a_crouch_and_gives_way_where_it_lands():
    score = written(MOVES["jump"], num_counts=4)
    counts, _, jumping = paths(score)
    ((start, end),) = score.flights
    seconds = (counts - start) * score.beat_seconds
    before = jumping.pelvis[(seconds > -0.3) & (seconds < 0)]
    after = jumping.pelvis[(counts > end) & (seconds < (end - start) * score.beat_seconds + 0.3)]
    assert before.min() < -0.06
    assert after.min() < -0.06
    speeds = np.diff(jumping.pelvis) * FPS
    assert np.abs(np.diff(speeds)).max() * FPS < 60
    assert jumping.pelvis[0] == jumping.pelvis[-1] == 0


def test_the_feet_of_a_leap_do_not_dodge_each_other_in_the_air():
    _, feet, jumping = paths(written(MOVES["side_leap"]))
    for foot in feet.values():
        assert np.ptp(foot.ball[jumping.flies][:, 2]) < 0.02


def test_feet_hang_only_in_the_air():
    for name in ("kicks", "march"):
        _, feet, _ = paths(written(MOVES[name]))
        for foot in feet.values():
            assert ((foot.raised >= 0) & (foot.raised <= 1)).all()
            assert (foot.raised[foot.stands] < 0.01).all()
    assert feet[LEFT].raised.max() == 0  # a step is placed, a kick hangs
    assert paths(written(MOVES["kicks"]))[1][LEFT].raised.max() > 0.9


def test_raising_a_heel_turns_the_foot_about_its_ball():
    foot = paths(written(MOVES["march"]))[1][LEFT]
    raised = foot.with_heel_raised(np.full(len(foot.heel), 0.2))
    np.testing.assert_array_equal(raised.ball, foot.ball)
    np.testing.assert_allclose(raised.heel, foot.heel + 0.2)
    np.testing.assert_allclose((foot.rotation.inv() * raised.rotation).magnitude(), 0.2)
