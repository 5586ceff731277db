from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from macedance.render.video import probe_video, read_frames, write_video

CLICK_SECONDS = (0.1, 0.45, 0.8)


def grey_frames(num_frames: int, height: int = 64, width: int = 96) -> Iterator[np.ndarray]:
    for index in range(num_frames):
        yield np.full((height, width, 3), 40 + 10 * index, dtype=np.uint8)


def click_track(sample_rate: int, num_channels: int, seconds: float = 1.0) -> np.ndarray:
    samples = np.zeros((num_channels, round(seconds * sample_rate)), dtype=np.float32)
    for start in CLICK_SECONDS:
        first = round(start * sample_rate)
        click = np.arange(sample_rate // 200)
        samples[:, first : first + len(click)] = 0.8 * np.sin(2 * np.pi * 2000 * click / sample_rate)
    return samples


def played_audio(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Seconds at which every sample plays by its timestamp, and the samples (channels, n)."""
    times, chunks = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            times.append(frame.time + np.arange(frame.samples) / frame.sample_rate)
            chunks.append(frame.to_ndarray())
    return np.concatenate(times), np.concatenate(chunks, axis=1)


@pytest.mark.parametrize("fps", [30.0, Fraction(30000, 1001), 12.5])
def test_picture_survives_the_round_trip(tmp_path: Path, fps: float | Fraction) -> None:
    path = tmp_path / "made" / "dance.mp4"
    write_video(path, grey_frames(16), fps=fps)
    info = probe_video(path)
    assert (info.width, info.height, info.num_frames) == (96, 64, 16)
    assert info.fps == Fraction(fps)
    assert info.video_seconds == pytest.approx(16 / fps, abs=1e-3)
    assert info.audio_seconds is None
    for index, (frame, expected) in enumerate(zip(read_frames(path), grey_frames(16), strict=True)):
        assert np.abs(frame.astype(int) - expected).max() <= 3, index


def test_colours_are_tagged_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "colour.mp4"
    colour = np.array([200, 30, 60])
    write_video(path, [np.full((32, 32, 3), colour, dtype=np.uint8)] * 3, fps=30)
    assert np.abs(next(read_frames(path)).astype(int) - colour).max() <= 4
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.colorspace == 1


def test_reads_chosen_frames(tmp_path: Path) -> None:
    path = tmp_path / "dance.mp4"
    write_video(path, grey_frames(12), fps=30)
    chosen = [int(frame.mean()) for frame in read_frames(path, [2, 9])]
    assert chosen == pytest.approx([60, 130], abs=3)
    with pytest.raises(ValueError, match=r"indices must lie in 0\.\.11 .*\[12\]"):
        list(read_frames(path, [0, 12]))


@pytest.mark.parametrize(
    ("sample_rate", "num_channels"), [(48_000, 2), (44_100, 1), (15_360, 1), (22_050, 2)]
)
def test_clicks_play_when_they_should(tmp_path: Path, sample_rate: int, num_channels: int) -> None:
    path = tmp_path / "clicks.mp4"
    write_video(
        path, grey_frames(15), fps=15, audio=click_track(sample_rate, num_channels), sample_rate=sample_rate
    )
    times, samples = played_audio(path)
    assert samples.shape[0] == num_channels
    for channel in np.abs(samples):
        for start in CLICK_SECONDS:
            near = (times > start - 0.15) & (times < start + 0.15)
            onset = times[near][np.argmax(channel[near] > 0.4)]
            assert onset == pytest.approx(start, abs=0.005)


@pytest.mark.parametrize("audio_seconds", [0.3, 1.0, 4.0])
def test_sound_gets_the_length_of_the_picture(tmp_path: Path, audio_seconds: float) -> None:
    path = tmp_path / "length.mp4"
    audio = click_track(16_000, 1, max(audio_seconds, 1.0))[:, : round(audio_seconds * 16_000)]
    write_video(path, grey_frames(20), fps=10, audio=audio, sample_rate=16_000)
    info = probe_video(path)
    assert info.video_seconds == pytest.approx(2.0, abs=1e-3)
    assert info.audio_seconds == pytest.approx(2.0, abs=2e-3)
    times, samples = played_audio(path)
    after = np.abs(samples[:, times > audio_seconds + 0.05])
    assert (after.size == 0) == (audio_seconds > 2)
    assert np.all(after < 0.01)


def test_one_row_of_samples_is_mono(tmp_path: Path) -> None:
    path = tmp_path / "one_channel.mp4"
    write_video(path, grey_frames(5), fps=10, audio=click_track(48_000, 1)[0], sample_rate=48_000)
    times, samples = played_audio(path)
    assert times[np.argmax(np.abs(samples[0]) > 0.4)] == pytest.approx(CLICK_SECONDS[0], abs=0.005)


def test_metadata_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "tagged.mp4"
    metadata = {"title": "A dance", "comment": "made by a model", "software": "macedance 1", "seed": "7"}
    write_video(path, grey_frames(2), fps=30, metadata=metadata)
    stored = probe_video(path).metadata
    assert stored["title"] == "A dance"
    assert stored["comment"].splitlines() == ["made by a model", "software: macedance 1", "seed: 7"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_the_folder_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "dance.mp4"
    path.write_bytes(b"an older video")

    def failing() -> Iterator[np.ndarray]:
        yield from grey_frames(4)
        raise error("stopped")

    with pytest.raises(error, match="stopped"):
        write_video(path, failing(), fps=30)
    assert [entry.name for entry in tmp_path.iterdir()] == ["dance.mp4"]
    assert path.read_bytes() == b"an older video"


def test_frames_are_taken_one_at_a_time(tmp_path: Path) -> None:
    alive = []

    class Counted(np.ndarray):
        def __del__(self) -> None:
            alive.append(-1)

    def counted() -> Iterator[np.ndarray]:
        for frame in grey_frames(20):
            alive.append(1)
            assert sum(alive) <= 4
            yield frame.view(Counted)

    write_video(tmp_path / "dance.mp4", counted(), fps=30)
    assert alive.count(1) == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "dance.avi"}, r"path must end in \.mp4"),
        ({"fps": 0}, "fps must be positive"),
        ({"frames": []}, "at least one picture"),
        ({"frames": [np.zeros((63, 96, 3), np.uint8)]}, "even width and height.*96x63"),
        ({"frames": [np.zeros((64, 96, 3), np.float32)]}, "must be uint8.*float32"),
        ({"frames": [np.zeros((64, 96, 3), np.uint8), np.zeros((32, 96, 3), np.uint8)]}, r"\(64, 96, 3\)"),
        ({"audio": np.zeros((1, 100))}, "sample_rate must be given"),
        ({"audio": np.zeros((100, 2)), "sample_rate": 48_000}, "1 or 2 channels"),
        ({"audio": np.zeros((2, 100)), "sample_rate": 0}, "sample_rate must be positive"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, arguments: dict, message: str) -> None:
    settings = {"path": "dance.mp4", "frames": grey_frames(2), "fps": 30} | arguments
    path = tmp_path / settings.pop("path")
    with pytest.raises(ValueError, match=message):
        write_video(path, settings.pop("frames"), **settings)
    assert not list(tmp_path.iterdir())


def test_reproducible_bytes_are_equal_in_every_run(tmp_path: Path) -> None:
    frames = np.zeros((40, 96, 64, 3), np.uint8)
    for index, frame in enumerate(frames):
        frame[20 + index : 50, 10 : 12 + index] = (0, 255, 85)
    written = set()
    for _ in range(4):
        write_video(tmp_path / "clip.mp4", frames, fps=30, is_reproducible=True)
        written.add((tmp_path / "clip.mp4").read_bytes())
    assert len(written) == 1


@pytest.mark.parametrize(
    ("turn", "shape", "shown"),
    [
        ((1, 0, 0, 1), (32, 64), np.s_[:14, :14]),
        ((0, 1, -1, 0), (64, 32), np.s_[:14, 18:]),  # a quarter with the clock
        ((0, -1, 1, 0), (64, 32), np.s_[50:, :14]),
        ((-1, 0, 0, -1), (32, 64), np.s_[18:, 50:]),
        ((-1, 0, 0, 1), (32, 64), np.s_[:14, 50:]),  # mirrored
        ((1, 0, 0, -1), (32, 64), np.s_[18:, :14]),
        ((0, 1, 1, 0), (64, 32), np.s_[:14, :14]),
    ],
)
def test_a_turned_video_is_read_as_a_player_shows_it(
    tmp_path: Path, turn: tuple[int, ...], shape: tuple[int, int], shown: tuple[slice, slice]
) -> None:
    path = tmp_path / "phone.mp4"
    frame = np.zeros((32, 64, 3), np.uint8)
    frame[:16, :16] = 255
    write_video(path, [frame] * 2, fps=10)
    content = path.read_bytes()
    matrix = content.index(b"tkhd") + 44  # after the header's fixed fields
    a, b, c, d = (number << 16 for number in turn)
    path.write_bytes(
        content[:matrix] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + content[matrix + 36 :]
    )
    assert (probe_video(path).height, probe_video(path).width) == shape
    (picture, _) = read_frames(path)
    assert picture.shape == (*shape, 3)
    assert picture[shown].min() > 200
    assert (picture > 200).all(axis=-1).sum() < 300


def test_a_video_that_was_cut_off_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "short.mp4"
    random = np.random.default_rng(0)
    write_video(path, random.integers(0, 256, (300, 32, 32, 3), dtype=np.uint8), fps=10)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    frames = []
    with pytest.raises(ValueError, match=r"short\.mp4 cannot be decoded after \d+ frames .* been cut off"):
        frames.extend(read_frames(path))
