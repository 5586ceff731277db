from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from macedance.cli import main
from macedance.projection.keypoint_formats import VITPOSE_NAMES
from macedance.render.video import write_video

NUM_FRAMES, FPS = 36, 10


def film(path: Path, seed: int, size_px: int = 32, shade: int = 0) -> np.ndarray:
    """A bright square that walks; its key-points, as made up as the rest, go with it."""
    random = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    ground = random.integers(0, 100, (size_px, size_px, 3))
    at = (8 + 6 * np.sin(np.arange(NUM_FRAMES) / (2 + seed / 2))).round().astype(int)
    frames = []
    for place in at:
        frame = ground.copy()
        frame[place : place + 9, place : place + 9] = 200
        frames.append(np.clip(frame + shade, 0, 255).astype(np.uint8))
    write_video(path, frames, fps=FPS)
    return at


def keep_keypoints(path: Path, at: np.ndarray, confidence: float = 1) -> None:
    import hashlib

    points = np.zeros((NUM_FRAMES, 25, 3))
    points[..., :2] = at[:, None, None] + np.random.default_rng(3).uniform(0, 9, (25, 2))
    points[..., 2] = confidence
    content = path.read_bytes()
    about = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.with_suffix(".keypoints.json").write_text(
        json.dumps(
            {
                "detector": "made-up",
                "video": about,
                "fps": FPS,
                "size_px": [32, 32],
                "names": list(VITPOSE_NAMES),
                "keypoints": points.tolist(),
            }
        )
    )


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    for seed, name in enumerate(("tango", "waltz")):
        film(tmp_path / "real" / f"{name}.mp4", seed)
        film(tmp_path / "made" / f"{name}_seed0.mp4", seed, shade=20)
    return str(tmp_path / "made"), str(tmp_path / "real")


def evaluate(folders: tuple[str, str], *arguments: str) -> int:
    return main(["evaluate", "--generated", folders[0], "--reference", folders[1], *arguments])


def test_videos_are_scored_beside_the_truth(
    folders: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "scores.json"
    arguments = ("--extractors", "random", "--segment", "12", "--controls", "--json", str(report))
    assert evaluate(folders, *arguments) == 0
    printed, bars = capsys.readouterr()
    for words in ("FID", "[random]", "SSIM", "ground truth", "truth, first frame held", "colour drift"):
        assert words in printed
    assert "networks with random weights" in printed
    assert f"generated: 2 videos at 10 fps, 32x32, 3.6 s in the median, of {folders[0]}" in printed
    assert "looking" in bars
    content = json.loads(report.read_text())
    rows = content["rows"]
    made, truth = rows["generated"]["scores"], rows["ground truth"]["scores"]
    assert 15 < made["psnr"] < 30
    assert "fid[random]" not in truth
    assert made["fid[random]"] > 0
    assert rows["truth, first frame held"]["scores"]["temporal_flickering"] == 1
    assert rows["truth, with noise"]["scores"]["ssim"] < made["ssim"]
    assert content["clips"]["generated"]["keys"] == ["tango_seed0", "waltz_seed0"]
    assert len(content["clips"]["generated"]["ssim"]) == 2
    assert content["inputs"]["extractors"] == "random"
    assert content["inputs"]["networks"]["motion_smoothness"] == "linear"
    assert content["inputs"]["keypoint_detectors"] == []
    assert "motion" not in content


def test_keypoints_beside_the_videos_give_pose_fidelity_and_motion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, name in enumerate(("tango", "waltz", "polka", "samba")):
        for side in ("real", "made"):
            path = tmp_path / side / f"{name}.mp4"
            keep_keypoints(path, film(path, seed))
    folders = str(tmp_path / "made"), str(tmp_path / "real")
    report, plots = tmp_path / "scores.json", tmp_path / "plots"
    assert evaluate(folders, "--json", str(report), "--plots", str(plots)) == 0
    printed = capsys.readouterr().out
    assert "Protocol default-2d" in printed
    assert "left out for want of a network (--extractors): fid, fvd" in printed
    assert "key-points: made-up" in printed
    content = json.loads(report.read_text())
    assert content["rows"]["generated"]["scores"]["pck"] == 1
    motion = content["motion"]["rows"]["generated"]["scores"]
    assert motion["fid_k"] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(motion["jerk"])
    assert (plots / "speed.png").is_file()


def test_a_video_that_shows_nobody_is_left_out_of_the_motion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, name in enumerate(("tango", "waltz", "polka")):
        for side in ("real", "made"):
            path = tmp_path / side / f"{name}.mp4"
            keep_keypoints(path, film(path, seed), confidence=0 if (side, name) == ("made", "polka") else 1)
    folders, report = (str(tmp_path / "made"), str(tmp_path / "real")), tmp_path / "scores.json"
    assert evaluate(folders, "--json", str(report)) == 0
    assert "warning: polka.mp4 is left out of the motion's scores: keypoints must show a person" in (
        capsys.readouterr().err
    )
    content = json.loads(report.read_text())
    assert content["rows"]["generated"]["num_clips"] == 3
    assert content["motion"]["rows"]["generated"]["num_clips"] == 2
    assert content["clips"]["generated"]["pck"] == [0, 1, 1]


def test_somebody_elses_file_beside_a_video_is_a_warning(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(folders[1]) / "tango.keypoints.json").write_text("[1, 2]")
    assert evaluate(folders) == 0
    printed, error = capsys.readouterr()
    (warning,) = (line for line in error.splitlines() if line.startswith("warning:"))
    assert "tango.keypoints.json" in warning
    assert "was not written by macedance; move it elsewhere" in warning
    assert "left out for want of key-points of 4 videos" in printed


@pytest.mark.parametrize(
    "arguments",
    [("--music", "songs"), ("--plots", "plots"), ("--identity-region", "face")],
    ids=lambda a: a[0],
)
def test_what_needs_keypoints_is_refused_without_them(
    folders: tuple[str, str], arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    option, value = arguments
    value = value if value == "face" else str(tmp_path / value)
    (tmp_path / "songs").mkdir()
    np.save(tmp_path / "songs" / "tango.npy", np.zeros((30, 35), np.float32))
    assert evaluate(folders, option, value) == 2
    error = capsys.readouterr().err
    assert f"{option} needs key-points of all videos, and 4 of 4 have none beside them" in error
    assert "give --blazepose DIR or --detector MODEL" in error


def test_pictures_of_persons_are_what_identity_is_compared_with(
    folders: tuple[str, str], tmp_path: Path
) -> None:
    PIL.Image.new("RGB", (32, 32), (0, 0, 255)).save(tmp_path / "tango.png")
    report = tmp_path / "scores.json"
    found = []
    for arguments in ((), ("--person", str(tmp_path))):
        assert evaluate(folders, "--extractors", "random", "--json", str(report), *arguments) == 0
        found.append(json.loads(report.read_text())["clips"]["generated"]["identity[random]"])
    assert found[1][0] < found[0][0]
    assert found[1][1] == found[0][1]


def test_points_that_drove_the_generated_videos_alone_count(tmp_path: Path) -> None:
    for name, side in (("tango", "real"), ("tango_seed1", "made")):
        path = tmp_path / side / f"{name}.mp4"
        at = film(path, 0)
        keep_keypoints(path, at)
    (tmp_path / "poses").mkdir()
    kept = json.loads((tmp_path / "made" / "tango_seed1.keypoints.json").read_text())
    points = np.array(kept["keypoints"])
    points[18:, :, 0] += 100
    (tmp_path / "poses" / "tango_seed1.json").write_text(json.dumps(kept | {"keypoints": points.tolist()}))
    folders, report = (str(tmp_path / "made"), str(tmp_path / "real")), tmp_path / "scores.json"
    assert evaluate(folders, "--driving", str(tmp_path / "poses"), "--json", str(report)) == 0
    rows = json.loads(report.read_text())["rows"]
    assert rows["generated"]["scores"]["pck"] == 0.5
    assert rows["ground truth"]["scores"]["pck"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--protocol", "lodge"), "must be one for key-points, such as default-2d, for videos, got lodge"),
        (("--fps", "30"), "--fps is for key-points; videos tell their own"),
        (("--floor", "0"), "--floor and --up-axis are for motions"),
        (("--segment", "0"), "--segment must be at least 1 frame, got 0"),
        (("--extractors", "absent.yaml"), "absent.yaml"),
        (("--blazepose", "absent"), "pose_detection.tflite"),
    ],
)
def test_what_does_not_suit_videos_is_refused(
    folders: tuple[str, str],
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert evaluate(folders, *arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line


def test_a_pair_of_two_sizes_is_refused_by_name(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    film(Path(folders[0]) / "tango_seed0.mp4", 0, size_px=48)
    assert evaluate(folders) == 2
    assert (
        "generated, video tango_seed0.mp4: the video must have the size of its truth"
        in capsys.readouterr().err
    )


def test_videos_beside_motions_are_refused(
    folders: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate((folders[0], str(tmp_path))) == 2
    assert f"{tmp_path} must hold videos like the other side and holds none" in capsys.readouterr().err
    assert evaluate((str(tmp_path / "absent"), folders[1])) == 2
    assert (
        "absent must be a folder of videos like the other side; there is no such folder"
        in capsys.readouterr().err
    )


def test_options_for_videos_are_refused_for_motions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate((str(tmp_path), str(tmp_path)), "--extractors", "random") == 2
    assert "--extractors is for folders of videos" in capsys.readouterr().err
