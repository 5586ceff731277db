from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics.functional.physical_foot_contact import physical_foot_contact
from macedance.metrics.physical_foot_contact import PhysicalFootContact


def swaying_body(fps: float, seconds: float = 6.0) -> Tensor:
    """A body whose pelvis and feet follow slow sines of their own, (T, 24, 3)."""
    time = torch.arange(int(seconds * fps), dtype=torch.float64) / fps
    joints = torch.zeros(len(time), 24, 3, dtype=torch.float64)
    joints[:, 0] = torch.stack(
        [torch.sin(3 * time), 0.1 * torch.cos(5 * time), 0.3 * torch.sin(2 * time)], dim=-1
    )
    for joint, phase in ((7, 0.0), (8, 1.0), (10, 2.0), (11, 3.0)):
        joints[:, joint, 0] = 0.2 * torch.sin(3 * time + phase)
        joints[:, joint, 1] = 0.1 * torch.sin(7 * time + phase)
        joints[:, joint, 2] = 0.1 * torch.cos(4 * time + phase)
    return joints


def restated(joints: np.ndarray) -> float:
    """The formula frame by frame, for 30 fps."""
    products, pushes = [], []
    for t in range(len(joints) - 2):
        acceleration = (joints[t + 2, 0] - 2 * joints[t + 1, 0] + joints[t, 0]) * 30**2
        acceleration[1] = max(acceleration[1], 0.0)
        pushes.append(np.linalg.norm(acceleration))
        steps = {j: np.linalg.norm((joints[t + 2, j] - joints[t + 1, j])[[0, 2]]) for j in (7, 8, 10, 11)}
        products.append(min(steps[7], steps[10]) * min(steps[8], steps[11]))
    return float(np.mean(np.multiply(products, pushes)) / max(pushes) * 10_000)


def test_equals_the_published_code(golden_clip) -> None:
    value = physical_foot_contact(golden_clip.joints, golden_clip.fps, protocol="edge")
    np.testing.assert_allclose(value, golden_clip.outputs["edge_pfc"], rtol=1e-5)
    if golden_clip.fps == 30:
        np.testing.assert_array_equal(physical_foot_contact(golden_clip.joints, 30.0), value)


def test_equals_the_formula_frame_by_frame(random_dances) -> None:
    for joints, _ in random_dances[:-1]:
        value = physical_foot_contact(joints, 30.0)
        assert value.dtype == torch.float64
        np.testing.assert_allclose(value, restated(joints.numpy()), rtol=1e-9)


@pytest.mark.parametrize("fps", [60.0, 24.0])
def test_default_hardly_depends_on_the_frame_rate(fps: float) -> None:
    reference = physical_foot_contact(swaying_body(30.0), 30.0)
    np.testing.assert_allclose(physical_foot_contact(swaying_body(fps), fps), reference, rtol=0.03)
    published = physical_foot_contact(swaying_body(fps), fps, protocol="edge")
    np.testing.assert_allclose(published, reference * (30 / fps) ** 2, rtol=0.03)


def test_one_standing_foot_suffices() -> None:
    joints = swaying_body(30.0)
    joints[:, 10] = 0.0  # the left toes stand, the ankle above them moves
    assert physical_foot_contact(joints, 30.0) == 0


def test_falling_demands_no_contact() -> None:
    joints = swaying_body(30.0)
    time = torch.arange(len(joints), dtype=torch.float64) / 30
    joints[:, 0] = 0.0
    joints[:, 0, 1] = -4.9 * time**2
    assert physical_foot_contact(joints, 30.0) == 0
    joints[:, 0, 1] *= -1
    assert physical_foot_contact(joints, 30.0) > 1


def test_place_heading_and_size_of_the_acceleration_are_indifferent() -> None:
    joints = swaying_body(30.0)
    reference = physical_foot_contact(joints, 30.0)
    sine, cosine = np.sin(0.7), np.cos(0.7)
    turn = torch.tensor([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]], dtype=torch.float64)
    np.testing.assert_allclose(physical_foot_contact(joints @ turn.mT + 3.0, 30.0), reference, rtol=1e-9)
    joints[:, 0] *= 5
    np.testing.assert_allclose(physical_foot_contact(joints, 30.0), reference, rtol=1e-9)


def test_a_still_root_gives_zero_and_too_few_frames_or_nan_give_nan() -> None:
    joints = swaying_body(30.0)
    assert physical_foot_contact(joints[:2], 30.0).isnan()
    joints[:, 0] = 1.0
    assert physical_foot_contact(joints, 30.0) == 0
    joints[5, 0, 0] = torch.nan
    assert physical_foot_contact(joints, 30.0).isnan()


def test_clips_count_alike_and_short_ones_are_left_out() -> None:
    clips = [swaying_body(30.0), swaying_body(30.0, seconds=3.0), swaying_body(30.0)[:2]]
    metric = PhysicalFootContact()
    metric.update(clips, fps=30.0)
    expected = np.mean([restated(clip.numpy()) for clip in clips[:2]])
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-9)
    assert (metric.num_clips, metric.num_excluded) == (2, 1)


def test_clone_pickle_reset_and_plot() -> None:
    mpl.use("Agg")
    metric = PhysicalFootContact("edge")
    metric.update(swaying_body(60.0)[None], fps=60.0)
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute()
        assert copy.protocol == "edge"
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    metric.reset()
    assert metric.num_clips == 0


def test_refuses_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"protocol must be one of default, .*, got 'pfc'"):
        PhysicalFootContact("pfc")
    with pytest.raises(ValueError, match="fps must be positive, got 0"):
        physical_foot_contact(torch.zeros(30, 24, 3), 0.0)
    with pytest.raises(ValueError, match=r"J at least 12, got \(30, 10, 3\)"):
        physical_foot_contact(torch.zeros(30, 10, 3), 30.0)
