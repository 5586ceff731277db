from __future__ import annotations

import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from macedance.data.audio import load_audio
from macedance.data.packing import VideoSource, list_tracks
from macedance.data.packing.video_frames import frames_at
from macedance.render.video import probe_video, read_frames, write_video

NUM_CELLS = 10


def numbered_frames(num_frames: int, height: int = 48, width: int = 80) -> Iterator[np.ndarray]:
    """Pictures that tell their number, by white and black cells of its bits."""
    for number in range(num_frames):
        bits = np.array([number >> bit & 1 for bit in range(NUM_CELLS)], np.uint8)
        row = np.repeat(bits * 200 + 20, width // NUM_CELLS)
        yield np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2)


def number_of(picture: np.ndarray) -> int:
    cells = picture[picture.shape[0] // 2, :, 1].reshape(NUM_CELLS, -1).mean(axis=1) > 120
    return sum(int(is_white) << bit for bit, is_white in enumerate(cells))


def numbers_in(data: bytes, folder: Path) -> list[int]:
    path = folder / "clip.mp4"
    path.write_bytes(data)
    return [number_of(picture) for picture in read_frames(path)]


def write_numbered(path: Path, num_frames: int, fps: float, click_at: float | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    audio = None
    if click_at is not None:
        audio = np.zeros(round(num_frames / fps * 48_000), np.float32)
        start = round(click_at * 48_000)
        audio[start : start + 480] = 0.8 * np.sin(np.arange(480) / 3)
    write_video(path, numbered_frames(num_frames), fps=fps, audio=audio, sample_rate=48_000)


def write_timed(path: Path, milliseconds: list[int]) -> None:
    """A video whose pictures begin at any times."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 80, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for picture, time in zip(numbered_frames(len(milliseconds)), milliseconds, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.mark.parametrize(("source_fps", "fps"), [(24, 30), (60, 30), (30, 16), (Fraction(30000, 1001), 30)])
def test_pictures_are_chosen_by_time(tmp_path: Path, kit: SimpleNamespace, source_fps: Any, fps: int) -> None:
    write_numbered(tmp_path / "in" / "a.mp4", round(16 * source_fps), source_fps)
    kit.pack(tmp_path / "out", VideoSource(tmp_path / "in"), kit.settings(5, 6, video_fps=Fraction(fps)))
    clips = kit.clips(tmp_path / "out")
    assert len(clips) == 3
    for clip in clips.values():
        about = clip["json"]
        start = round(about["start_seconds"] * 30)
        count = math.ceil(round(about["duration_seconds"] * 30) * Fraction(fps, 30))
        assert about["video_num_frames"] == about["num_frames"] == count
        assert about["fps"] == about["video_fps"] == fps
        times = [Fraction(start, 30) + Fraction(number, fps) for number in range(count)]
        expected = [int((time + Fraction(1, 10_000)) * source_fps) for time in times]
        assert numbers_in(clip["video.mp4"], tmp_path) == expected
        assert number_of(clip["reference.jpg"]) == expected[0]


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_variable_rate_is_followed(tmp_path: Path, suffix: str) -> None:
    begins = [0, 40, 500, 533, 567, 1500, 1510, 2000]
    write_timed(tmp_path / f"a.{suffix}", begins)
    times = [Fraction(number, 30) for number in range(60)]
    shown = [number_of(picture) for picture in frames_at(tmp_path / f"a.{suffix}", times)]
    expected = [max(n for n, begin in enumerate(begins) if begin <= 1000 * time + 1) for time in times]
    assert shown == expected
    half = [number_of(picture) for picture in frames_at(tmp_path / f"a.{suffix}", times[30:])]
    assert half == expected[30:]


def test_sound_stays_in_step(tmp_path: Path, kit: SimpleNamespace, quick_features: list[int]) -> None:
    write_numbered(tmp_path / "in" / "a.mp4", 240, 30, click_at=4)
    kit.pack(tmp_path / "out", VideoSource(tmp_path / "in"), kit.settings(5, 7))
    (clip,) = kit.clips(tmp_path / "out").values()
    about, (samples, rate) = clip["json"], clip["audio.flac"]
    assert about["start_seconds"] > 0
    assert np.argmax(np.abs(samples) > 0.3) / rate == pytest.approx(4 - about["start_seconds"], abs=1e-3)
    (tmp_path / "clip.mp4").write_bytes(clip["video.mp4"])
    info = probe_video(tmp_path / "clip.mp4")
    assert info.audio_seconds == pytest.approx(about["duration_seconds"], abs=0.03)
    inside = load_audio(tmp_path / "clip.mp4", mono=True).samples[0]
    assert np.argmax(np.abs(inside) > 0.3) / 48_000 == pytest.approx(4 - about["start_seconds"], abs=2e-3)
    first = round(about["start_seconds"] * 30)
    np.testing.assert_array_equal(clip["music.npy"][:, 0], np.arange(first, first + about["num_frames"]))


def test_no_audio_means_silent_videos_with_features(
    tmp_path: Path, kit: SimpleNamespace, quick_features: list[int]
) -> None:
    write_numbered(tmp_path / "in" / "a.mp4", 180, 30, click_at=2)
    kit.pack(tmp_path / "out", VideoSource(tmp_path / "in"), kit.settings(5, 6, has_audio=False))
    (clip,) = kit.clips(tmp_path / "out").values()
    assert "audio.flac" not in clip
    assert len(clip["music.npy"]) == clip["json"]["num_frames"]
    (tmp_path / "clip.mp4").write_bytes(clip["video.mp4"])
    assert probe_video(tmp_path / "clip.mp4").audio_seconds is None


def test_motion_and_facts_beside_a_video_are_taken(tmp_path: Path, kit: SimpleNamespace) -> None:
    write_numbered(tmp_path / "in" / "x.y" / "a.mp4", 320, 30)
    motion = kit.make_motion(600, 60)
    motion.save(tmp_path / "in" / "x.y" / "a.npz")
    facts = {"genre": "locking", "licence": "mine", "performer": "p", "num_frames": -1}
    (tmp_path / "in" / "x.y" / "a.json").write_text(json.dumps(facts))
    settings = kit.settings(5, 10, video_fps=Fraction(16), licence="theirs")
    kit.pack(tmp_path / "out", VideoSource(tmp_path / "in"), settings)
    clips = kit.clips(tmp_path / "out")
    assert sorted(clips) == ["x_y__a-000"]
    about = clips["x_y__a-000"]["json"]
    assert about["fps"] == 30
    assert about["video_fps"] == 16
    assert about["num_frames"] >= 150
    assert {name: about[name] for name in ("genre", "style", "licence", "performer")} == {
        "genre": "Locking",
        "style": "locking",
        "licence": "mine",
        "performer": "p",
    }
    expected = kit.cropped(motion.resample(30), about)
    np.testing.assert_allclose(clips["x_y__a-000"]["motion.npz"]["poses"], expected.poses, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (96, 60), None])
def test_pictures_cover_the_size_and_keep_their_middle(tmp_path: Path, size: tuple[int, int] | None) -> None:
    picture = np.zeros((48, 80, 3), np.uint8)
    picture[12:36, 28:52] = 255
    write_video(tmp_path / "a.mp4", [picture] * 3, fps=30)
    (made,) = frames_at(tmp_path / "a.mp4", [Fraction(0)], size)
    assert made.shape[:2] == (size or (48, 80))
    scale = max(size[0] / 48, size[1] / 80) if size else 1
    rows, columns = np.nonzero(made[..., 0] > 128)
    assert len(rows) == pytest.approx((24 * scale) ** 2, rel=0.05)
    centre = ((made.shape[0] - 1) / 2, (made.shape[1] - 1) / 2)
    np.testing.assert_allclose([rows.mean(), columns.mean()], centre, atol=0.6)


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    picture = np.zeros((48, 80, 3), np.uint8)
    picture[:24, :40] = 255
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 80, 48, "yuv420p"
        stream.set_display_rotation(90)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert next(container.decode(video=0)).rotation == 90
    for size in (None, (40, 24)):
        (made,) = frames_at(tmp_path / "a.mp4", [Fraction(0)], size)
        assert made.shape[:2] == (size or (80, 48))
        quarters = np.array([made[r::2, c::2] for r in (0, 1) for c in (0, 1)]).mean()
        assert 50 < quarters < 80
        half_height, half_width = made.shape[0] // 2, made.shape[1] // 2
        assert (
            made[half_height + 3 :, : half_width - 3].min() > 200
        )  # counter-clockwise: top left goes to the bottom
        assert made[: half_height - 3].max() < 50


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_lengths_are_told_without_decoding(tmp_path: Path, suffix: str) -> None:
    write_timed(tmp_path / f"a.{suffix}", [round(1000 * n / 30) for n in range(330)])
    (track,) = list_tracks(VideoSource(tmp_path)).tracks
    assert track.num_frames in (329, 330)


def test_a_video_that_ends_early_is_damaged(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 60, 30)
    times = [Fraction(number, 30) for number in range(60)]
    assert len(list(frames_at(tmp_path / "a.mp4", [*times, Fraction(5, 2) - Fraction(1, 29)]))) == 61
    with pytest.raises(ValueError, match=r"its picture ends after 2\.0 s"):
        list(frames_at(tmp_path / "a.mp4", [*times, Fraction(5, 2)]))
