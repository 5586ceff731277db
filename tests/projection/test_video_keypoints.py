from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

import macedance.data.dance_files
from macedance.projection import VideoKeypoints
from macedance.projection.keypoint_formats import COCO_NAMES
from macedance.projection.video_keypoints import cached_keypoints, keypoints_of_video, read_video_keypoints
from macedance.render.video import write_video


class Brightness:
    """A detector that tells a frame's mean as x of all of COCO's points, and nobody in black frames."""

    def __init__(self, name: str = "brightness") -> None:
        self.name, self.num_frames = name, 0

    def track(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for frame in frames:
            self.num_frames += 1
            yield np.tile([frame.mean() / 3, 4.0, 0.98765 * (frame.mean() > 9)], (17, 1))


def write(path: Path, shades: Iterable[int]) -> Path:
    write_video(path, [np.full((32, 48, 3), shade, np.uint8) for shade in shades], fps=25)
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write(tmp_path / "dance.mp4", (0, 60, 120, 180))


def test_key_points_are_found_frame_by_frame(video: Path) -> None:
    done: list[int] = []
    found = keypoints_of_video(video, Brightness(), on_frames=done.append, use_cache=False)
    assert found.keypoints.shape == (4, 17, 3)
    np.testing.assert_allclose(found.keypoints[:, 0, 0], [0, 20, 40, 60], atol=1)
    assert (found.fps, found.size_px, found.num_frames) == (25.0, (48, 32), 4)
    assert (found.names, found.detector) == (COCO_NAMES, "brightness")
    assert found.share_with_person == 0.75
    assert done == [1, 1, 1, 1]
    assert [file.name for file in video.parent.iterdir()] == ["dance.mp4"]


def test_what_was_found_is_read_from_the_file_beside_the_video(video: Path) -> None:
    detector, done = Brightness(), []
    first = keypoints_of_video(video, detector)
    again = keypoints_of_video(video, detector, on_frames=done.append)
    assert (detector.num_frames, done) == (4, [4])
    np.testing.assert_array_equal(first.keypoints, again.keypoints)
    assert first.keypoints[1, 0, 2] == 0.988
    assert (again.fps, again.size_px, again.names) == (first.fps, first.size_px, first.names)
    assert sorted(file.name for file in video.parent.iterdir()) == ["dance.keypoints.json", "dance.mp4"]


def test_another_video_or_another_detector_or_overwriting_finds_them_anew(video: Path) -> None:
    first, second = Brightness(), Brightness("another")
    keypoints_of_video(video, first)
    assert keypoints_of_video(video, second).detector == "another"
    assert second.num_frames == 4
    write(video, (90, 90))
    assert keypoints_of_video(video, second).num_frames == 2
    assert second.num_frames == 6
    keypoints_of_video(video, second, overwrite=True)
    assert second.num_frames == 8


def test_a_video_of_the_same_size_but_other_content_is_another(video: Path) -> None:
    keypoints_of_video(video, Brightness())
    content = bytearray(video.read_bytes())
    content[-1] ^= 1
    video.write_bytes(content)
    with pytest.warns(UserWarning, match="is of another video than dance.mp4 now is"):
        assert cached_keypoints(video) is None


@pytest.mark.parametrize("damage", ["{", '{"detector": "brightness", "video": {}, "keypoints": [[1, 2]]}'])
def test_a_damaged_file_is_a_warning_and_is_replaced(video: Path, damage: str) -> None:
    kept = video.with_name("dance.keypoints.json")
    kept.write_text(damage)
    with pytest.warns(UserWarning, match=r"dance.keypoints.json is damaged"):
        assert keypoints_of_video(video, Brightness()).num_frames == 4
    assert read_video_keypoints(kept).num_frames == 4


@pytest.mark.parametrize("foreign", ['{"keypoints": [[[1, 2, 1]]]}', "[1, 2]"])
def test_somebody_elses_file_is_left_alone(video: Path, foreign: str) -> None:
    kept, detector = video.with_name("dance.keypoints.json"), Brightness()
    kept.write_text(foreign)
    for overwrite in (False, True):
        with pytest.raises(ValueError, match=r"was not written by macedance; move it elsewhere"):
            keypoints_of_video(video, detector, overwrite=overwrite)
    assert detector.num_frames == 0
    assert keypoints_of_video(video, detector, use_cache=False).num_frames == 4
    assert kept.read_text() == foreign


def test_a_folder_that_cannot_be_written_is_a_warning(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("macedance.projection.keypoint_cache.renamed_when_complete", refuse)
    with pytest.warns(UserWarning, match=r"cannot be kept in .* \(Permission denied\)"):
        assert keypoints_of_video(video, Brightness()).num_frames == 4


def test_what_is_kept_is_found_without_a_detector(video: Path) -> None:
    assert cached_keypoints(video) is None
    found = keypoints_of_video(video, Brightness())
    kept = cached_keypoints(video)
    assert kept is not None
    np.testing.assert_array_equal(kept.keypoints, found.keypoints)


def test_the_kept_file_is_also_a_dance_to_evaluate(video: Path) -> None:
    keypoints_of_video(write(video, (60, 120, 180)), Brightness())
    (dance,) = macedance.data.dance_files.read_keypoints(video.parent, fps=25.0)
    assert dance.joints.shape[:2] == (3, 17)


def test_key_points_of_a_video_become_a_pose_sequence() -> None:
    keypoints = np.tile([5.0, 6.0, 0.9], (3, 17, 1))
    poses = VideoKeypoints(keypoints, 30.0, (64, 48), COCO_NAMES, "x").pose_sequence()
    assert poses.points.shape == (3, 20, 3)
    assert (poses.fps, poses.size_px) == (30.0, (64, 48))
    assert poses.points[0, 0].tolist() == pytest.approx([5, 6, 0.9])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"fps": 30, "size_px": [4, 4]}, "but lacks 'keypoints'"),
        ({"keypoints": [[[1, 2, 1]] * 17], "size_px": [4, 4]}, "but lacks 'fps'"),
        ({"keypoints": [[1, 2, 1]] * 17, "fps": 30, "size_px": [4, 4]}, r"they are \(17, 3\)"),
        ({"keypoints": [[[1, 2, 1]] * 3], "fps": 30, "size_px": [4, 4]}, "must be of the 3 key-points"),
        ([], "must be JSON with"),
    ],
)
def test_json_that_is_no_video_is_named(tmp_path: Path, content: object, message: str) -> None:
    (tmp_path / "x.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message):
        read_video_keypoints(tmp_path / "x.json")
    with pytest.raises(FileNotFoundError, match=r"no file .*y.json"):
        read_video_keypoints(tmp_path / "y.json")


def test_files_that_are_no_videos_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no video .*none.mp4"):
        keypoints_of_video(tmp_path / "none.mp4", Brightness())
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ValueError, match=r"text.mp4 must be a video"):
        keypoints_of_video(tmp_path / "text.mp4", Brightness())
