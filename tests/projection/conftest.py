from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES

SIZE = (480, 832)


@pytest.fixture
def pose_of() -> Callable[..., Motion]:
    """Makes a still motion of rotation vectors by joint; arms hang down if they are not told."""

    def make(*, heading: float = 0.0, num_frames: int = 1, **joints: tuple[float, float, float]) -> Motion:
        poses = torch.zeros(num_frames, 24, 3)
        hanging = {"left_shoulder": (0, 0, -1.2), "right_shoulder": (0, 0, 1.2)}
        for name, rotation in {**hanging, **joints}.items():
            poses[:, JOINT_NAMES.index(name)] = torch.tensor(rotation, dtype=torch.float32)
        poses[:, 0, 1] = heading
        return Motion(poses, torch.zeros(num_frames, 3), fps=30.0)

    return make


@pytest.fixture
def camera() -> Camera:
    """Five metres in front of the rest pose, at the height of its middle."""
    return Camera(np.array([0.0, -0.3, 5.0]), np.array([0.0, -0.3, 0.0]))


@pytest.fixture
def moving() -> Motion:
    """Four seconds of smooth made-up motion, with a turn, travel and jumps."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(120)[:, None, None] / 30
    phase, rate = (torch.rand(1, 24, 3, generator=generator) * 6 for _ in range(2))
    poses = 0.5 * torch.sin(rate * time + phase)
    poses[:, 0] = torch.tensor([0.0, 1.0, 0.0]) * (0.6 + 0.8 * torch.sin(time[:, 0]))
    trans = torch.cat([torch.sin(time), torch.sin(3 * time).abs() * 0.4, 0.5 * torch.cos(time)], dim=-1)[:, 0]
    return Motion(poses, trans, fps=30.0)
