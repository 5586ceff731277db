from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from macedance.data.audio import load_audio
from macedance.data.music_features import fit_num_frames, music_features
from macedance.data.packing import FineDanceSource, Window
from macedance.data.packing.sound import TrackSound, find_sound, sound_frames


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, kit: SimpleNamespace) -> SimpleNamespace:
    """Clips of a dance to a stereo song that is a third of a second too short, its samples and features."""
    folder = tmp_path_factory.mktemp("sound")
    song = kit.write_song(folder / "music_wav" / "1.wav", 20.0, channels=2)
    (folder / "motion").mkdir()
    array = np.tile(np.array([0, 1, 0, *[1, 0, 0, 0, 1, 0] * 52], np.float32), (610, 1))
    np.save(folder / "motion" / "1.npy", array)
    kit.pack(folder / "out", FineDanceSource(folder), kit.settings(8, 10, seed=3))
    features = music_features(
        load_audio(folder / "music_wav" / "1.wav", mono=True).samples[0], kit.sample_rate
    )
    return SimpleNamespace(clips=list(kit.clips(folder / "out").values()), song=song, features=features)


def test_music_rows_are_rows_of_the_whole_songs_features(clips: SimpleNamespace) -> None:
    assert len(clips.clips) == 2
    features = fit_num_frames(clips.features, 610)
    for clip in clips.clips:
        start, count = round(clip["json"]["start_seconds"] * 30), clip["json"]["num_frames"]
        np.testing.assert_array_equal(clip["music.npy"], features[start : start + count])
        beats = np.flatnonzero(features[start : start + count, 34]) / 30
        np.testing.assert_allclose(clip["json"]["beats_seconds"], beats, atol=1e-6)
        assert len(beats) > 10


def test_sound_is_cut_to_the_sample(clips: SimpleNamespace, kit: SimpleNamespace) -> None:
    for clip in clips.clips:
        samples, sample_rate = clip["audio.flac"]
        start = round(clip["json"]["start_seconds"] * kit.sample_rate)
        count = clip["json"]["num_frames"] * kit.sample_rate // 30
        assert (sample_rate, samples.shape) == (kit.sample_rate, (count, 2))
        song = np.pad(clips.song, ((0, 8000), (0, 0)))[start : start + count]
        np.testing.assert_array_equal(np.round(samples * 32768), song)


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000])
def test_neighbouring_clips_share_no_sample_and_lose_none(sample_rate: int) -> None:
    numbers = np.arange(sample_rate * 2) % 30_000
    sound = TrackSound(numbers[None].astype(np.float32) / 32768, sample_rate, np.zeros((60, 35), np.float32))
    parts = [sound.clip_samples(Window(start, 7)) for start in range(0, 56, 7)]
    np.testing.assert_array_equal(np.concatenate(parts)[:, 0], numbers[: sum(map(len, parts))])


def test_a_delay_moves_sound_and_features(
    tmp_path: Path, kit: SimpleNamespace, quick_features: list[int]
) -> None:
    song = kit.write_song(tmp_path / "a.wav", 3)
    late = TrackSound.load(tmp_path / "a.wav", Fraction(1, 2)).clip_samples(Window(0, 30))
    np.testing.assert_array_equal(late[:, 0], np.pad(song[:11_025, 0], (11_025, 0)))
    early = TrackSound.load(tmp_path / "a.wav", Fraction(-1, 2)).clip_samples(Window(0, 30))
    np.testing.assert_array_equal(early[:, 0], song[11_025:33_075, 0])
    assert quick_features == [len(song) + 11_025, len(song) - 11_025]


def test_one_song_is_heard_once_for_many_dances(
    tmp_path: Path, kit: SimpleNamespace, quick_features: list[int]
) -> None:
    kit.write_song(tmp_path / "a.wav", 3)
    first, second = (TrackSound.load(tmp_path / "a.wav") for _ in range(2))
    assert first.features is second.features
    assert len(quick_features) == 1


def test_sound_that_ends_long_before_its_header_says_is_damaged() -> None:
    sound = TrackSound(np.zeros((1, 48_000), np.float32), 48_000, np.ones((30, 35), np.float32))
    assert sound.clip_features(Window(20, 25)).shape == (25, 35)
    with pytest.raises(ValueError, match=r"ends 0\.5 s before its header says"):
        sound.clip_features(Window(20, 26))


def test_lengths_are_told_by_headers(tmp_path: Path, kit: SimpleNamespace) -> None:
    for name in ("a.wav", "a.flac"):
        kit.write_song(tmp_path / name, 3.05)
    assert sound_frames(tmp_path / "a.wav") == sound_frames(tmp_path / "a.flac") == 91
    (tmp_path / "b.mp3").write_bytes(b"no sound at all")
    with pytest.raises(ValueError, match=r"b\.mp3"):
        sound_frames(tmp_path / "b.mp3")
    assert find_sound([tmp_path / "none", tmp_path / "b"]) == tmp_path / "b.mp3"
    assert find_sound([tmp_path / "none"]) is None
