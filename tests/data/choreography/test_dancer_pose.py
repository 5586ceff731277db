from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import Carriage
from macedance.data.choreography.dancer_pose import pose_dancer
from macedance.data.choreography.feet import foot_paths
from macedance.data.choreography.jumps import GRAVITY, jumps
from macedance.data.choreography.moves import LEFT, RIGHT
from macedance.data.choreography.vocabulary import MOVES
from macedance.geometry.center_of_mass import center_of_mass

from .written_dance import FPS, PLAIN_DANCER, counts_of, joints_at, written

TOES = {LEFT: 10, RIGHT: 11}
LARGE_DANCER = dataclasses.replace(PLAIN_DANCER, carriage=Carriage(size=1.2))
JUMPS = [name for name, move in MOVES.items() if move.footwork.jumps]


def posed(score: DanceScore, **carriage: object) -> tuple[np.ndarray, np.ndarray]:
    """Times in beats (T,) and joints (T, 24, 3)."""
    counts = counts_of(score)
    dancer = dataclasses.replace(PLAIN_DANCER, carriage=dataclasses.replace(Carriage(), **carriage))
    return counts, joints_at(*pose_dancer(score, dancer, counts, 1 / FPS)).numpy()


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_legs_put_the_standing_feet_where_the_score_has_them(move):
    score = written(move)
    counts, joints = posed(score)
    for side, foot in foot_paths(score, counts, jumps(score, counts)).items():
        away = np.linalg.norm(joints[:, TOES[side]] - foot.ball, axis=1)[foot.stands]
        assert away.max() < 0.03  # an ankle gives way before it breaks
        assert np.median(away) < 1e-6


@pytest.mark.parametrize("name", JUMPS)
def test_the_centre_of_mass_falls_freely_in_flight(name):
    score = written(MOVES[name], bpm=95)
    counts, joints = posed(score)
    height = center_of_mass(torch.from_numpy(joints)).numpy()[:, 1]
    falls = []
    for start, end in score.flights:
        inside = (counts > start) & (counts < end)
        seconds = counts[inside] * score.beat_seconds
        falls.append(2 * np.polyfit(seconds - seconds[0], height[inside], 2)[0])
    assert np.mean(falls) == pytest.approx(-GRAVITY, rel=0.25)  # legs drawn up and arms count too


@pytest.mark.parametrize("name", JUMPS)
def test_take_offs_and_landings_are_smooth(name):
    _, joints = posed(written(MOVES[name]))
    for joint in (0, 15):
        speeds = np.diff(joints[:, joint, 1]) * FPS
        assert np.abs(np.diff(speeds)).max() * FPS < 65


@pytest.mark.parametrize("name", JUMPS)
def test_there_is_no_groove_in_the_air(name):
    score = written(MOVES[name])
    (counts, with_bounce), (_, without) = posed(score, bounce=0.05), posed(score, bounce=0.0)
    in_flight = jumps(score, counts).flies
    moved = np.abs(with_bounce - without)[:, 0, 1]
    assert moved[in_flight].max() < 0.005
    assert moved.max() > 0.015


@pytest.mark.parametrize("is_up", [False, True])
def test_the_groove_is_lowest_or_highest_on_the_beat(is_up):
    score = written(MOVES["tutting"])
    heights = {}
    for bounce in (0.0, 0.04):
        counts, joints = posed(score, bounce=bounce, is_up_on_beat=is_up)
        heights[bounce] = joints[:, 0, 1]
    sunk = heights[0.0] - heights[0.04]
    within = (counts > 2) & (counts < 14)
    phase = np.angle(np.sum(sunk[within] * np.exp(2j * np.pi * counts[within])))
    assert np.cos(phase) * (-1 if is_up else 1) > 0.9
    assert 0.01 < np.ptp(sunk[within]) < 0.06


def test_the_groove_is_deeper_in_fuller_music():
    depths = []
    for energy in (0.1, 1.0):
        score = written(MOVES["tutting"], energy=energy)
        (counts, with_bounce), (_, without) = posed(score, bounce=0.05), posed(score, bounce=0.0)
        within = (counts > 2) & (counts < 14)
        depths.append(np.ptp((without - with_bounce)[within, 0, 1]))
    assert depths[1] > 1.5 * depths[0]


def test_hits_go_through_the_body_near_their_time_only():
    plain = written(MOVES["rock"])
    hit = dataclasses.replace(plain, hits=np.array([6.25]))
    (counts, before), (_, after) = posed(plain), posed(hit)
    moved = np.linalg.norm(after - before, axis=-1).max(axis=1)
    seconds = (counts - 6.25) * plain.beat_seconds
    assert moved[np.abs(seconds).argmin()] > 0.02
    assert moved[np.abs(seconds) > 0.4].max() < 1e-3


def test_places_between_frames_are_of_the_same_dance():
    score = written(MOVES["grapevine"])
    counts = counts_of(score)
    every = pose_dancer(score, PLAIN_DANCER, counts, 1 / FPS)
    some = pose_dancer(score, PLAIN_DANCER, counts, 1 / FPS, np.array([10.0, 50.0, 50.5]))
    for all_of_it, part in zip(every, some, strict=True):
        np.testing.assert_allclose(part[:2], all_of_it[[10, 50]], atol=1e-9)
    between = joints_at(*some)[2]
    around = joints_at(*(values[50:52] for values in every)).mean(dim=0)
    assert (between - around).norm(dim=-1).max() < 2e-3


def test_hits_do_not_disturb_a_flight():
    score = written(MOVES["jump"], bpm=95)
    landings = score.flights[:, 1]
    counts, plain = posed(score, accent=1.0)
    _, hit = posed(dataclasses.replace(score, hits=landings), accent=1.0)
    away = np.abs(hit - plain).max(axis=(1, 2))
    in_flight = jumps(score, counts).flies
    assert away[in_flight].max() < 1e-9
    assert away[~in_flight].max() > 0.01


@pytest.mark.parametrize("name", ["kicks", "side_kicks", "step_kick", "charleston"])
def test_a_leg_in_the_air_does_not_pull_the_hips_down(name):
    _, joints = posed(written(MOVES[name], dancer=LARGE_DANCER))
    assert joints[:, 0, 1].min() > 0.85


@pytest.mark.parametrize("name", ["step_behind", "grapevine", "side_lunge"])
def test_the_pelvis_sinks_before_a_far_step(name):
    _, joints = posed(written(MOVES[name], dancer=LARGE_DANCER))
    speeds = np.diff(joints[:, 0, 1]) * FPS
    assert np.abs(np.diff(speeds)).max() * FPS < 40


def test_the_hip_of_the_standing_leg_is_the_higher_one():
    counts, joints = posed(written(MOVES["double_rock"]))
    higher = joints[:, 1, 1] - joints[:, 2, 1]
    left, right = (np.interp(count, counts, higher) for count in (3.0, 1.0))
    assert left - right > 0.01  # rest hips are not quite level


@pytest.mark.parametrize("name", ["forward_lunge", "jump_turns", "freeze"])
def test_no_ankle_bends_further_than_it_can(name):
    score = written(MOVES[name], dancer=LARGE_DANCER)
    poses, _ = pose_dancer(score, LARGE_DANCER, counts_of(score), 1 / FPS)
    assert np.rad2deg(-poses[:, [7, 8], 0].min()) < 40


def test_a_style_that_leans_bends_the_trunk():
    score = written(MOVES["hip_sway"])
    upright, leaning = (posed(score, lean=lean)[1] for lean in (0.0, 0.3))
    forward = (leaning - upright)[:, 12, 2] - (leaning - upright)[:, 0, 2]
    assert forward.min() > 0.05
