from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import torch

from macedance.metrics import MotionJerk
from macedance.metrics.functional import motion_jerk


@pytest.mark.parametrize("fps", [60.0, 30.0])
def test_jerk_of_cubic_paths(fps: float) -> None:
    time = torch.arange(40, dtype=torch.float64) / fps
    joints = torch.stack([time**3, -2 * time**3], dim=-1)[..., None] * torch.tensor([1.0, 0.0, 0.0])
    np.testing.assert_allclose(motion_jerk(joints, fps), (6 + 12) / 2, rtol=1e-6)


def test_constant_acceleration_has_no_jerk() -> None:
    time = torch.arange(40, dtype=torch.float64) / 30
    np.testing.assert_allclose(motion_jerk((time**2)[:, None, None].expand(40, 5, 3), 30.0), 0, atol=1e-7)


def test_clips_count_alike_and_short_ones_are_left_out() -> None:
    generator = torch.Generator().manual_seed(0)
    clips = [torch.randn(num_frames, 24, 3, generator=generator) for num_frames in (30, 4, 3, 1)]
    metric = MotionJerk()
    metric.update(clips, fps=30.0)
    third = [np.diff(clip.double().numpy(), n=3, axis=0) * 30**3 for clip in clips[:2]]
    expected = np.mean([np.linalg.norm(derivative, axis=-1).mean() for derivative in third])
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-12)
    assert (metric.num_clips, metric.num_excluded) == (2, 2)


def test_clone_pickle_reset_and_plot() -> None:
    mpl.use("Agg")
    metric = MotionJerk()
    metric.update(torch.randn(2, 10, 3, 3, generator=torch.Generator().manual_seed(0)))
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute()
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [metric.compute()])
    metric.reset()
    assert metric.num_clips == 0
