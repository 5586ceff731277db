from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from macedance.data.video_folders import (
    holds_videos,
    pairs_by_name,
    read_filmed_dances,
    with_driving_points,
    with_persons,
)
from macedance.projection.keypoint_formats import COCO_NAMES
from macedance.projection.pose_sequence import PoseSequence
from macedance.render.video import write_video


def film(path: Path, num_frames: int = 3) -> None:
    write_video(path, [np.full((16, 32, 3), 9 * index, np.uint8) for index in range(num_frames)], fps=10)


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    for name in ("tango.mp4", "waltz_seed3.mp4"):
        film(tmp_path / "videos" / name)
    return tmp_path / "videos"


def test_videos_are_read_in_the_order_of_their_names(videos: Path) -> None:
    (videos / ".hidden.mp4").write_bytes(b"")
    (videos / "tango.keypoints.json").write_text("{}")
    dances = read_filmed_dances(videos)
    assert [dance.key for dance in dances] == ["tango", "waltz_seed3"]
    assert (dances[0].fps, dances[0].size_px, dances[0].num_frames) == (10, (32, 16), 3)
    frames = list(dances[0].frames())
    assert [frame.shape for frame in frames] == [(16, 32, 3)] * 3
    assert len(list(dances[0].frames())) == 3


def test_a_folder_holds_videos_or_does_not(videos: Path, tmp_path: Path) -> None:
    assert holds_videos(videos)
    assert not holds_videos(tmp_path)
    assert not holds_videos(tmp_path / "absent")


def test_what_is_no_video_is_refused(videos: Path) -> None:
    (videos / "noise.mp4").write_bytes(b"no video at all")
    with pytest.raises(ValueError, match=r"noise\.mp4 must be a video"):
        read_filmed_dances(videos)


def test_two_videos_of_a_name_are_refused(videos: Path) -> None:
    (videos / "tango.avi").write_bytes(b"")
    with pytest.raises(ValueError, match=r"one file a dance, but has tango\.avi and tango\.mp4"):
        read_filmed_dances(videos)


def test_videos_are_paired_by_name(videos: Path, tmp_path: Path) -> None:
    film(tmp_path / "real" / "waltz.mp4")
    pairs = pairs_by_name(read_filmed_dances(videos), read_filmed_dances(tmp_path / "real"))
    assert {key: dance.path.name for key, dance in pairs.items()} == {"waltz_seed3": "waltz.mp4"}


def test_points_and_pictures_belong_by_name(videos: Path, tmp_path: Path) -> None:
    points = np.random.default_rng(0).uniform(0, 16, (3, 20, 3))
    PoseSequence(points, 10.0, (32, 16)).save(tmp_path / "poses" / "waltz.npz")
    PIL.Image.new("RGB", (8, 6), (1, 2, 3)).save(tmp_path / "waltz.png")
    dances = with_driving_points(read_filmed_dances(videos), tmp_path / "poses")
    assert dances[0].driving is None
    assert np.allclose(dances[1].driving.points, points)
    dances = with_persons(dances, tmp_path)
    assert dances[0].person is None
    assert dances[1].person.image.size == (8, 6)


def test_points_in_json_are_read(videos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "poses"
    folder.mkdir()
    content = {
        "detector": "d", "video": {}, "fps": 10, "size_px": [32, 16],
        "names": list(COCO_NAMES), "keypoints": np.ones((3, 17, 3)).tolist(),
    }  # fmt: skip
    (folder / "tango.keypoints.json").write_text(json.dumps(content))
    tango, _ = with_driving_points(read_filmed_dances(videos), folder)
    assert tango.driving.points.shape == (3, 20, 3)
    (folder / "tango.keypoints.json").write_text(json.dumps(content | {"fps": None}))
    with pytest.raises(ValueError, match=r"tango\.keypoints\.json must be JSON with finite keypoints"):
        with_driving_points(read_filmed_dances(videos), folder)


def test_a_folder_in_which_nothing_belongs_is_refused(videos: Path, tmp_path: Path) -> None:
    PIL.Image.new("RGB", (8, 6)).save(tmp_path / "polka.png")
    with pytest.raises(ValueError, match="has the name of a video; the first are 'polka' and 'tango'"):
        with_persons(read_filmed_dances(videos), tmp_path)
