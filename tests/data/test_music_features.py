from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from threadpoolctl import threadpool_limits

from macedance.data import librosa_kernels
from macedance.data.audio import load_audio
from macedance.data.music_features import (
    BEAT,
    CHROMA,
    MFCC,
    MUSIC_DIM,
    ONSET_PEAK,
    ONSET_STRENGTH,
    fit_num_frames,
    music_beats,
    music_features,
)

FIXTURE = Path(__file__).parents[1] / "fixtures" / "music_features_synthetic.npz"
REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))
REAL = REAL_DATA / "golden" / "music_features.npz"


def test_equals_the_published_extractor(tmp_path: Path) -> None:
    with np.load(FIXTURE, allow_pickle=False) as golden:
        soundfile.write(tmp_path / "song.wav", golden["pcm16_44k"], 44_100)
        expected = golden["features_35"]
    audio = load_audio(tmp_path / "song.wav")
    features = music_features(audio.mono(), audio.sample_rate)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected, atol=1e-4)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason=f"real recordings are not at {REAL}")
@pytest.mark.parametrize("song", ["freezingpoint", "spunkyrace-ks", "mus1"])
def test_equals_the_published_extractor_on_real_songs(song: str) -> None:
    with np.load(REAL, allow_pickle=False) as golden:
        samples = golden[f"{song}/pcm16_48k"].astype(np.float32) / 2**15
        np.testing.assert_allclose(music_features(samples, 48_000), golden[f"{song}/features_35"], atol=1e-4)


def test_beats_of_a_click_track() -> None:
    rate, clicks = 22_050, np.arange(0.5, 10, 0.5)
    samples = np.zeros(10 * rate, dtype=np.float32)
    for second in clicks:
        start = int(second * rate)
        samples[start : start + 400] = 0.5 * np.hanning(400)
    beats = music_beats(music_features(samples, rate))
    assert len(beats) >= 15
    assert np.abs(beats[:, None] - clicks).min(axis=1).max() < 0.05


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_silence_is_finite_and_without_warnings(seconds: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = music_features(np.zeros(int(seconds * 44_100), dtype=np.float32), 44_100)
    assert features.shape == (30 * seconds, MUSIC_DIM)
    assert np.isfinite(features).all()
    assert len(music_beats(features)) == 0


@pytest.mark.parametrize(
    ("num_samples", "sample_rate", "num_frames"),
    [(8_000, 8_000, 30), (44_100 + 1469, 44_100, 30), (72_000, 48_000, 45)],
)
def test_length_is_the_number_of_whole_frames(num_samples: int, sample_rate: int, num_frames: int) -> None:
    noise = np.random.default_rng(0).normal(scale=0.1, size=num_samples).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = music_features(noise, sample_rate)
    assert features.shape == (num_frames, MUSIC_DIM)
    assert np.isfinite(features).all()
    assert set(np.unique(features[:, [ONSET_PEAK, BEAT]])) <= {0.0, 1.0}
    assert features[:, ONSET_STRENGTH].max() > 0
    assert np.ptp(features[:, MFCC]) > 0
    assert features[:, CHROMA].min() >= 0


def test_refuses_short_and_stereo_sound() -> None:
    with pytest.raises(ValueError, match=r"at least 1 s, got 0\.500 s"):
        music_features(np.zeros(22_050, dtype=np.float32), 44_100)
    with pytest.raises(ValueError, match=r"samples must be mono, shape \(N,\), got \(2, 44100\)"):
        music_features(np.zeros((2, 44_100), dtype=np.float32), 44_100)


@pytest.mark.parametrize("num_frames", [0, 3, 4, 7])
def test_fit_num_frames(num_frames: int) -> None:
    features = np.ones((4, MUSIC_DIM), dtype=np.float32) * np.arange(1, 5, dtype=np.float32)[:, None]
    fitted = fit_num_frames(features, num_frames)
    assert fitted.shape == (num_frames, MUSIC_DIM)
    assert fitted.dtype == np.float32
    np.testing.assert_array_equal(fitted[:4], features[:num_frames])
    assert (fitted[4:, [ONSET_STRENGTH, ONSET_PEAK, BEAT]] == 0).all()
    assert (fitted[4:, 1:33] == 4).all()
    assert (features[-1] == 4).all()


def test_fit_num_frames_needs_a_frame() -> None:
    with pytest.raises(ValueError, match="at least one frame, got 0"):
        fit_num_frames(np.zeros((0, MUSIC_DIM), dtype=np.float32), 3)


def test_the_number_of_threads_changes_no_bit() -> None:
    samples = np.random.default_rng(1).standard_normal(44_100 * 3, dtype=np.float32)
    features = []
    for num_threads in (1, 2):
        with threadpool_limits(limits=num_threads):
            features.append(music_features(samples, 44_100))
    np.testing.assert_array_equal(*features)


@pytest.mark.slow
def test_processes_that_start_together_share_one_cache_of_kernels(tmp_path: Path) -> None:
    # Each has compiled another number of functions before, so that what they would store differs.
    script = (
        "import sys\nimport numba\nimport numpy as np\n"
        "from macedance.data.music_features import music_features\n"
        "for _ in range(int(sys.argv[1])):\n    numba.njit(lambda x: x + 1)(1)\n"
        "music_features(np.zeros(22_050, np.float32), 22_050)"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_OPT": "0"}  # compiles faster
    commands = [[sys.executable, "-c", script, str(number)] for number in (0, 3, 7)]
    together = [subprocess.Popen(command, env=environment) for command in commands]
    assert [process.wait() for process in together] == [0, 0, 0]
    assert subprocess.run(commands[1], env=environment, check=False).returncode == 0


def test_an_unwritable_home_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(librosa_kernels, "user_cache_path", lambda name: tmp_path / "file" / name)
    assert librosa_kernels.lock_folder().is_dir()
