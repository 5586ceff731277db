from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from macedance.cli import main
from macedance.commands.keypoint_detectors import load_detector
from macedance.projection.video_keypoints import read_video_keypoints
from macedance.render.video import probe_video, write_video


class Middle:
    """A detector that sees all of COCO's points in the middle of each frame."""

    name, num_frames = "middle", 0

    def track(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for frame in frames:
            self.num_frames += 1
            yield np.tile([frame.shape[1] / 2, frame.shape[0] / 2, 1.0], (17, 1))


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """A folder of two videos, the first with sound, and a text."""
    folder = tmp_path / "videos"
    frames = [np.full((32, 48, 3), shade, np.uint8) for shade in range(0, 200, 20)]
    write_video(folder / "a.mp4", frames, fps=25, audio=np.zeros(16_000), sample_rate=16_000)
    write_video(folder / "b.mp4", frames[:6], fps=25)
    (folder / "about.txt").write_text("two dances")
    return folder


@pytest.fixture
def middle(monkeypatch: pytest.MonkeyPatch) -> Middle:
    detector = Middle()
    monkeypatch.setattr("macedance.commands.keypoints.load_detector", lambda args: detector)
    return detector


def test_the_videos_of_a_folder_get_their_key_points_once(videos: Path, middle: Middle, capsys) -> None:
    assert main(["keypoints", str(videos)]) == 0
    found = read_video_keypoints(videos / "a.keypoints.json")
    assert found.keypoints.shape == (10, 17, 3)
    assert found.keypoints[3, 4].tolist() == [24, 16, 1]
    out = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in out] == [
        "10 frames, 100.0% of them with a person",
        "6 frames, 100.0% of them with a person",
    ]
    assert main(["keypoints", str(videos), str(videos / "a.mp4")]) == 0
    assert middle.num_frames == 16
    assert main(["keypoints", str(videos / "b.mp4"), "--overwrite"]) == 0
    assert middle.num_frames == 22


def test_overlays_and_sheets_show_the_key_points(videos: Path, middle: Middle, tmp_path: Path) -> None:
    overlays, sheets = tmp_path / "overlays", tmp_path / "sheets"
    assert main(["keypoints", str(videos), "--overlay", str(overlays), "--sheet", str(sheets)]) == 0
    overlay = probe_video(overlays / "a.mp4")
    assert (overlay.width, overlay.height, overlay.num_frames) == (48, 32, 10)
    assert overlay.audio_seconds is not None
    assert probe_video(overlays / "b.mp4").audio_seconds is None
    sheet = np.asarray(PIL.Image.open(sheets / "b.png"))
    assert np.ptp(sheet[80:130, 130:190].astype(int), axis=-1).max() > 100  # colours on grey


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["videos/a.mp4"], "give --blazepose DIR or --detector MODEL"),
        (["videos/a.mp4", "--blazepose", "x", "--detector", "y"], "give one of them"),
        (["videos/a.mp4", "--person-detector", "y"], "for detector; give that, too"),
        (["videos/a.mp4", "--blazepose", "x"], "there is no pose_detection.tflite in x"),
        (["videos/a.mp4", "--overlay", "videos"], "--overlay must not be the folder of"),
        (["none.mp4"], "there is no file or folder none.mp4"),
        (["."], "must be a video or a folder of some (.mp4"),
        (["videos/about.txt"], "about.txt must be a video"),
        (["videos/a.mp4", "videos/a.avi"], "both have a.keypoints.json; rename one"),
    ],
)
def test_wrong_options_are_refused(
    videos: Path, arguments: list[str], message: str, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(videos.parent)
    if "videos/a.avi" in arguments:
        (videos / "a.avi").write_bytes(b"")
    if "videos/about.txt" in arguments:
        monkeypatch.setattr("macedance.commands.keypoints.load_detector", lambda args: Middle())
    assert main(["keypoints", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(videos.glob("*.json"))


def test_overlays_of_two_videos_of_one_name_are_refused(
    videos: Path, middle: Middle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_video(tmp_path / "more" / "a.mp4", [np.zeros((32, 48, 3), np.uint8)], fps=25)
    both = ["keypoints", str(videos), str(tmp_path / "more")]
    assert main([*both, "--overlay", str(tmp_path / "overlays")]) == 2
    assert "have the same; give one folder at a time" in capsys.readouterr().err
    assert main(both) == 0


def test_no_detector_named_is_none() -> None:
    assert load_detector(Namespace(blazepose=None, detector=None, person_detector=None)) is None


def test_a_vitpose_model_finds_them_too(videos: Path, tmp_path: Path) -> None:
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    backbone = VitPoseBackboneConfig(
        image_size=[64, 48], hidden_size=16, num_hidden_layers=1, num_attention_heads=2, out_indices=[1]
    )
    config = VitPoseConfig(backbone_config=backbone, id2label={index: str(index) for index in range(17)})
    VitPoseForPoseEstimation(config).save_pretrained(tmp_path / "model")
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(tmp_path / "model")
    assert main(["keypoints", str(videos / "b.mp4"), "--detector", str(tmp_path / "model")]) == 0
    found = read_video_keypoints(videos / "b.keypoints.json")
    assert found.detector == f"vitpose {tmp_path / 'model'}"
    assert found.keypoints.shape == (6, 17, 3)
