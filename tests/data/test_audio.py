from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from macedance.data.audio import load_audio, require_duration
from macedance.data.librosa_kernels import compiled_librosa

RATE = 44_100


def tone(num_channels: int, seconds: float = 1.5, rate: int = RATE) -> np.ndarray:
    """A different tone in each channel, float32 (C, N)."""
    time = np.arange(int(seconds * rate)) / rate
    pitches = 220.0 * (1 + np.arange(num_channels))[:, None]
    return (0.4 * np.sin(2 * np.pi * pitches * time)).astype(np.float32)


def write_container(path: Path, samples: np.ndarray | None, codec: str = "aac", rate: int = 48_000) -> None:
    """A video file with eight grey frames and, if given, a sound stream."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libvpx" if path.suffix == ".webm" else "h264", rate=8)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = None if samples is None else container.add_stream(codec, rate=rate, layout="stereo")
        for _ in range(8):
            image = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24")
            container.mux(video.encode(image))
        container.mux(video.encode())
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            frame.sample_rate = rate
            resampler = av.AudioResampler(
                sound.format, sound.layout, rate, sound.codec_context.frame_size or None
            )
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(sound.encode(piece))
            container.mux(sound.encode())


@pytest.mark.parametrize("num_channels", [1, 2, 6])
def test_wav_is_read_exactly(tmp_path: Path, num_channels: int) -> None:
    samples = tone(num_channels)
    soundfile.write(tmp_path / "song.wav", samples.T, RATE, subtype="FLOAT")
    audio = load_audio(tmp_path / "song.wav")
    assert audio.sample_rate == RATE
    assert audio.samples.dtype == np.float32
    assert audio.duration_seconds == 1.5
    np.testing.assert_array_equal(audio.samples, samples)
    np.testing.assert_allclose(audio.mono(), samples.mean(axis=0), atol=1e-7)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
@pytest.mark.parametrize("sample_rate", [15_360, 44_100])
def test_mono_equals_librosa(tmp_path: Path, suffix: str, sample_rate: int) -> None:
    path = tmp_path / f"song{suffix}"
    soundfile.write(path, tone(2, seconds=7.0).T, RATE)
    expected, _ = compiled_librosa().load(path, sr=sample_rate, mono=True)
    audio = load_audio(path, sample_rate=sample_rate, mono=True)
    assert audio.sample_rate == sample_rate
    np.testing.assert_allclose(audio.samples[0], expected, atol=1e-6)


def test_resampling_keeps_the_channels_apart(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.wav", tone(2).T, RATE)
    audio = load_audio(tmp_path / "song.wav", sample_rate=22_050)
    assert audio.samples.shape == (2, int(1.5 * 22_050))
    assert audio.samples.dtype == np.float32
    strongest = np.abs(np.fft.rfft(audio.samples)).argmax(axis=1) / 1.5
    np.testing.assert_allclose(strongest, [220, 440], atol=1)


@pytest.mark.parametrize(
    ("name", "codec"), [("song.m4a", "aac"), ("dance.mp4", "aac"), ("dance.webm", "libopus")]
)
def test_sound_of_containers(tmp_path: Path, name: str, codec: str) -> None:
    written = tone(2, rate=48_000)
    write_container(tmp_path / name, written, codec)
    audio = load_audio(tmp_path / name)
    assert audio.sample_rate == 48_000
    assert audio.samples.shape[0] == 2
    assert audio.duration_seconds == pytest.approx(1.5, abs=0.05)
    middle = slice(24_000, 48_000)
    strongest = np.abs(np.fft.rfft(audio.samples[:, middle])).argmax(axis=1) / 0.5
    np.testing.assert_allclose(strongest, [220, 440], atol=2)
    mono = load_audio(tmp_path / name, mono=True)
    np.testing.assert_allclose(mono.samples[0], audio.mono(), atol=1e-6)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.wav"):
        load_audio(tmp_path / "absent.wav")
    with pytest.raises(FileNotFoundError, match="no audio file"):
        load_audio(tmp_path)


@pytest.mark.parametrize("content", [b"", b"a letter, no sound\n" * 50])
def test_not_an_audio_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.mp3").write_bytes(content)
    with pytest.raises(ValueError, match=r"letter\.mp3 cannot be decoded") as caught:
        load_audio(tmp_path / "letter.mp3")
    assert "\n" not in str(caught.value)


def test_video_without_sound(tmp_path: Path) -> None:
    write_container(tmp_path / "silent.mp4", None)
    with pytest.raises(ValueError, match=r"sound stream, but .*silent\.mp4 has none"):
        load_audio(tmp_path / "silent.mp4")


def test_wav_without_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 2)), RATE)
    with pytest.raises(ValueError, match=r"empty\.wav is empty"):
        load_audio(tmp_path / "empty.wav")


def test_sample_rate_must_be_positive(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.wav", tone(1).T, RATE)
    with pytest.raises(ValueError, match="sample_rate must be at least 1 Hz, got 0"):
        load_audio(tmp_path / "song.wav", sample_rate=0)


def test_require_duration() -> None:
    require_duration(RATE, RATE)
    with pytest.raises(ValueError, match=r"jingle\.wav must last at least 1 s, got 0\.500 s"):
        require_duration(RATE // 2, RATE, name="jingle.wav")


def test_a_colon_in_a_name_is_only_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_container(Path("Artist.m4a"), tone(2, rate=48_000))
    Path("Artist.m4a").rename("Artist:Song.m4a")
    assert load_audio("Artist:Song.m4a").samples.shape[0] == 2


def test_samples_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    samples = tone(1)
    samples[0, 7] = np.nan
    soundfile.write(tmp_path / "song.wav", samples.T, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match="must hold finite samples"):
        load_audio(tmp_path / "song.wav")


def test_raw_samples_are_refused(tmp_path: Path) -> None:
    (tmp_path / "song.raw").write_bytes(bytes(4000))
    with pytest.raises(ValueError, match="path must"):
        load_audio(tmp_path / "song.raw")
