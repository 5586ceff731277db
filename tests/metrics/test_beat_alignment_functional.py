from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from macedance.metrics.functional import (
    alignment_gap,
    alignment_gap_interval,
    beat_alignment,
    beat_timing,
    motion_beats,
    paired_beat_alignment,
)
from macedance.metrics.functional.beat_alignment import nearest_beat_distance
from macedance.metrics.functional.beat_alignment_gap import PairedAlignment

beat_times = st.lists(st.floats(0, 10), min_size=1, max_size=12).map(
    lambda times: torch.tensor(sorted(times), dtype=torch.float64)
)


@pytest.mark.parametrize("protocol", ["bailando", "lodge"])
def test_equals_the_published_code(golden_clip, protocol: str) -> None:
    timing = beat_timing(protocol, golden_clip.fps)
    beats = motion_beats(golden_clip.joints, golden_clip.fps, timing.smoothing_seconds)
    frames = (beats * golden_clip.fps).round().long().numpy()
    np.testing.assert_array_equal(frames, golden_clip.outputs["motion_beats_sigma5"])
    score = beat_alignment(golden_clip.music_seconds, beats, timing.sigma_seconds)
    np.testing.assert_allclose(score, golden_clip.outputs["bas_bailando_lodge_sigma3"], rtol=1e-5)


def test_protocols_in_time_and_in_frames() -> None:
    assert beat_timing("default", 30.0) == beat_timing("default", 16.0) == (0.05, 5 / 60)
    assert beat_timing("bailando", 60.0) == (0.05, 5 / 60)
    assert beat_timing("lodge", 30.0) == beat_timing("mace", 30.0) == (3 / 30, 5 / 30)
    assert beat_timing("mace-2d", 16.0) == (3 / 16, 3.5 / 16)
    with pytest.raises(ValueError, match=r"protocol must be one of default, aist.*, got 'bas'"):
        beat_timing("bas", 30.0)


def swing(fps: float, turning_seconds: float = 1.0, num_seconds: float = 4.0) -> Tensor:
    """A single joint that turns round every ``turning_seconds``, first after half of that, (T, 1, 3)."""
    seconds = (torch.arange(int(num_seconds * fps)) - 0.5) / fps
    return torch.sin(torch.pi * seconds / turning_seconds)[:, None, None].expand(-1, 1, 3)


@pytest.mark.parametrize("fps", [60.0, 30.0, 16.0])
def test_motion_beats_are_the_turning_points_at_any_rate(fps: float) -> None:
    beats = motion_beats(swing(fps), fps)
    np.testing.assert_allclose(beats, [0.5, 1.5, 2.5, 3.5], atol=0.5 / fps)


@pytest.mark.parametrize("num_frames", [1, 2, 3, 40])
def test_a_body_at_rest_has_no_beats(num_frames: int) -> None:
    assert motion_beats(torch.zeros(num_frames, 24, 3), 30.0).shape == (0,)


def test_a_diverged_motion_has_no_beats() -> None:
    assert len(motion_beats(torch.full((40, 24, 3), torch.nan), 30.0)) == 0


def test_score_is_one_on_the_beat_and_falls_with_the_shift() -> None:
    beats = motion_beats(swing(30.0), 30.0)
    scores = [beat_alignment(beats + shift, beats).item() for shift in (0.0, 0.02, 0.05, 0.1, 0.3)]
    assert scores[0] == 1.0
    assert all(later < earlier for earlier, later in itertools.pairwise(scores))
    np.testing.assert_allclose(scores[2], np.exp(-0.5), rtol=1e-6)


def test_direction_says_which_beats_are_averaged() -> None:
    music, motion = torch.tensor([1.0]), torch.tensor([1.0, 5.0, 9.0])
    assert beat_alignment(music, motion) == 1
    np.testing.assert_allclose(beat_alignment(music, motion, direction="motion_to_music"), 1 / 3)
    with pytest.raises(
        ValueError, match="direction must be one of music_to_motion, motion_to_music, got 'both'"
    ):
        beat_alignment(music, motion, direction="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("direction", ["music_to_motion", "motion_to_music"])
def test_no_beats_give_nan(direction: str) -> None:
    some, none = torch.tensor([1.0]), torch.empty(0)
    assert beat_alignment(none, some, direction=direction).isnan()
    assert beat_alignment(some, none, direction=direction).isnan()
    assert beat_alignment(none, none, direction=direction).isnan()


def test_refuses_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"joints must be one clip .* got \(2, 40, 24, 3\)"):
        motion_beats(torch.zeros(2, 40, 24, 3), 30.0)
    with pytest.raises(ValueError, match="fps must be positive, got 0"):
        motion_beats(torch.zeros(40, 24, 3), 0)
    with pytest.raises(ValueError, match="sigma_seconds must be positive, got 0"):
        beat_alignment(torch.ones(1), torch.ones(1), sigma_seconds=0)


@settings(deadline=None, max_examples=50)
@given(beats=beat_times, reference=beat_times)
def test_nearest_distance_is_the_least_of_all(beats: Tensor, reference: Tensor) -> None:
    expected = (beats[:, None] - reference).abs().min(dim=1).values
    np.testing.assert_array_equal(nearest_beat_distance(beats, reference), expected)


@settings(deadline=None, max_examples=25)
@given(
    music=st.lists(st.lists(st.floats(0, 10), max_size=6), min_size=1, max_size=5),
    motion=st.lists(st.lists(st.floats(0, 10), max_size=6), min_size=5, max_size=5),
    duration=st.floats(2, 12),
    direction=st.sampled_from(["music_to_motion", "motion_to_music"]),
)
def test_pairs_equal_scoring_each_pair_by_itself(
    music: list[list[float]], motion: list[list[float]], duration: float, direction: str
) -> None:
    num_clips = len(music)
    musics = [torch.tensor(beats, dtype=torch.float64) for beats in music]
    motions = [torch.tensor(sorted(beats), dtype=torch.float64) for beats in motion[:num_clips]]
    durations = [duration + clip for clip in range(num_clips)]
    sigmas = [0.05 * (clip + 1) for clip in range(num_clips)]
    pairs = paired_beat_alignment(musics, motions, durations, sigmas, direction)
    matrix = np.array(
        [
            [beat_alignment(other[other < limit], own, sigma, direction) for other in musics]
            for own, limit, sigma in zip(motions, durations, sigmas, strict=True)
        ]
    )
    np.testing.assert_allclose(pairs.own, matrix.diagonal(), atol=1e-9)
    matrix[[[one == other for other in music] for one in music]] = np.nan  # the same song is no other
    np.testing.assert_allclose(pairs.others_sum, np.nansum(matrix, axis=1), atol=1e-9)
    np.testing.assert_array_equal(pairs.others_count, np.isfinite(matrix).sum(axis=1))


def random_pairs(num_clips: int) -> PairedAlignment:
    generator = torch.Generator().manual_seed(1)
    own, others = torch.rand(2, num_clips, generator=generator, dtype=torch.float64)
    count = torch.full((num_clips,), num_clips - 1.0, dtype=torch.float64)
    return PairedAlignment(own, 0.5 * others * count, count, torch.arange(num_clips))


def test_bootstrap_interval_agrees_with_the_normal_approximation() -> None:
    pairs = random_pairs(300)
    own, others = alignment_gap(pairs)
    low, high = alignment_gap_interval(pairs, num_resamples=4000, seed=0)
    half_width = 1.96 * (pairs.own - pairs.others_sum / pairs.others_count).std() / 300**0.5
    np.testing.assert_allclose(
        [low, high], [own - others - half_width, own - others + half_width], atol=0.004
    )


def test_bootstrap_interval_depends_on_the_seed_but_not_on_the_order() -> None:
    pairs = random_pairs(20)
    backwards = PairedAlignment(*(values.flip(0) for values in pairs))
    first = alignment_gap_interval(pairs, num_resamples=1000, seed=0)
    assert alignment_gap_interval(backwards, num_resamples=1000, seed=0) == first
    assert alignment_gap_interval(pairs, num_resamples=1000, seed=1) != first


def test_dances_to_the_same_song_are_no_controls_for_each_other() -> None:
    songs = [torch.arange(0.5, 8, 0.5), torch.arange(0.3, 8, 0.7)]
    music = [songs[0], songs[0], songs[1]]
    pairs = paired_beat_alignment(music, [beats.double() for beats in music], [8.0] * 3, [0.05] * 3)
    assert pairs.own.tolist() == [1, 1, 1]
    assert pairs.others_count.tolist() == [1, 1, 2]
    assert (pairs.others_sum / pairs.others_count).max() < 0.6
    assert pairs.song.tolist() == [0, 0, 1]
    only_one = paired_beat_alignment(
        music[:2], [beats.double() for beats in music[:2]], [8.0] * 2, [0.05] * 2
    )
    assert alignment_gap(only_one)[1].isnan()
    assert torch.stack(alignment_gap_interval(only_one, num_resamples=10, seed=0)).isnan().all()


def test_the_interval_draws_songs_and_not_their_dances() -> None:
    """A hundred copies of each dance make the interval no narrower."""
    pairs = random_pairs(20)
    copies = PairedAlignment(*(values.repeat(100) for values in pairs))
    for few, many in zip(
        alignment_gap_interval(pairs, num_resamples=500, seed=0),
        alignment_gap_interval(copies, num_resamples=500, seed=0),
        strict=True,
    ):
        assert many == pytest.approx(few.item())


def test_beats_before_the_clip_do_not_count() -> None:
    early = torch.tensor([-5.0, -3.0, 0.5])
    pairs = paired_beat_alignment([early], [torch.tensor([0.5], dtype=torch.float64)], [2.0], [0.05])
    assert pairs.own.tolist() == [1]
