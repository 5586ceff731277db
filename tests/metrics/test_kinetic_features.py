from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics.functional import kinetic_features

from .plain_statements import (
    box_kinetic,
    hip_centred,
    joints_in_image_plane,
    random_walk,
    resampled,
    seen_in_image,
    swaying_body,
    window_kinetic,
)

PLANAR = ["mace-2d", "default-2d"]


def plainly(motion: np.ndarray, fps: int, protocol: str) -> np.ndarray:
    if protocol == "megadance":
        return box_kinetic(motion - motion[:1, :1], 1 / 30)
    if protocol == "mace":
        return box_kinetic(motion[:, :22] - motion[:1, :1], 1 / 30)
    if protocol == "mace-2d":
        return box_kinetic(hip_centred(motion), 1 / 30)
    joints = joints_in_image_plane(motion) if protocol == "default-2d" else motion
    return window_kinetic(resampled(joints, fps)[:, :22], 1 / 60)


def features(motion: np.ndarray | Tensor, fps: float = 30.0, protocol: str = "default") -> np.ndarray:
    return kinetic_features(torch.as_tensor(motion), fps, protocol).numpy()


def turned_about_the_vertical(joints: np.ndarray, radians: float) -> np.ndarray:
    cosine, sine = np.cos(radians), np.sin(radians)
    return joints @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])


@pytest.mark.parametrize(
    ("protocol", "dims"), [("aist++", 72), ("bailando", 72), ("lodge", 66), ("flowerdance", 66)]
)
def test_equals_the_published_code(golden_clip, protocol: str, dims: int) -> None:
    published = golden_clip.outputs[f"{protocol}_kinetic_{dims}"]
    np.testing.assert_allclose(features(golden_clip.joints, golden_clip.fps, protocol), published, rtol=1e-5)


@pytest.mark.parametrize("protocol", ["megadance", "mace", "default"])
def test_equals_the_plain_statement_on_dances(golden_clip, protocol: str) -> None:
    joints, fps = golden_clip.joints[:90].double().numpy(), golden_clip.fps
    np.testing.assert_allclose(features(joints, fps, protocol), plainly(joints, fps, protocol), rtol=1e-9)


@pytest.mark.parametrize("protocol", PLANAR)
def test_equals_the_plain_statement_on_dances_in_an_image(golden_clip, protocol: str) -> None:
    keypoints = seen_in_image(golden_clip.joints[:90].double().numpy())
    fast = features(keypoints, golden_clip.fps, protocol)
    np.testing.assert_allclose(fast, plainly(keypoints, golden_clip.fps, protocol), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("num_frames", [5, 37])
@pytest.mark.parametrize("fps", [60, 30, 25, 16])
@pytest.mark.parametrize("protocol", ["megadance", "mace", "default", *PLANAR])
def test_equals_the_plain_statement_on_random_walks(protocol: str, fps: int, num_frames: int) -> None:
    shape = (25, 2) if protocol in PLANAR else (24, 3)
    walk = random_walk(num_frames, *shape, step=3.0, seed=fps)
    expected = plainly(walk, fps, protocol)
    np.testing.assert_allclose(features(walk, fps, protocol), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("fps", [60, 30, 16])
def test_four_frames_are_enough(fps: int) -> None:
    walk = random_walk(4, 24, 3, step=3.0, seed=fps)
    np.testing.assert_allclose(features(walk, fps), plainly(walk, fps, "default"), rtol=1e-9)


def test_edge_evaluates_the_features_of_its_forerunner() -> None:
    walk = random_walk(20, 24, 3, step=0.1, seed=0)
    np.testing.assert_array_equal(features(walk, 30, "edge"), features(walk, 30, "aist++"))


@pytest.mark.parametrize("fps", [60.0, 30.0, 24.0, 16.0])
def test_default_measures_speed_and_acceleration_in_world_units(fps: float) -> None:
    time = torch.arange(40, dtype=torch.float64) / fps
    joints = torch.zeros(40, 24, 3, dtype=torch.float64)
    joints[:, 1] = time[:, None] * torch.tensor([3.0, 2.0, 4.0])
    joints[:, 2, 1] = 4.9 * time**2
    result = features(joints, fps).reshape(22, 3)
    np.testing.assert_allclose(result[1], [25, 4, 0], atol=1e-6)
    np.testing.assert_allclose(result[2, [0, 2]], [0, 9.8], atol=1e-6)
    assert (np.delete(result, [1, 2], axis=0) == 0).all()


def test_the_slip_makes_published_accelerations_depend_on_the_place() -> None:
    here = random_walk(30, 24, 3, step=0.02, seed=1)
    there = here + np.array([5, 1, -3])
    for protocol in ("aist++", "edge"):
        assert features(there, 60, protocol)[2::3].min() > 1.5 * features(here, 60, protocol)[2::3].max()
    for protocol in ("default", "bailando", "lodge", "flowerdance", "megadance", "mace"):
        np.testing.assert_allclose(
            features(there, 60, protocol), features(here, 60, protocol), rtol=1e-7, atol=1e-9
        )


@pytest.mark.parametrize("fps", [30, 24, 16])
def test_default_does_not_depend_on_the_frame_rate(fps: int) -> None:
    at_60 = features(swaying_body(60), 60)
    np.testing.assert_allclose(features(swaying_body(fps), fps), at_60, rtol=0.02)


def test_published_speeds_depend_on_the_frame_rate() -> None:
    slow, fast = (features(swaying_body(fps), fps, "aist++").reshape(24, 3) for fps in (60, 30))
    assert (fast[:, :2] > 2 * slow[:, :2]).all()


def test_default_in_an_image_does_not_depend_on_the_frame_rate() -> None:
    at_60, at_16 = (features(seen_in_image(swaying_body(fps)), fps, "default-2d") for fps in (60, 16))
    np.testing.assert_allclose(at_16, at_60, rtol=0.05, atol=1e-12)
    assert (at_60.reshape(22, 3)[7] > 0).all()


def test_default_does_not_depend_on_heading_and_place() -> None:
    body = swaying_body(30, seconds=3)
    moved = turned_about_the_vertical(body, 0.9) + np.array([2.0, 0.0, -3.0])
    np.testing.assert_allclose(features(moved), features(body), rtol=1e-8)
    tipped = body[..., [0, 2, 1]]
    assert not np.allclose(features(tipped), features(body), rtol=0.1)


def test_default_in_an_image_does_not_depend_on_size_and_place() -> None:
    keypoints = seen_in_image(swaying_body(16, seconds=3))
    expected = features(keypoints, 16, "default-2d")
    path = np.linspace(0, 300, len(keypoints))[:, None, None] * (1.0, 0.4)
    for changed in (3 * keypoints, keypoints - 40, keypoints + path):
        np.testing.assert_allclose(features(changed, 16, "default-2d"), expected, rtol=1e-8, atol=1e-10)
    assert not np.allclose(features(3 * keypoints, 16, "mace-2d"), features(keypoints, 16, "mace-2d"))


def test_default_in_an_image_measures_in_torso_lengths() -> None:
    keypoints = np.zeros((60, 25, 2))
    keypoints[:, [5, 6], 1] = -56.4  # a torso of mean length is 0.564 m: one pixel is a centimetre
    keypoints[:, 9, 0] = 100 * np.arange(60) / 30
    keypoints[:, 10, 1] = 200 * np.arange(60) / 30
    result = features(keypoints, 30, "default-2d").reshape(22, 3)
    np.testing.assert_allclose(result[[20, 21], :2], [[1, 0], [0, 4]], atol=1e-9)


@pytest.mark.parametrize("num_points", [17, 25, 133])
def test_default_in_an_image_takes_any_set_that_begins_like_coco(num_points: int) -> None:
    keypoints = random_walk(30, num_points, 2, step=3.0, seed=2)
    confidence = np.full((30, num_points, 1), 0.7)
    expected = plainly(keypoints, 16, "default-2d")
    for given in (keypoints, np.concatenate([keypoints, confidence], axis=-1)):
        np.testing.assert_allclose(features(given, 16, "default-2d"), expected, rtol=1e-9, atol=1e-12)


def test_toes_of_coco_are_its_ankles() -> None:
    keypoints = random_walk(30, 17, 2, step=3.0, seed=3)
    result = features(keypoints, 16, "default-2d").reshape(22, 3)
    np.testing.assert_array_equal(result[[10, 11]], result[[7, 8]])


def test_any_type_is_taken_and_float64_without_gradient_comes_back() -> None:
    joints = torch.from_numpy(random_walk(12, 24, 3, step=0.1, seed=4)).float().requires_grad_()
    result = kinetic_features(joints, 30.0)
    assert (result.dtype, result.requires_grad) == (torch.float64, False)
    np.testing.assert_allclose(result, features(joints.detach().double()), rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "fps", "protocol", "message"),
    [
        ((30, 24, 2), 30.0, "default", r"J at least 22, got \(30, 24, 2\)"),
        ((2, 30, 24, 3), 30.0, "default", "pass several clips to the metric's class"),
        ((30, 22, 3), 30.0, "aist++", "J at least 24"),
        ((3, 24, 3), 30.0, "default", "at least 4 frames for features, got 3"),
        ((0, 24, 3), 30.0, "mace", "at least 4 frames for features, got 0"),
        ((30, 24, 3), 0.0, "default", "fps must be positive, got 0"),
        ((30, 24, 3), 30.0, "fact", "protocol must be one of default, aist.*got 'fact'"),
        ((30, 16, 2), 30.0, "default-2d", r"K at least 17, got \(30, 16, 2\)"),
        ((30, 25, 4), 30.0, "mace-2d", r"key-points must be one clip"),
        ((3, 25, 2), 16.0, "mace-2d", "at least 4 frames"),
        ((30, 25, 2), -1.0, "mace-2d", "fps must be positive, got -1"),
        ((30, 25, 2), 16.0, "default-2d", "must show a torso"),
    ],
)
def test_refuses_bad_arguments(shape: tuple[int, ...], fps: float, protocol: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kinetic_features(torch.zeros(shape), fps, protocol)


@pytest.mark.parametrize("protocol", PLANAR)
def test_refuses_missing_keypoints(protocol: str) -> None:
    keypoints = random_walk(30, 25, 2, step=1.0, seed=5)
    keypoints[7, 3, 1] = np.nan
    with pytest.raises(ValueError, match="key-points must be finite"):
        features(keypoints, 16, protocol)


@pytest.mark.parametrize("protocol", ["default", "aist++", "mace"])
def test_refuses_missing_joints(protocol: str) -> None:
    joints = random_walk(30, 24, 3, step=1.0, seed=5)
    joints[7, 3, 1] = np.nan
    with pytest.raises(ValueError, match="joints must be finite"):
        features(joints, 30, protocol)


def test_refuses_fewer_keypoints_than_the_published_evaluation_has() -> None:
    with pytest.raises(ValueError, match="25"):
        features(random_walk(30, 17, 2, step=1.0, seed=5), 16, "mace-2d")
