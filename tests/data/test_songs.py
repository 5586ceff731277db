from __future__ import annotations

import numpy as np
import pytest

from macedance.data.genres import GENRES
from macedance.data.song_styles import STEPS_PER_BAR, STYLES
from macedance.data.songs import MAX_BPM, MIN_BPM, Song, make_song


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [make_song(8.0, seed) for seed in range(32)]


def onset_envelope(song: Song, hop: int = 120) -> np.ndarray:
    """Rise of the loudness from one hop of 5 ms to the next."""
    changes = np.diff(song.samples, prepend=0).reshape(-1, hop)
    return np.diff(np.sqrt((changes**2).mean(axis=1)), prepend=0).clip(0)


def test_a_seed_fixes_every_sample():
    first, second = make_song(8.0, 5), make_song(8.0, np.random.default_rng(5))
    np.testing.assert_array_equal(first.samples, second.samples)
    np.testing.assert_array_equal(first.beats, second.beats)
    assert first.sections == second.sections


def test_seeds_give_other_songs():
    first, second = make_song(8.0, 5), make_song(8.0, 6)
    assert np.abs(first.samples - second.samples).max() > 0.1
    assert first.bpm != second.bpm


@pytest.mark.parametrize("style", STYLES)
def test_every_style_sounds(style):
    song = make_song(8.0, 1, style=style)
    assert song.style == style
    assert song.samples.dtype == np.float32
    assert song.samples.shape == (8 * song.sample_rate,)
    assert np.isfinite(song.samples).all()
    assert 0.5 < np.abs(song.samples).max() <= 1.0


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_style_is_whole(style):
    assert style.genre in GENRES
    patterns = [*style.drums.values(), style.bass, style.chords]
    assert {len(pattern) for pattern in patterns} == {STEPS_PER_BAR}


def test_unknown_style_names_the_known_ones():
    with pytest.raises(ValueError, match=r"style: must be one of house.*'polka'"):
        make_song(8.0, 1, style="polka")


def test_sample_rate_sets_the_number_of_samples():
    assert make_song(9.0, 2, sample_rate=30720).samples.shape == (9 * 30720,)


def test_beats_are_regular_and_inside(songs):
    for song in songs:
        np.testing.assert_allclose(np.diff(song.beats), 60 / song.bpm)
        assert 0 <= song.beats[0] < 60 / song.bpm
        assert song.duration_seconds - 60 / song.bpm <= song.beats[-1] < song.duration_seconds


def test_every_fourth_beat_is_a_downbeat(songs):
    for song in songs:
        (numbers,) = np.nonzero(np.isin(song.beats, song.downbeats))
        assert len(numbers) == len(song.downbeats)
        assert set(np.diff(numbers)) == {4}


def test_tempos_spread_over_their_range(songs):
    tempos = np.array([song.bpm for song in songs])
    assert tempos.min() >= MIN_BPM
    assert tempos.max() <= MAX_BPM
    assert np.histogram(tempos, bins=4, range=(MIN_BPM, MAX_BPM))[0].min() >= 2


def test_clips_begin_anywhere_in_a_beat(songs):
    phases = np.array([song.beats[0] * song.bpm / 60 for song in songs])
    assert np.histogram(phases, bins=4, range=(0, 1))[0].min() >= 2


def test_sections_follow_one_another_in_whole_phrases(songs):
    for song in songs:
        assert song.sections[0].start_seconds <= 0
        assert song.sections[-1].end_seconds >= song.duration_seconds
        for section, following in zip(song.sections, song.sections[1:], strict=False):
            assert section.end_seconds == pytest.approx(following.start_seconds)
        for section in song.sections:
            num_beats = (section.end_seconds - section.start_seconds) * song.bpm / 60
            assert num_beats % 8 == pytest.approx(0, abs=1e-6) or num_beats % 8 == pytest.approx(8)
            assert 0 <= section.energy <= 1


@pytest.mark.parametrize("style", STYLES)
def test_the_sound_sets_in_on_the_beats(style):
    """More rises of loudness just after the beats than at places drawn anywhere in the song."""
    on_beats, elsewhere = [], []
    for seed in range(3):
        song = make_song(10.0, seed, style=style)
        envelope = onset_envelope(song)

        def rise(seconds: np.ndarray, envelope: np.ndarray = envelope) -> float:
            frames = np.round(seconds * 200).astype(int)[:, None] + np.arange(-1, 4)
            return float(envelope[frames.clip(0, len(envelope) - 1)].max(axis=1).mean())

        on_beats.append(rise(song.beats))
        elsewhere.append(rise(np.random.default_rng(seed).uniform(0, 10, 200)))
    assert np.mean(on_beats) > 1.5 * np.mean(elsewhere)
