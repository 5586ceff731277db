from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics import FootSkatingRatio
from macedance.metrics.functional import foot_skating


def sliding_feet(speed_x: float, speed_z: float, fps: float, seconds: float = 2.0) -> Tensor:
    """A stiff body that slides over the floor at a speed in m/s, (T, 24, 3)."""
    time = torch.arange(int(seconds * fps)) / fps
    joints = torch.zeros(len(time), 24, 3)
    joints[..., 0] = speed_x * time[:, None]
    joints[..., 2] = speed_z * time[:, None]
    return joints


def test_equals_the_published_code(golden_clip) -> None:
    ratios = foot_skating(golden_clip.joints, golden_clip.fps, protocol="lodge")
    np.testing.assert_allclose(ratios, golden_clip.outputs["lodge_fsr_left_right"], rtol=1e-6)


@pytest.mark.parametrize("fps", [60.0, 30.0, 24.0])
@pytest.mark.parametrize(("speed", "expected"), [(0.29, 0.0), (0.31, 1.0)])
def test_default_threshold_is_a_speed_at_any_rate(fps: float, speed: float, expected: float) -> None:
    assert foot_skating(sliding_feet(speed, 0.0, fps), fps).tolist() == [expected, expected]


def test_opposite_velocities_cancel_only_in_the_published_form() -> None:
    joints = sliding_feet(1.0, -1.0, 30.0)
    assert foot_skating(joints, 30.0, protocol="lodge").tolist() == [0, 0]
    assert foot_skating(joints, 30.0).tolist() == [1, 1]


def test_published_form_counts_the_last_frame_as_contact() -> None:
    joints = sliding_feet(1.0, 1.0, 30.0, seconds=0.5)
    np.testing.assert_allclose(foot_skating(joints, 30.0, protocol="lodge"), [14 / 15] * 2)


def test_explicit_threshold_overrides_the_protocol() -> None:
    joints = sliding_feet(0.5, 0.5, 30.0)
    for protocol in ("default", "lodge"):
        assert foot_skating(joints, 30.0, protocol, speed_threshold_metres_per_second=0.8).sum() == 0
        assert foot_skating(joints, 30.0, protocol, speed_threshold_metres_per_second=0.4).sum() > 1


def test_floor_is_the_mean_of_level_toes_and_else_the_lower() -> None:
    joints = sliding_feet(1.0, 0.0, 30.0)
    joints[0, 10, 1] = 0.019
    joints[1:, [7, 8], 1] = 0.0895  # exactly at 8 cm above the mean of 0 and 1.9 cm
    assert foot_skating(joints, 30.0).tolist() == [1, 1]
    joints[0, 10, 1] = 0.021  # the floor is now at 0: the ankles are too high except in frame 0
    joints[0, [7, 8], 1] = 0.2
    assert foot_skating(joints, 30.0).isnan().all()


def test_a_raised_foot_has_no_ratio() -> None:
    joints = sliding_feet(1.0, 0.0, 30.0)
    joints[:, [7, 10], 1] = 0.5
    left, right = foot_skating(joints, 30.0)
    assert left.isnan()
    assert right == 1


def test_clips_count_alike_and_those_without_contact_are_left_out() -> None:
    airborne = sliding_feet(0.0, 0.0, 30.0)
    airborne[1:, :, 1] = 1.0
    airborne[0, [7, 8], 1] = 1.0
    one_foot = sliding_feet(1.0, 0.0, 30.0, seconds=4.0)
    one_foot[:, [7, 10], 1] = 0.5
    metric = FootSkatingRatio()
    metric.update([one_foot, airborne])
    metric.update(torch.stack([sliding_feet(0.0, 0.0, 30.0)] * 2))
    np.testing.assert_allclose(metric.compute(), 1 / 3)
    assert (metric.num_clips, metric.num_excluded) == (3, 1)


def test_nothing_scored_gives_nan() -> None:
    metric = FootSkatingRatio()
    metric.update([torch.full((30, 24, 3), torch.nan)])
    assert metric.compute().isnan()
    assert metric.num_excluded == 1


def test_clone_pickle_reset_and_plot() -> None:
    mpl.use("Agg")
    metric = FootSkatingRatio("lodge")
    metric.update([sliding_feet(1.0, 1.0, 30.0, seconds=0.5)])
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301
        assert copy.compute() == metric.compute()
        assert copy.protocol == "lodge"
    _, axes = metric.plot()
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), [14 / 15])
    metric.reset()
    assert metric.num_clips == 0


def test_refuses_bad_arguments() -> None:
    with pytest.raises(ValueError, match=r"protocol must be one of default, .*, got 'fsr'"):
        FootSkatingRatio("fsr")
    with pytest.raises(ValueError, match=r"J at least 12, got \(30, 10, 3\)"):
        foot_skating(torch.zeros(30, 10, 3), 30.0)
