from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.data.choreography import choreograph
from macedance.data.choreography.dancer_pose import SOLE_THICKNESS
from macedance.data.footwork import FOOTWORK
from macedance.data.songs import Section, Song, make_song
from macedance.data.upper_body import UPPER_BODIES
from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import FOOT_JOINTS, REST_PELVIS, forward_kinematics
from macedance.metrics import BeatAlignmentScore, FootSkatingRatio, MotionJerk

NUM_SONGS = 24
KNEES, ANKLES, TOES = [4, 5], [7, 8], [10, 11]


def joints_of(poses: np.ndarray, trans: np.ndarray) -> torch.Tensor:
    rotations = axis_angle_to_matrix(torch.from_numpy(poses).double())
    return forward_kinematics(rotations, torch.from_numpy(trans + REST_PELVIS).double())


def silent_song(sections: tuple[Section, ...], *, bpm: float = 100.0) -> Song:
    beats = np.arange(0, sections[-1].end_seconds - 1e-9, 60 / bpm)
    samples = np.zeros(round(sections[-1].end_seconds * 24000), np.float32)
    return Song(samples, 24000, beats, beats[::4], bpm, "pop", sections)


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [make_song(8.0, seed) for seed in range(NUM_SONGS)]


@pytest.fixture(scope="module")
def dances(songs) -> list[tuple[np.ndarray, np.ndarray]]:
    return [choreograph(song, seed) for seed, song in enumerate(songs)]


@pytest.fixture(scope="module")
def joints(dances) -> list[torch.Tensor]:
    return [joints_of(*dance) for dance in dances]


def test_shapes_follow_the_song_and_the_frame_rate(songs):
    for fps, num_frames in ((30.0, 240), (60.0, 480)):
        poses, trans = choreograph(songs[0], 0, fps=fps)
        assert poses.shape == (num_frames, 24, 3)
        assert trans.shape == (num_frames, 3)
        assert poses.dtype == trans.dtype == np.float32
        assert np.isfinite(poses).all()
        assert np.isfinite(trans).all()


def test_frame_rates_sample_the_same_dance(songs):
    slow, fast = (choreograph(songs[0], 0, fps=fps)[1] for fps in (30.0, 60.0))
    np.testing.assert_array_equal(slow, fast[::2])


def test_a_seed_fixes_the_dance(songs, dances):
    again = choreograph(songs[3], np.random.default_rng(3))
    for first, second in zip(dances[3], again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_seeds_dance_differently_to_one_song(songs):
    first, second = (joints_of(*choreograph(songs[0], seed)) for seed in (1, 2))
    assert (first - second).norm(dim=-1).mean() > 0.05


def test_dances_on_the_beat_of_its_own_music(songs, joints):
    metric = BeatAlignmentScore(num_resamples=100)
    metric.update(joints, [song.beats for song in songs])
    score = metric.compute()
    assert score["num_clips"] == NUM_SONGS
    assert score["own"] > 0.6
    assert score["gap"] > 0.3


def test_feet_skate_a_little_but_not_much(joints):
    metric = FootSkatingRatio()
    metric.update(joints)
    assert 0.02 < metric.compute() < 0.12


def test_moves_smoothly(joints):
    metric = MotionJerk()
    metric.update(joints)
    assert 20 < metric.compute() < 300


def test_feet_stand_on_the_floor(joints):
    for clip in joints:
        heights = clip[:, TOES, 1]
        assert heights.min() > SOLE_THICKNESS - 1e-4
        assert (heights.min(dim=1).values < SOLE_THICKNESS + 0.01).double().mean() > 0.9
        assert clip[:, ANKLES, 1].min() > SOLE_THICKNESS


def test_mostly_one_foot_stands_quite_still(joints):
    still = []
    for clip in joints:
        steps = clip[:, TOES].diff(dim=0).norm(dim=-1)
        still.append((steps.min(dim=1).values < 0.003).double().mean())
    assert min(still) > 0.5
    assert np.mean(still) > 0.85


def test_knees_are_hinges_that_never_straighten_or_bend_back(dances):
    for poses, _ in dances:
        knees = poses[:, KNEES]
        assert knees[..., 0].min() > 0.1
        assert knees[..., 0].max() < 2.5
        assert np.abs(knees[..., 1:]).max() < 1e-5


def test_joints_stay_within_human_limits(dances):
    limits = {
        "spine": ([3, 6, 9], 0.6),
        "neck and head": ([12, 15], 0.8),
        "ankles": (ANKLES, 1.2),
        "hips": ([1, 2], 2.2),
    }
    for name, (joint_numbers, limit) in limits.items():
        largest = max(np.linalg.norm(poses[:, joint_numbers], axis=-1).max() for poses, _ in dances)
        assert largest < limit, name


def test_limbs_keep_clear_of_each_other_and_the_trunk(joints):
    everything = torch.cat(joints)
    for left, right, least in ((4, 5, 0.06), (7, 8, 0.05), (20, 21, 0.04)):
        assert (everything[:, left] - everything[:, right]).norm(dim=-1).min() > least
    trunk = everything[:, [0, 3, 6, 9]]
    for hand in (20, 21):
        assert (everything[:, hand, None] - trunk).norm(dim=-1).min() > 0.13


def test_stays_near_the_middle_of_the_floor(joints):
    assert max(clip[:, 0, [0, 2]].abs().max() for clip in joints) < 1.5


def test_sections_of_one_name_repeat_their_phrases():
    chorus = 16 * 0.6
    song = silent_song(tuple(Section("chorus", k * chorus, (k + 1) * chorus, 1.0) for k in range(2)))
    for seed in range(4):
        poses, _ = choreograph(song, seed)
        bends = np.sort(np.linalg.norm(poses[:, [18, 19]], axis=-1), axis=1)
        last_count = round(15 * 0.6 * 30)
        half = round(chorus * 30)
        np.testing.assert_allclose(bends[18:last_count], bends[half + 18 : half + last_count], atol=0.02)


def test_keeps_moving_to_the_last_frame(joints):
    for clip in joints:
        assert clip[-12:].diff(dim=0).norm(dim=-1).max() > 0.004


def test_breaks_are_danced_stiller_than_choruses():
    speeds = {}
    for name, energy in (("chorus", 1.0), ("break", 0.3)):
        song = silent_song((Section(name, 0.0, 9.6, energy),))
        clips = [joints_of(*choreograph(song, seed)) for seed in range(6)]
        speeds[name] = torch.stack([clip.diff(dim=0).norm(dim=-1).mean() for clip in clips]).mean()
    assert speeds["break"] < 0.85 * speeds["chorus"]


@pytest.mark.parametrize("move", FOOTWORK, ids=lambda move: move.name)
def test_footwork_fills_whole_or_half_phrases(move):
    assert move.num_counts in (4, 8)
    assert len(move.drops) == move.num_counts
    assert len(move.headings) in (0, move.num_counts)
    assert all(1 <= step.count <= move.num_counts for step in move.steps)
    assert move.mirrored().mirrored() == move


@pytest.mark.parametrize("pattern", UPPER_BODIES, ids=lambda pattern: pattern.name)
def test_upper_bodies_repeat_within_a_phrase(pattern):
    assert 8 % len(pattern.arms) == 8 % len(pattern.torso) == 8 % len(pattern.head) == 0
    assert pattern.mirrored().mirrored() == pattern


def test_foot_contacts_are_seen(joints):
    steps = torch.cat([clip[:, list(FOOT_JOINTS)].diff(dim=0).norm(dim=-1) for clip in joints])
    assert 0.4 < (steps < 0.01).double().mean() < 0.95
