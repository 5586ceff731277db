from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from macedance.data.choreography import choreograph
from macedance.data.choreography.choreographer import write_score
from macedance.data.choreography.composition import Composer
from macedance.data.choreography.feet import SOLE_THICKNESS
from macedance.data.choreography.keyframes import Timing
from macedance.data.choreography.styles import STYLE_OF_SONG
from macedance.data.song_styles import STYLES as SONG_STYLES
from macedance.data.songs import Section, Song, make_song
from macedance.geometry.skeleton import FOOT_JOINTS
from macedance.metrics import BeatAlignmentScore, FootSkatingRatio, MotionJerk
from macedance.metrics.functional.balance import imbalance
from macedance.metrics.functional.floor_contact import floor_penetration
from macedance.metrics.functional.joint_limits import joint_limit_violations
from macedance.metrics.functional.self_intersection import self_intersection

from .written_dance import PLAIN_DANCER, joints_of, silent_song

NUM_SONGS = 24
KNEES, ANKLES, TOES = [4, 5], [7, 8], [10, 11]
PHRASE_SECONDS = 8 * 0.6


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
    for fps, num_frames in ((30.0, 240), (60.0, 480), (25.0, 200)):
        poses, trans = choreograph(songs[0], 0, fps=fps)
        assert poses.shape == (num_frames, 24, 3)
        assert trans.shape == (num_frames, 3)
        assert poses.dtype == trans.dtype == np.float32
        assert np.isfinite(poses).all()
        assert np.isfinite(trans).all()


@pytest.mark.parametrize(
    ("slow", "fast"), [(30.0, 60.0), (25.0, 50.0), (24.0, 48.0), (24.0, 120.0), (25.0, 100.0)]
)
def test_frame_rates_sample_the_same_dance(songs, slow, fast):
    for song in songs[:3]:
        one, other = (joints_of(*choreograph(song, 0, fps=fps)) for fps in (slow, fast))
        every = round(fast / slow)
        torch.testing.assert_close(one, other[::every][: len(one)], atol=1e-5, rtol=0)


@pytest.mark.parametrize("fps", [24.0, 25.0])
def test_other_frame_rates_agree_with_thirty_within_millimetres(songs, fps):
    for song in songs[:4]:
        dances = [joints_of(*choreograph(song, 0, fps=rate)) for rate in (fps, 30.0)]
        shared = [
            clip[:: round(rate)] for clip, rate in zip(dances, (fps, 30.0), strict=True)
        ]  # whole seconds
        torch.testing.assert_close(shared[0], shared[1], atol=2e-3, rtol=0)


def test_a_seed_fixes_the_dance(songs, dances):
    again = choreograph(songs[3], np.random.default_rng(3))
    for first, second in zip(dances[3], again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_no_two_seeds_dance_alike_to_one_song(songs):
    for song in songs[:2]:
        clips = [joints_of(*choreograph(song, seed)) for seed in range(12)]
        apart = [(one - other).norm(dim=-1).mean() for one, other in itertools.combinations(clips, 2)]
        assert min(apart) > 0.07
        assert np.mean(apart) > 0.15


@pytest.mark.parametrize("style", SONG_STYLES)
def test_every_style_of_song_is_danced_by_a_body(style):
    song = make_song(16.0, 5, style=style, sample_rate=8000)
    poses, trans = choreograph(song, 5)
    clip = joints_of(poses, trans)
    assert joint_limit_violations(torch.from_numpy(poses)) < 0.001
    assert floor_penetration(clip, 0.0) == 0
    assert self_intersection(clip) < 0.02
    assert clip[..., [0, 2]].abs().max() < 3


def test_dances_on_the_beat_of_its_own_music(songs, joints):
    metric = BeatAlignmentScore(num_resamples=100)
    metric.update(joints, [song.beats for song in songs])
    score = metric.compute()
    assert score["num_clips"] == NUM_SONGS
    assert score["own"] > 0.45
    assert score["gap"] > 0.2


def test_feet_skate_a_little_but_not_much(joints):
    metric = FootSkatingRatio()
    metric.update(joints)
    assert 0.001 < metric.compute() < 0.12


def test_moves_smoothly(joints):
    metric = MotionJerk()
    metric.update(joints)
    assert 20 < metric.compute() < 300


def test_mostly_keeps_its_balance(joints):
    shares = [imbalance(clip, 30.0, 0.0) for clip in joints]
    assert np.mean(shares) < 0.08


def test_feet_stand_on_the_floor(joints):
    for clip in joints:
        heights = clip[:, TOES, 1]
        assert heights.min() > SOLE_THICKNESS - 1e-4
        assert (heights.min(dim=1).values < SOLE_THICKNESS + 0.02).double().mean() > 0.6
        assert clip[:, ANKLES, 1].min() > SOLE_THICKNESS
    lowest = torch.cat([clip[:, TOES, 1].min(dim=1).values for clip in joints])
    assert (lowest < SOLE_THICKNESS + 0.01).double().mean() > 0.9


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
        assert knees[..., 0].max() < 2.6
        assert np.abs(knees[..., 1:]).max() < 1e-5


def test_joints_stay_within_human_limits(dances):
    limits = {
        "spine": ([3, 6, 9], 0.8),
        "neck and head": ([12, 15], 0.8),
        "ankles": (ANKLES, 1.2),
        "hips": ([1, 2], 2.3),
    }
    for name, (joint_numbers, limit) in limits.items():
        largest = max(np.linalg.norm(poses[:, joint_numbers], axis=-1).max() for poses, _ in dances)
        assert largest < limit, name
    for poses, _ in dances:
        assert joint_limit_violations(torch.from_numpy(poses)) < 0.001


def test_limbs_keep_clear_of_each_other_and_the_trunk(joints):
    everything = torch.cat(joints)
    assert self_intersection(everything) < 0.005
    for left, right, least in ((4, 5, 0.06), (7, 8, 0.05), (10, 11, 0.1)):
        assert (everything[:, left] - everything[:, right]).norm(dim=-1).min() > least
    trunk = everything[:, [0, 3, 6, 9]]
    for hand in (20, 21):
        assert (everything[:, hand, None] - trunk).norm(dim=-1).min() > 0.1


def test_stays_near_the_middle_of_the_floor():
    for seed in range(3):
        clip = joints_of(*choreograph(make_song(60.0, seed, sample_rate=8000), seed))
        assert clip[:, 0, [0, 2]].abs().max() < 2.0
        assert clip[:, 0, [0, 2]].mean(dim=0).abs().max() < 1.0


def test_sections_of_one_name_repeat_their_phrases():
    length = 2 * PHRASE_SECONDS
    song = silent_song(tuple(Section("build", k * length, (k + 1) * length, 0.8) for k in range(2)))
    for seed in range(4):
        poses, _ = choreograph(song, seed)
        bends = np.sort(np.linalg.norm(poses[:, [18, 19]], axis=-1), axis=1)
        last_count = round(15 * 0.6 * 30)
        half = round(length * 30)
        gap = np.abs(bends[24:last_count] - bends[half + 24 : half + last_count])
        assert gap.mean() < 0.06
        other_phrase = np.abs(bends[24:last_count] - np.roll(bends[:half], 72, axis=0)[24:last_count])
        assert gap.mean() < 0.5 * other_phrase.mean()


def test_keeps_moving_to_the_last_frame(joints):
    for clip in joints:
        assert clip[-12:].diff(dim=0).norm(dim=-1).max() > 0.004


def test_breaks_are_danced_stiller_than_drops():
    speeds = {}
    for name, energy in (("drop", 1.0), ("break", 0.3)):
        song = silent_song((Section(name, 0.0, 9.6, energy),))
        clips = [joints_of(*choreograph(song, seed)) for seed in range(6)]
        speeds[name] = torch.stack([clip.diff(dim=0).norm(dim=-1).mean() for clip in clips]).mean()
    assert speeds["break"] < 0.75 * speeds["drop"]


def test_a_build_rises_with_its_energy():
    growths = []
    for seed in range(6):
        length = 4 * PHRASE_SECONDS
        songs = [silent_song((Section("build", 0.0, length, 0.5, end),)) for end in (0.5, 1.0)]
        level, rising = (joints_of(*choreograph(song, seed)) for song in songs)
        late = slice(-round(PHRASE_SECONDS * 30), None)
        early = slice(0, round(PHRASE_SECONDS / 2 * 30))
        growth = [
            (
                rising[part].diff(dim=0).norm(dim=-1).mean() / level[part].diff(dim=0).norm(dim=-1).mean()
            ).item()
            for part in (early, late)
        ]
        growths.append(growth[1] - growth[0])
    assert np.mean(growths) > 0.02


def test_a_hit_is_marked_by_the_body_there_and_nowhere_else():
    sections = (Section("verse", 0.0, 4 * PHRASE_SECONDS, 0.7),)
    hit_seconds = 8.1
    for seed in range(3):
        plain, hit = (
            joints_of(*choreograph(silent_song(sections, hits=hits), seed)) for hits in ((), (hit_seconds,))
        )
        moved = (hit - plain).norm(dim=-1)
        seconds = np.arange(len(plain)) / 30
        near = np.abs(seconds - hit_seconds) < 0.1
        assert moved[near][:, [9, 12, 15]].max() > 0.02
        assert moved[torch.from_numpy(np.abs(seconds - hit_seconds) > 0.5)].max() < 2e-3


def test_half_counts_swing_with_the_song():
    sections = (Section("drop", 0.0, 4 * PHRASE_SECONDS, 1.0),)
    halves = []
    for offbeat in (0.5, 0.66):
        song = silent_song(sections, style="house", offbeat=offbeat)
        composer = Composer(STYLE_OF_SONG["house"], song.bpm, np.random.default_rng(2))
        counts = write_score(song, PLAIN_DANCER, composer, 32.0).pelvis.counts
        halves.append(set((counts % 1).round(6).tolist()))
    assert halves[0] <= {0.0, 0.5}
    assert halves[1] == {0.66 if part == 0.5 else part for part in halves[0]}
    assert 0.5 in halves[0]


def test_phrases_begin_with_the_sections_of_the_song():
    sections = (Section("verse", -2.4, 2.4, 0.6), Section("drop", 2.4, 9.6, 1.0))
    song = silent_song(sections)
    composer = Composer(STYLE_OF_SONG["pop"], song.bpm, np.random.default_rng(0))
    seen: list[tuple[str, int]] = []
    phrases = composer.phrases
    composer.phrases = lambda name, energy, number: (
        seen.append((name, number)) or phrases(name, energy, number)
    )
    score = write_score(song, PLAIN_DANCER, composer, 16.0)
    assert seen == [("verse", 1), ("drop", 2)]
    assert score.pelvis.counts[0] == 0  # four beats before the first sample
    drawn = score.energy.at(np.array([6.0, 9.0]), Timing())
    assert drawn[0] < 0.7 < drawn[1]


def test_foot_contacts_are_seen(joints):
    steps = torch.cat([clip[:, list(FOOT_JOINTS)].diff(dim=0).norm(dim=-1) for clip in joints])
    assert 0.4 < (steps < 0.01).double().mean() < 0.95


@pytest.mark.parametrize("seed", range(12))
def test_short_songs_are_danced_to(seed):
    song = make_song(1.0, seed, sample_rate=8000)
    poses, trans = choreograph(song, seed)
    assert poses.shape == (30, 24, 3)
    assert np.isfinite(poses).all()
    assert np.isfinite(trans).all()


def test_a_song_without_a_beat_is_refused(songs):
    with pytest.raises(ValueError, match="song must hold a beat"):
        choreograph(dataclasses.replace(songs[0], beats=np.zeros(0)), 0)


def test_high_frame_rates_are_as_smooth_as_low_ones(songs):
    jerks = {}
    for fps in (60.0, 120.0):
        joints = joints_of(*choreograph(songs[1], 1, fps=fps))
        jerks[fps] = (joints.diff(n=3, dim=0) * fps**3).norm(dim=-1).mean()
    assert jerks[120.0] < 1.3 * jerks[60.0]


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_feet_do_not_stand_in_one_another(seed):
    song = make_song(12.0, seed, style="court_drums", sample_rate=4000)  # danced with much turn-out
    joints = joints_of(*choreograph(song, seed))
    low = (joints[:, TOES, 1] < SOLE_THICKNESS + 0.01).all(dim=1)
    assert (joints[:, 7] - joints[:, 8]).norm(dim=-1)[low].min() > 0.092
