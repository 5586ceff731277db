from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from macedance.data.choreography.dancer import Carriage
from macedance.data.choreography.moves import LEFT, RIGHT, UpperBody
from macedance.data.choreography.trunk import (
    MAX_NECK,
    TRUNK,
    arm_channels,
    arm_vectors,
    gaze,
    hit_pulses,
    spine_angles,
)
from macedance.data.choreography.vocabulary import MOVES

from .written_dance import FPS, PLAIN_DANCER, counts_of, written

STILL = np.zeros((1, 3))
BEND, BACK = (0.0, 0.0, 0.3), (0.0, 0.0, -0.3)
ROLL = UpperBody("roll", (("hip", "hip"),), spine=(BEND, BACK), chest=(BEND, BACK), wave=0.2, flow=0.0)


def arms_of(name: str, *, lag_seconds: float = 0.0, **carriage: float) -> dict[str, np.ndarray]:
    score = written(MOVES[name])
    counts = counts_of(score)
    dancer = dataclasses.replace(
        PLAIN_DANCER, carriage=dataclasses.replace(Carriage(), **carriage), elbow_lag_seconds=lag_seconds
    )
    channels = arm_channels(score, counts, dancer, 1 / FPS)
    return arm_vectors(score, counts, channels, bounce=np.zeros(len(counts)), idle=np.zeros((len(counts), 6)))


def test_hits_are_marked_at_their_time_and_nowhere_else():
    score = dataclasses.replace(written(MOVES["march"]), hits=np.array([3.0, 8.5]))
    counts = np.arange(0, 12, 0.01)
    pulses = hit_pulses(score, counts)
    np.testing.assert_allclose(pulses[[300, 850]], 1, atol=1e-9)
    seconds = np.abs(counts[:, None] - score.hits).min(axis=1) * score.beat_seconds
    assert (pulses[seconds > 0.3] == 0).all()
    assert (pulses[seconds < 0.02] > 0.8).all()
    assert ((pulses >= 0) & (pulses <= 1)).all()
    assert not hit_pulses(written(MOVES["march"]), counts).any()


def test_a_wave_runs_up_the_spine():
    move = dataclasses.replace(MOVES["body_roll"], upper=ROLL)
    score = written(move)
    counts = np.arange(4, 12, 1 / 64)
    lower, chest = spine_angles(score, counts, PLAIN_DANCER, np.zeros((len(counts), 15)))
    lags = []
    for part in (lower, chest):
        fits = [np.dot(part[:, 2], score.spine.at(counts - lag / 64, TRUNK)[:, 2]) for lag in range(64)]
        lags.append(int(np.argmax(fits)) / 64)
    assert 0.2 < lags[0] < 0.3
    assert lags[1] == pytest.approx(2 * lags[0], abs=0.04)


@pytest.mark.parametrize("facing", np.linspace(-np.pi, np.pi, 9))
def test_the_gaze_stays_in_front_as_far_as_the_neck_goes(facing):
    half = gaze(STILL, np.array([facing]), np.zeros((1, 2)), STILL)
    turn = (Rotation.from_rotvec(half) ** 2).as_euler("YZX")[0]
    assert abs(turn[0]) <= MAX_NECK[0] + 1e-6
    assert facing * turn[0] <= 1e-9
    if abs(facing) < 0.8:
        assert abs(facing + turn[0]) < abs(facing) or facing == 0


def test_the_head_is_held_upright_over_a_leaning_trunk():
    half = gaze(STILL, np.zeros(1), np.array([[0.2, -0.3]]), STILL)
    turn = (Rotation.from_rotvec(half) ** 2).as_euler("YZX")[0]
    np.testing.assert_allclose(turn[1:], [-0.2, 0.3], atol=0.05)


@pytest.mark.parametrize("name", ["punches", "arm_circles", "shimmy"])
def test_elbows_never_bend_backward(name):
    for looseness in (0.0, 1.0):
        arms = arms_of(name, looseness=looseness)
        assert (-arms[LEFT][:, 2, 1]).min() > 0.1
        assert arms[RIGHT][:, 2, 1].min() > 0.1


def test_sharp_dancers_snap_into_their_poses():
    speeds = {}
    for sharpness in (0.0, 1.0):
        turns = Rotation.from_rotvec(arms_of("robot", sharpness=sharpness, looseness=0.0)[LEFT][:, 1])
        speeds[sharpness] = (turns[1:] * turns[:-1].inv()).magnitude().max() * FPS
    assert speeds[1.0] > 1.3 * speeds[0.0]


def test_loose_arms_swing_on_past_their_poses():
    reaches = [np.ptp(arms_of("punches", looseness=looseness)[LEFT][:, 2, 1]) for looseness in (0.0, 1.0)]
    assert reaches[1] > 1.02 * reaches[0]


def test_elbows_come_after_shoulders():
    together, later = (arms_of("punches", lag_seconds=lag)[LEFT] for lag in (0.0, 0.1))
    np.testing.assert_allclose(together[:, 1], later[:, 1])
    np.testing.assert_allclose(later[6:, 2], together[:-6, 2], atol=1e-9)
