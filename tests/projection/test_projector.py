from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES
from macedance.projection import POINT_NAMES, PoseSequence, Projector
from macedance.projection.frontal_camera import heading_radians

SIZE = (480, 832)
REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))
JOINT_POINTS = [name for name in POINT_NAMES if name in JOINT_NAMES and name != "neck"]


def pinhole(joints: np.ndarray, camera: Camera, size_px: tuple[int, int]) -> np.ndarray:
    """Pixels of (…, 3) by a 3×4 matrix of intrinsics and extrinsics, z forward and y down as in textbooks."""
    width, height = size_px
    forward = camera.target - camera.position
    forward = forward / np.linalg.norm(forward)
    down = -(np.array([0.0, 1.0, 0.0]) - forward[1] * forward)
    down = down / np.linalg.norm(down)
    rotation = np.stack([np.cross(down, forward), down, forward])
    homogeneous = np.concatenate([joints, np.ones_like(joints[..., :1])], axis=-1)
    if camera.parallel_height_metres is None:
        focal = height / (2 * np.tan(np.deg2rad(camera.view_angle_degrees) / 2))
        intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
        matrix = intrinsics @ np.hstack([rotation, -(rotation @ camera.position)[:, None]])
    else:
        scale = height / camera.parallel_height_metres
        rows = scale * np.hstack([rotation, -(rotation @ camera.position)[:, None]])[:2]
        matrix = np.vstack([np.add(rows, [[0, 0, 0, width / 2], [0, 0, 0, height / 2]]), [0, 0, 0, 1.0]])
    projected = homogeneous @ matrix.T
    return projected[..., :2] / projected[..., 2:]


def assert_joints_agree(motion: Motion, *, orthographic: bool, fps: float) -> PoseSequence:
    projector = Projector(orthographic=orthographic)
    sequence = projector.project(motion, size_px=SIZE, fps=fps)
    resampled = motion.resample(fps).to_up_axis("y")
    expected = pinhole(resampled.joints().double().numpy(), projector.camera_for(resampled, SIZE), SIZE)
    for name in JOINT_POINTS:
        ours = sequence.points[:, POINT_NAMES.index(name), :2]
        np.testing.assert_allclose(ours, expected[:, JOINT_NAMES.index(name)], atol=0.1, err_msg=name)
    return sequence


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("fps", [30.0, 16.0])
def test_joints_lie_where_an_independent_projection_has_them(
    moving: Motion, orthographic: bool, fps: float
) -> None:
    sequence = assert_joints_agree(moving, orthographic=orthographic, fps=fps)
    assert sequence.num_frames == moving.duration_seconds * fps


@pytest.mark.real_data
@pytest.mark.parametrize("clip", ["gJS_sBM_cAll_d03_mJS2_ch07", "gBR_sBM_cAll_d04_mBR2_ch08"])
def test_recorded_dances_are_projected_whole(clip: str) -> None:
    path = REAL_DATA / "data" / "aistpp" / f"{clip}.npz"
    if not path.exists():
        pytest.skip(f"no {path}; set MACEDANCE_REAL_DATA to the folder that holds data/aistpp")
    sequence = assert_joints_agree(Motion.load(path, up_axis="y"), orthographic=False, fps=30.0)
    assert sequence.num_frames == 288
    trunk = [POINT_NAMES.index(name) for name in ("neck", "left_hip", "right_hip")]
    assert sequence.visible[:, trunk].all()
    turns = np.abs(np.diff(sequence.visible.astype(int), axis=0)).sum(axis=0)
    assert turns.max() <= 2 * 9.6  # no point flickers


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("size_px", [(480, 832), (832, 480), (512, 512)])
def test_the_whole_dance_is_in_the_picture(
    moving: Motion, orthographic: bool, size_px: tuple[int, int]
) -> None:
    points = Projector(orthographic=orthographic).project(moving, size_px=size_px).points[..., :2]
    margin = 0.04 * np.array(size_px)
    assert (points >= margin).all()
    assert (points <= size_px - margin).all()
    spans = np.ptp(points, axis=(0, 1)) / size_px
    assert spans.max() > 0.7  # and fills it


def test_the_camera_faces_the_dancer(moving: Motion) -> None:
    camera = Projector().camera_for(moving, SIZE)
    for turn in (0.0, 1.0, 2.5):
        turned = Projector().camera_for(moving.turned(turn), SIZE)
        before, after = (np.arctan2(*(c.position - c.target)[[0, 2]]) for c in (camera, turned))
        assert np.angle(np.exp(1j * (after - before - turn))) == pytest.approx(0, abs=1e-3)
    assert camera.position[1] == camera.target[1]


def test_a_dancer_who_faces_all_ways_alike_is_seen_as_in_the_first_frame(pose_of) -> None:
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    joints = torch.cat([pose_of(heading=angle + 0.5).joints() for angle in angles]).numpy()
    assert heading_radians(joints) == pytest.approx(0.5, abs=0.05)


def test_one_who_sits_is_not_blown_up(pose_of) -> None:
    bent = {
        "left_hip": (-1.5, 0, 0),
        "right_hip": (-1.5, 0, 0),
        "left_knee": (1.5, 0, 0),
        "right_knee": (1.5, 0, 0),
    }
    heights = [
        np.ptp(Projector().project(motion, size_px=SIZE).points[0, :, 1])
        for motion in (pose_of(), pose_of(**bent))
    ]
    assert heights[1] < 0.85 * heights[0]


def test_a_dance_with_z_up_is_the_same(moving: Motion) -> None:
    sequences = [Projector().project(motion, size_px=SIZE) for motion in (moving, moving.to_up_axis("z"))]
    np.testing.assert_allclose(sequences[0].points, sequences[1].points, atol=0.05)


def test_points_outside_the_picture_are_hidden(pose_of, camera: Camera) -> None:
    near = Camera(np.array([0.0, 0.3, 2.0]), np.array([0.0, 0.3, 0.0]))
    points = Projector(camera=near).project(pose_of(), size_px=SIZE).points[0]
    ankles = [POINT_NAMES.index("left_ankle"), POINT_NAMES.index("right_ankle")]
    assert (points[ankles, 1] > SIZE[1]).all()
    assert (points[ankles, 2] == 0).all()
    assert points[POINT_NAMES.index("nose"), 2] > 0.9


def test_left_is_on_the_right_of_one_who_faces_the_camera(pose_of, camera: Camera) -> None:
    points = Projector(camera=camera).project(pose_of(), size_px=SIZE).points[0]
    for index, name in enumerate(POINT_NAMES):
        if name.startswith("left_"):
            right = POINT_NAMES.index(name.replace("left", "right"))
            assert points[index, 0] > SIZE[0] / 2 > points[right, 0], name


def test_wrong_arguments_are_named(moving: Motion, camera: Camera) -> None:
    with pytest.raises(ValueError, match="size_px must be a positive"):
        Projector().project(moving, size_px=(0, 10))
    with pytest.raises(ValueError, match="fps"):
        Projector().project(moving, size_px=SIZE, fps=0)
    with pytest.raises(ValueError, match="parallel_height_metres"):
        Projector(orthographic=True, camera=camera)


def test_a_sequence_comes_back_from_its_file(moving: Motion, tmp_path: Path) -> None:
    sequence = Projector().project(moving, size_px=SIZE, fps=16)
    sequence.save(tmp_path / "points.npz")
    loaded = PoseSequence.load(tmp_path / "points.npz")
    np.testing.assert_array_equal(loaded.points, sequence.points)
    assert (loaded.fps, loaded.size_px) == (16.0, SIZE)
    with pytest.raises(ValueError, match=r"points must be \(frames, 20, 3\)"):
        PoseSequence(np.zeros((4, 17, 3)), 30.0, SIZE)
