from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from macedance.metrics.functional.keypoints import KEYPOINT_NAMES
from macedance.projection import POINT_NAMES, Reference, read_keypoints
from macedance.projection.keypoint_formats import (
    COCO_NAMES,
    OPENPOSE_25_NAMES,
    VITPOSE_NAMES,
    WHOLE_BODY_NAMES,
    to_body_points,
)


def numbered(num_points: int) -> np.ndarray:
    """Points whose x is their place."""
    return np.stack([np.arange(num_points), np.arange(num_points) * 2.0, np.full(num_points, 0.9)], axis=1)


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "names", [POINT_NAMES, COCO_NAMES, VITPOSE_NAMES, WHOLE_BODY_NAMES, OPENPOSE_25_NAMES]
)
def test_every_convention_ends_up_in_its_place(names: tuple[str, ...]) -> None:
    points = to_body_points(numbered(len(names)), names)
    for index, name in enumerate(POINT_NAMES):
        if name in names and name != "neck":
            assert points[index, 0] == names.index(name), name
            assert points[index, 2] == 0.9
    shoulders = (names.index("left_shoulder") + names.index("right_shoulder")) / 2
    assert points[POINT_NAMES.index("neck"), 0] == shoulders
    toe, ankle = points[POINT_NAMES.index("left_toe")], points[POINT_NAMES.index("left_ankle")]
    if "left_big_toe" in names:
        assert toe[0] == (names.index("left_big_toe") + names.index("left_small_toe")) / 2
    elif "left_toe" not in names:
        assert toe.tolist() == [ankle[0], ankle[1], 0.0]


def test_the_names_of_vitpose_are_those_that_the_metrics_know() -> None:
    assert VITPOSE_NAMES == KEYPOINT_NAMES
    assert len(WHOLE_BODY_NAMES) == 133


def test_the_neck_is_as_sure_as_the_less_sure_shoulder() -> None:
    points = numbered(17)
    points[COCO_NAMES.index("left_shoulder"), 2] = 0.2
    assert to_body_points(points)[POINT_NAMES.index("neck"), 2] == 0.2


def test_json_of_points_is_read(tmp_path: Path) -> None:
    points = numbered(20)
    path = write(tmp_path / "a.json", {"keypoints": points.tolist()})
    np.testing.assert_array_equal(read_keypoints(path)[[0, 5, 19]], points[[0, 5, 19]])
    path = write(tmp_path / "b.json", {"keypoints": [points[:17, :2].tolist()]})
    assert (read_keypoints(path)[:18, 2] == 1).all()
    names = ["nose", "left_hip"]
    path = write(tmp_path / "c.json", {"keypoints": [[1, 2, 1], [3, 4, 1]], "names": names})
    found = read_keypoints(path)
    assert found[POINT_NAMES.index("left_hip")].tolist() == [3, 4, 1]
    assert found[POINT_NAMES.index("right_hip"), 2] == 0


@pytest.mark.parametrize("num_points", [18, 25])
def test_openpose_is_read_and_the_largest_person_counts(tmp_path: Path, num_points: int) -> None:
    small, large = numbered(num_points), numbered(num_points) * (10, 10, 1)
    people = [{"pose_keypoints_2d": person.ravel().tolist()} for person in (small, large, small)]
    found = read_keypoints(write(tmp_path / "a.json", {"people": people}))
    assert found[POINT_NAMES.index("left_ear"), 0] == 10 * (17 if num_points == 18 else 18)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "neither keypoints nor people"),
        ([1, 2], "neither keypoints nor people"),
        ({"people": []}, "its people are none"),
        ({"people": [{"pose_keypoints_2d": [1, 2, 3]}]}, "18 or 25 triples"),
        ({"keypoints": [[1, 2, 3]] * 19}, "17, 20, 25, 133 or have names"),
        ({"keypoints": [[1, 2, 3]] * 2, "names": ["nose"]}, "as many as the 2 keypoints"),
        ({"keypoints": [["a", 2, 3]]}, "could not convert"),
        ({"keypoints": [[float("nan"), 2, 3]] * 20}, "finite numbers"),
    ],
)
def test_anything_else_is_refused_with_the_files_name(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read_keypoints(write(tmp_path / "wrong.json", content))
    assert "wrong.json must hold" in str(caught.value)


def test_files_that_are_missing_or_no_json_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no\.json"):
        read_keypoints(tmp_path / "no.json")
    (tmp_path / "text.json").write_text("hello")
    with pytest.raises(ValueError, match=r"text\.json must hold JSON"):
        read_keypoints(tmp_path / "text.json")


def test_a_reference_is_loaded_as_its_camera_was_held(tmp_path: Path) -> None:
    picture = PIL.Image.new("RGB", (40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert Reference.load(tmp_path / "a.jpg").image.size == (20, 40)
    keypoints = write(tmp_path / "a.json", {"keypoints": numbered(20).tolist()})
    assert Reference.load(tmp_path / "a.jpg", keypoints).keypoints.shape == (20, 3)


def test_a_reference_with_key_points_of_another_picture_is_refused(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (40, 20)).save(tmp_path / "a.png")
    far = write(tmp_path / "far.json", {"keypoints": np.add(numbered(20), (100, 0, 0)).tolist()})
    with pytest.raises(ValueError, match=r"far\.json must lie in the reference picture of 40x20"):
        Reference.load(tmp_path / "a.png", far)
    shares = write(tmp_path / "shares.json", {"keypoints": (numbered(20) / 40).tolist()})
    with pytest.raises(ValueError, match="must be in pixels"):
        Reference.load(tmp_path / "a.png", shares)
    with pytest.raises(FileNotFoundError, match=r"no\.png"):
        Reference.load(tmp_path / "no.png")
    with pytest.raises(ValueError, match="must be a picture"):
        Reference.load(far)
