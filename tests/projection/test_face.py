from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from macedance.geometry.camera import Camera
from macedance.projection import POINT_NAMES, PoseSequence, Projector, crop_face, face_box, face_frames
from macedance.projection.body_points import point_index

SIZE = (480, 832)


@pytest.fixture
def points(pose_of, camera: Camera) -> np.ndarray:
    return Projector(camera=camera).project(pose_of(), size_px=SIZE).points[0]


def test_the_box_holds_the_face_from_brows_to_chin(points: np.ndarray) -> None:
    left, top, right, bottom = face_box(points, SIZE)
    head = points[point_index("nose", "right_eye", "left_eye")]
    assert (head[:, 0] > left).all()
    assert (head[:, 0] < right).all()
    assert top < head[:, 1].min()
    neck = points[POINT_NAMES.index("neck"), 1]
    assert head[0, 1] < bottom < neck
    assert head[:, 1].min() - top > 0.3 * (bottom - head[:, 1].max())  # more above than below


def test_it_is_a_third_larger_than_the_landmarks(points: np.ndarray) -> None:
    left, top, right, bottom = face_box(points, SIZE)
    scale = np.linalg.norm(points[16, :2] - points[17, :2]) / 0.18
    assert (right - left) * (bottom - top) == pytest.approx(1.3 * 0.144 * 0.145 * scale**2, rel=0.1)


def test_it_stays_as_large_when_the_head_turns(pose_of, camera: Camera, points: np.ndarray) -> None:
    turned = Projector(camera=camera).project(pose_of(head=(0, 0.8, 0)), size_px=SIZE).points[0]
    sides = [np.ptp(np.reshape(face_box(p, SIZE), (2, 2)), axis=0) for p in (points, turned)]
    np.testing.assert_allclose(sides[0], sides[1], rtol=0.2)


def test_it_ends_at_the_picture(points: np.ndarray) -> None:
    moved = points - np.array([points[0, 0], points[0, 1], 0])
    left, top, _, _ = face_box(moved, SIZE)
    assert (left, top) == (0, 0)
    with pytest.raises(ValueError, match="within the 480x832 picture"):
        face_box(moved - np.array([200, 0, 0]), SIZE)


def test_a_face_that_looks_away_is_refused(points: np.ndarray) -> None:
    points[point_index("nose", "right_eye", "left_eye", "right_ear"), 2] = 0
    with pytest.raises(ValueError, match="they show 1"):
        face_box(points, SIZE)


def test_the_crop_shows_what_is_in_the_box(points: np.ndarray) -> None:
    picture = PIL.Image.new("RGB", SIZE)
    left, top, right, bottom = face_box(points, SIZE)
    picture.paste((200, 10, 10), (left, top, right, bottom))
    crop = crop_face(picture, points)
    assert crop.size == (512, 512)
    assert (np.asarray(crop) == (200, 10, 10)).all()
    assert crop_face(picture, None, 64).size == (64, 64)


def test_frames_without_a_face_are_told(points: np.ndarray) -> None:
    away = points.copy()
    away[:, 2] = 0
    frames = [np.full((*SIZE[::-1], 3), shade, np.uint8) for shade in (10, 20)]
    found = list(face_frames(frames, PoseSequence(np.stack([points, away]), 30.0, SIZE), 32))
    assert found[0] is not None
    assert found[0].shape == (32, 32, 3)
    assert (found[0] == 10).all()
    assert found[1] is None
