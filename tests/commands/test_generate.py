from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from macedance.cli import main
from macedance.geometry.motion import Motion
from macedance.render.video import probe_video

QUICK = ["--steps", "1", "--size", "64"]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of noise bursts, 48 kHz, in six channels."""
    noise = (
        np.random.default_rng(0).standard_normal((96_000, 6))
        * np.tile(np.linspace(0.3, 0, 24_000), 4)[:, None]
    )
    soundfile.write(tmp_path / "song.wav", noise, 48_000)
    return tmp_path / "song.wav"


def generate(song: Path, checkpoint: Path, out: Path, *arguments: str) -> int:
    options = ["--music", str(song), "--checkpoint", str(checkpoint), "--out", str(out), *QUICK]
    return main(["generate", *options, *arguments])


@pytest.mark.parametrize("fps", [24.0, 29.97, 30.0])
def test_picture_and_sound_are_as_long_as_the_song(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, fps: float
) -> None:
    out = tmp_path / "new" / "dance.mp4"
    files = ("--motion-out", str(tmp_path / "dance.npz"), "--sheet-out", str(tmp_path / "dance.png"))
    assert generate(song, tiny_checkpoint, out, "--fps", str(fps), *files) == 0
    video = probe_video(out)
    assert abs(video.video_seconds - 2.0) <= 1 / fps
    assert video.audio_seconds is not None
    assert abs(video.audio_seconds - 2.0) <= 1 / fps
    assert Motion.load(tmp_path / "dance.npz").num_frames == 60
    assert Image.open(tmp_path / "dance.png").size[0] == 7 * 192


def test_the_seed_decides_the_dance(song: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    poses = []
    for number, seed in enumerate(("1", "1", "2")):
        motion = str(tmp_path / f"{number}.npz")
        assert (
            generate(song, tiny_checkpoint, tmp_path / "x.mp4", "--seed", seed, "--motion-out", motion) == 0
        )
        poses.append(Motion.load(motion).poses)
    assert poses[0].equal(poses[1])
    assert not poses[0].equal(poses[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fps", "inf"], "--fps must lie in"),
        (["--fps", "nan"], "--fps must lie in"),
        (["--seconds", "nan"], "--seconds must be"),
        (["--steps", "5000"], "num_steps must lie in"),
        (["--size", "65"], "--size must be an even"),
        (["--motion-out", "x.csv"], "--motion-out must end in"),
        (["--sheet-out", "x.mp4"], "--sheet-out must end in"),
        (["--body", "none.npz"], "no file 'none.npz'"),
    ],
)
def test_wrong_options_are_refused_before_the_work(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, arguments: list[str], message: str, capsys
) -> None:
    assert generate(song, tiny_checkpoint, tmp_path / "x.mp4", *arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "model:" not in captured.out
    assert not (tmp_path / "x.mp4").exists()


def test_places_that_cannot_be_written_are_refused_before_the_work(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("")
    as_video = tmp_path / "song.mp4"
    song.rename(as_video)
    for out in (tmp_path / "folder.mp4", tmp_path / "file" / "x.mp4", as_video):
        assert generate(as_video, tiny_checkpoint, out) == 2
        captured = capsys.readouterr()
        assert "--out" in captured.err
        assert "model:" not in captured.out


def test_a_song_below_a_second_is_named(tiny_checkpoint: Path, tmp_path: Path, capsys) -> None:
    soundfile.write(tmp_path / "blip.wav", np.zeros(4000), 8000)
    assert generate(tmp_path / "blip.wav", tiny_checkpoint, tmp_path / "x.mp4") == 2
    assert "blip.wav must last at least 1 s" in capsys.readouterr().err
