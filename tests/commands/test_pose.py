from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import soundfile
import torch

from macedance.cli import main
from macedance.geometry.motion import Motion
from macedance.projection import PoseSequence, Projector
from macedance.render.video import probe_video, read_frames


@pytest.fixture
def dance(tmp_path: Path) -> Path:
    """A second of a standing body that sways."""
    trans = torch.zeros(30, 3)
    trans[:, 0] = torch.sin(torch.arange(30) / 5) * 0.2
    Motion(torch.zeros(30, 24, 3), trans).save(tmp_path / "dance.npz")
    return tmp_path / "dance.npz"


@pytest.fixture
def person(dance: Path, tmp_path: Path) -> list[str]:
    """Options with a picture of a small person at its right, and the key-points."""
    points = Projector().project(Motion.load(dance).crop(0, 1), size_px=(200, 300)).points[0]
    points = points * (0.5, 0.5, 1) + (100, 100, 0)
    PIL.Image.new("RGB", (200, 300)).save(tmp_path / "me.png")
    (tmp_path / "me.json").write_text(json.dumps({"keypoints": points.tolist()}))
    return ["--reference", str(tmp_path / "me.png"), "--keypoints", str(tmp_path / "me.json")]


def pose(dance: Path, out: Path, *arguments: str) -> int:
    return main(["pose", "--motion", str(dance), "--out", str(out), "--size", "96", "160", *arguments])


def test_a_pose_video_is_written_with_sound_and_key_points(dance: Path, tmp_path: Path, capsys) -> None:
    soundfile.write(tmp_path / "song.wav", np.zeros(48_000), 16_000)
    out, points = tmp_path / "new" / "pose.mp4", tmp_path / "points.npz"
    options = ["--fps", "16", "--music", str(tmp_path / "song.wav"), "--keypoints-out", str(points)]
    assert pose(dance, out, *options) == 0
    video = probe_video(out)
    assert (video.width, video.height, video.num_frames) == (96, 160, 16)
    assert video.audio_seconds == pytest.approx(1.0, abs=0.1)
    sequence = PoseSequence.load(points)
    assert (sequence.num_frames, sequence.size_px) == (16, (96, 160))
    first = next(read_frames(out))
    assert first.max() > 100
    assert np.median(first) < 20
    assert "100% of the points visible" in capsys.readouterr().out


def test_the_dancer_takes_the_persons_place(dance: Path, person: list[str], tmp_path: Path) -> None:
    found = []
    for options in ([], person, ["--orthographic", *person]):
        points = tmp_path / f"{len(found)}.npz"
        assert pose(dance, tmp_path / "x.mp4", "--keypoints-out", str(points), *options) == 0
        found.append(PoseSequence.load(points).points[0])
    heights = [np.ptp(points[:, 1]) for points in found]
    assert heights[1] == pytest.approx(heights[2], rel=0.02)
    assert heights[1] < 0.7 * heights[0]
    assert found[1][:, 0].mean() > 60  # of 96


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fps", "0"], "--fps must lie in"),
        (["--size", "97", "160"], "--size must be an even width and height"),
        (["--keypoints", "me.json"], "give that picture, too"),
        (["--reference", "me.png"], "give --keypoints or --detector"),
        (["--rendered"], "give --detector"),
        (["--detector", "x"], "nothing to look at"),
        (["--person-detector", "x"], "for --detector; give that, too"),
        (["--keypoints-out", "x.json"], "--keypoints-out must end in .npz"),
        (["--music", "none.mp3"], "none.mp3"),
        (["--out", "pose.avi"], "--out must end in .mp4"),
    ],
)
def test_wrong_options_are_refused(
    dance: Path, tmp_path: Path, arguments: list[str], message: str, capsys
) -> None:
    assert pose(dance, tmp_path / "x.mp4", *arguments) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.mp4").exists()


def test_files_that_are_not_there_are_named(dance: Path, person: list[str], tmp_path: Path, capsys) -> None:
    assert pose(tmp_path / "no.npz", tmp_path / "x.mp4") == 2
    assert "no.npz" in capsys.readouterr().err
    assert pose(dance, tmp_path / "x.mp4", "--reference", "no.png", *person[2:]) == 2
    assert "no.png" in capsys.readouterr().err


def test_the_up_axis_can_be_told(tmp_path: Path, capsys) -> None:
    np.savez(tmp_path / "foreign.npz", poses=np.zeros((5, 72)), trans=np.zeros((5, 3)), mocap_framerate=30)
    assert pose(tmp_path / "foreign.npz", tmp_path / "x.mp4") == 2
    assert "up" in capsys.readouterr().err
    assert pose(tmp_path / "foreign.npz", tmp_path / "x.mp4", "--up-axis", "y") == 0
