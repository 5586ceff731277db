from __future__ import annotations

import numpy as np
import pytest
from recordings import _compressed, _equalized, as_recorded

from macedance.data.music_features import ONSET_STRENGTH, music_beats, music_features
from macedance.data.song_styles import STYLES
from macedance.data.songs import Song, make_song

SECONDS = 8.0


def recorded(song: Song, seed: int) -> np.ndarray:
    return as_recorded(song.samples, song.sample_rate, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def clear_song() -> Song:
    return make_song(SECONDS, 0, style="disco")


def test_the_seed_decides_the_sound(clear_song: Song) -> None:
    first, again, other = (recorded(clear_song, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=0.01)


@pytest.mark.parametrize("style", sorted(STYLES)[::4])
def test_every_sound_can_be_stored(style: str) -> None:
    song = make_song(SECONDS, 1, style=style)
    for seed in range(8):
        sound = recorded(song, seed)
        assert (sound.dtype, sound.shape) == (np.float32, song.samples.shape)
        assert np.isfinite(sound).all()
        assert 0.1 < np.abs(sound).max() <= 1


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_short_sounds_can_be_recorded(seconds: float) -> None:
    samples = np.sin(np.arange(int(24000 * seconds)) / 20).astype(np.float32)
    for seed in range(20):
        sound = as_recorded(samples, 24000, np.random.default_rng(seed))
        assert len(sound) == len(samples)
        assert np.isfinite(sound).all()


def test_the_song_given_is_left_as_it_is(clear_song: Song) -> None:
    before = clear_song.samples.copy()
    recorded(clear_song, 3)
    assert np.array_equal(clear_song.samples, before)


def test_a_recording_keeps_the_beat(clear_song: Song) -> None:
    num_near = num_all = 0
    for seed in range(6):
        beats = music_beats(music_features(recorded(clear_song, seed), clear_song.sample_rate))
        distances = np.abs(clear_song.beats[:, None] - beats).min(axis=1)
        num_near, num_all = num_near + (distances < 0.1).sum(), num_all + len(distances)
    assert num_near > 0.8 * num_all


def test_recordings_are_denser() -> None:
    ratios = []
    for number, style in enumerate(sorted(STYLES)[::3]):
        song = make_song(SECONDS, number, style=style)
        clean, sound = (
            music_features(samples, song.sample_rate)[:, ONSET_STRENGTH]
            for samples in (song.samples, recorded(song, number))
        )
        ratios.append(np.ptp(sound) / np.ptp(clean))
    assert np.mean(ratios) < 0.9


@pytest.mark.parametrize("seed", range(5))
def test_a_compressor_brings_loud_and_soft_together(seed: int) -> None:
    loud, soft = (gain * np.sin(np.arange(24000) / 10) for gain in (1.0, 0.05))
    sound = _compressed(np.concatenate([soft, loud, soft]), 24000, np.random.default_rng(seed))
    difference = np.std(sound[36000:48000]) / np.std(sound[12000:24000])
    assert 1 < difference < 18


@pytest.mark.parametrize("seed", range(5))
def test_an_equalizer_changes_tones_and_not_their_time(seed: int) -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(24000) / 24000)
    tone[:12000] = 0
    sound = _equalized(tone, 24000, np.random.default_rng(seed))
    assert sound.shape == tone.shape
    assert np.std(sound[:11000]) < 0.05 * np.std(sound[13000:])
    assert abs(20 * np.log10(np.std(sound[13000:]) / np.std(tone[13000:]))) < 10.5
