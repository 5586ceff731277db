from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES


@pytest.fixture(scope="session")
def magenta_body() -> BodyModel:
    """The mannequin in a colour that nothing else in the picture has."""
    body = copy.copy(BodyModel())
    body.colors = np.tile([1.0, 0.05, 1.0], (body.num_vertices, 1))
    return body


@pytest.fixture
def standing() -> Motion:
    """Half a second in the rest pose, arms to the sides, pelvis above the origin."""
    return Motion(torch.zeros(15, 24, 3), torch.zeros(15, 3), fps=30.0)


@pytest.fixture
def arms_up() -> Motion:
    """Half a second with both arms stretched upwards."""
    poses = torch.zeros(15, 24, 3)
    poses[:, JOINT_NAMES.index("left_shoulder"), 2] = 1.4
    poses[:, JOINT_NAMES.index("right_shoulder"), 2] = -1.4
    return Motion(poses, torch.zeros(15, 3), fps=30.0)


@pytest.fixture(scope="session")
def body_mask() -> Callable[[np.ndarray], np.ndarray]:
    """Tells where a picture shows the magenta body."""

    def mask(picture: np.ndarray) -> np.ndarray:
        red, green, blue = picture.astype(int).transpose(2, 0, 1)
        return (red - green > 40) & (blue - green > 40)

    return mask


@pytest.fixture
def numpy_never_warns() -> Iterator[None]:
    """Division by zero and the like are errors."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield
