from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.arm_poses import ARM_POSES
from macedance.data.choreography.composition import DancedMove
from macedance.data.choreography.moves import LEFT, RIGHT, STANCE, Footwork, Move, UpperBody, left, right
from macedance.data.choreography.score_writer import FLOOR_METRES, MAX_FLIGHT_SECONDS, ScoreWriter
from macedance.data.choreography.vocabulary import MOVES

from .written_dance import PLAIN_DANCER, written

STILL = UpperBody("still", (("hip", "hip"),))


def move_of(*steps, weights=(-1.0, 1.0, -1.0, 1.0), **footwork) -> Move:
    return Move(
        "any", "step", Footwork("any", steps, weights, drops=(0.05,) * len(weights), **footwork), STILL
    )


def writer(beat_seconds: float = 0.6) -> ScoreWriter:
    return ScoreWriter(beat_seconds, PLAIN_DANCER, offbeat=0.5, energy_at=lambda count: 1.0)


def arrivals(track) -> list[float]:
    """Counts at which a foot comes down somewhere else."""
    changed = np.abs(np.diff(track.values[:, [0, 2]], axis=0)).max(axis=1) > 1e-6
    return track.counts[1:][changed].tolist()


def test_moves_follow_one_another_and_begin_with_the_free_foot():
    # one step, and the weight stays on it: the next move is danced by the other foot
    score = written(move_of(right(1, -0.4), weights=(-1.0,) * 4), num_counts=8)
    assert arrivals(score.feet[RIGHT])[0] == 0
    assert arrivals(score.feet[LEFT])[0] == 4


def test_a_move_starts_where_the_standing_foot_is():
    score = written(MOVES["double_step_touch"], num_counts=4)
    assert score.feet[RIGHT].values[-1, 0] < -0.5
    score = written(MOVES["double_step_touch"], num_counts=8)  # back, begun with the left
    assert abs(score.feet[RIGHT].values[-1, 0]) < 0.35


def test_half_counts_swing_with_the_music():
    straight, swung = (written(MOVES["cha_cha"], num_counts=4, offbeat=offbeat) for offbeat in (0.5, 0.66))
    for track in ("pelvis", "spine"):
        before, after = getattr(straight, track).counts, getattr(swung, track).counts
        is_half = before % 1 == 0.5
        np.testing.assert_allclose(after[~is_half], before[~is_half])
        np.testing.assert_allclose(after[is_half], before[is_half] + 0.16)
    assert (straight.pelvis.counts % 1 == 0.5).sum() == 4
    assert 2.5 in straight.feet[LEFT].counts
    assert 2.66 in swung.feet[LEFT].counts.round(9)


def test_half_time_takes_two_beats_to_a_count():
    scores = []
    for pace in (1, 2):
        write = writer()
        write.write_phrase((DancedMove(MOVES["step_touch"], STILL, pace=pace),), 8)
        scores.append(write.score(np.zeros(0)))
    np.testing.assert_allclose(scores[1].pelvis.counts - 8, 2 * (scores[0].pelvis.counts - 8))


def test_a_foot_left_out_is_brought_in_if_the_next_move_leaves_it():
    write = writer()
    write.write_phrase((DancedMove(move_of(right(4, -0.6), weights=(1.0,) * 4), STILL),), 0)
    write.write_phrase((DancedMove(move_of(weights=(0.5,) * 4), STILL),), 4)
    assert abs(write.feet.track(RIGHT).values[-1, 0]) == pytest.approx(STANCE, abs=0.02)
    assert write.feet.track(RIGHT).counts[-1] == 4


@pytest.mark.parametrize("direction", [0.0, np.pi, 0.3])
def test_travelling_moves_get_somewhere_but_stay_on_the_floor(direction):
    travel = (0.12 * np.sin(direction), 0.12 * np.cos(direction))
    staying, going = (written(MOVES["march"], num_counts=4, travel=way) for way in ((0.0, 0.0), travel))
    moved = going.feet[LEFT].values[-1] - staying.feet[LEFT].values[-1]
    np.testing.assert_allclose(moved[[0, 2]], 4 * np.array(travel), atol=1e-9)
    long = written(MOVES["march"], num_counts=80, travel=travel)
    assert np.abs(long.feet[LEFT].values[:, [0, 2]]).max() < FLOOR_METRES + 2 * STANCE


def test_a_facing_turns_the_dancer_within_two_counts_and_the_next_phrase_turns_back():
    write = writer()
    write.write_phrase((DancedMove(MOVES["march"], STILL, facing=0.6),), 0)
    write.write_phrase((DancedMove(MOVES["march"], STILL),), 4)
    heading = write.score(np.zeros(0)).pelvis.values[:, 0]
    np.testing.assert_allclose(heading, [0.3, 0.6, 0.6, 0.6, 0.3, 0, 0, 0], atol=1e-9)


def test_a_whole_turn_is_not_turned_back():
    write = writer()
    for count in (0, 4):
        write.write_phrase((DancedMove(MOVES["spin"], MOVES["spin"].upper),), count)
    heading = write.score(np.zeros(0)).pelvis.values[:, 0]
    assert abs(heading[3]) == pytest.approx(2 * np.pi)
    assert np.abs(np.diff(heading)).max() < np.pi + 0.3


def test_energy_makes_steps_and_arms_larger():
    calm, full = (written(MOVES["grapevine"], num_counts=4, energy=energy) for energy in (0.1, 1.0))
    assert np.ptp(full.feet[RIGHT].values[:, 0]) > 1.15 * np.ptp(calm.feet[RIGHT].values[:, 0])
    reach = [np.abs(score.arms[LEFT].values - ARM_POSES["groove"]).max() for score in (calm, full)]
    assert reach[1] > 1.3 * reach[0]


def test_steps_are_smaller_in_fast_music():
    slow, fast = (written(MOVES["grapevine"], num_counts=4, bpm=bpm) for bpm in (90, 150))
    assert np.ptp(fast.feet[RIGHT].values[:, 0]) < 0.85 * np.ptp(slow.feet[RIGHT].values[:, 0])


def test_arms_take_two_counts_to_a_pose_in_fast_music():
    for bpm, between in ((100, 1), (155, 2)):
        score = written(MOVES["punches"], num_counts=4, bpm=bpm)
        np.testing.assert_allclose(np.diff(score.arms[RIGHT].counts), between)


@pytest.mark.parametrize("bpm", [90, 140])
def test_flights_end_on_their_counts_and_leave_time_to_land(bpm):
    score = written(MOVES["jumping_jacks"], bpm=bpm, num_counts=8)
    np.testing.assert_allclose(score.flights[:, 1], [1, 3, 5, 7])
    seconds = np.diff(score.flights, axis=1) * score.beat_seconds
    assert (seconds > 0.2).all()
    assert (seconds <= MAX_FLIGHT_SECONDS + 1e-9).all()
    assert (score.flights[1:, 0] - score.flights[:-1, 1] > 0.5).all()
    for side in (LEFT, RIGHT):
        counts = score.feet[side].counts
        for start, end in score.flights:
            assert np.abs(counts - end).min() < 1e-6
            assert not ((counts > start + 1e-6) & (counts < end - 1e-6)).any()


def test_a_way_along_the_floor_may_take_two_counts():
    score = written(move_of(left(3, 0.4, lift=0.0, duration=2.0)), num_counts=4)
    assert 0.0 in score.feet[LEFT].counts
