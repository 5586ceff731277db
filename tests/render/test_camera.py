from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.render.camera import direction, follow, heading_radians


def joints_of(num_frames: int, *, turn: float = 0.0, trans: np.ndarray | None = None) -> np.ndarray:
    poses = torch.zeros(num_frames, 24, 3)
    poses[:, 0, 1] = turn
    positions = torch.zeros(num_frames, 3) if trans is None else torch.as_tensor(trans, dtype=torch.float32)
    return Motion(poses, positions).joints().numpy()


def test_projects_like_a_pinhole() -> None:
    camera = Camera(np.array([0.0, 1.0, 4.0]), np.array([0.0, 1.0, 0.0]), view_angle_degrees=90.0)
    points = np.array([[0.0, 1.0, 0.0], [4.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    pixels, depths = camera.project(points, (200, 100))
    assert pixels == pytest.approx(np.array([[100, 50], [150, 50], [100, 25]]))
    assert depths == pytest.approx([4, 4, 4])


@pytest.mark.parametrize("turn", [0.0, 0.7, -2.5])
def test_stands_in_front_of_the_dancer(turn: float) -> None:
    joints = joints_of(5, turn=turn)
    assert heading_radians(joints) == pytest.approx(turn, abs=0.05)
    camera = follow(joints, fps=30.0, floor_height=-1.2, aspect_ratio=1.0)[0]
    facing = direction(turn, 0.0)
    towards = camera.position - camera.target
    assert towards @ facing / np.linalg.norm(towards) > 0.9
    assert towards[1] > 0


def test_does_not_shake_with_the_pelvis() -> None:
    rng = np.random.default_rng(0)
    trans = rng.normal(scale=0.05, size=(120, 3))
    cameras = follow(joints_of(120, trans=trans), fps=30.0, floor_height=-1.2, aspect_ratio=1.0)
    positions = np.array([camera.position for camera in cameras])
    assert np.abs(np.diff(positions, axis=0)).max() < 0.1 * np.abs(np.diff(trans, axis=0)).max()
    assert np.ptp(positions[:, 1]) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("aspect_ratio", [0.5, 1.0, 16 / 9])
def test_every_joint_is_in_the_picture(aspect_ratio: float) -> None:
    trans = np.zeros((60, 3))
    trans[30:, 0] = 1.5
    trans[20:40, 1] = 0.5
    joints = joints_of(60, trans=trans)
    size_px = (round(200 * aspect_ratio), 200)
    for camera, positions in zip(
        follow(joints, fps=30.0, floor_height=-1.2, aspect_ratio=aspect_ratio), joints, strict=True
    ):
        pixels, _ = camera.project(positions, size_px)
        assert np.all((pixels > 0) & (pixels < size_px))
