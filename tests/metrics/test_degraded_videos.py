"""Every metric without a trained network gets worse, step by step, with what it is made to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from macedance.metrics import video_controls
from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.measure_video import VideoSettings, measure_video
from macedance.metrics.video_metrics import VideoMetrics

from .moving_picture import moving_picture

FRAMES, OTHER = moving_picture(48, seed=0), moving_picture(48, seed=1)
COUNT = len(FRAMES)
DEGRADATIONS: dict[str, tuple[Callable[[float], Iterator[np.ndarray]], tuple[float, ...]]] = {
    "blur": (lambda sigma: video_controls.blurred(FRAMES, sigma), (1, 2, 4)),
    "noise": (lambda deviation: video_controls.noisy(FRAMES, deviation), (5, 15, 40)),
    "frame drop": (lambda share: video_controls.with_frames_dropped(FRAMES, share), (0.2, 0.5, 0.8)),
    "jitter": (lambda deviation: video_controls.shaken(FRAMES, deviation), (1, 2, 6)),
    "identity swap": (
        lambda share: video_controls.with_another_person(FRAMES, OTHER, share, COUNT),
        (0.25, 0.5, 0.75),
    ),
    "colour shift": (lambda gain: video_controls.with_color_drift(FRAMES, gain, COUNT), (0.1, 0.3, 0.6)),
}
NOTICED = {
    "psnr": tuple(DEGRADATIONS),
    "ssim": tuple(DEGRADATIONS),
    "lpips[random]": tuple(DEGRADATIONS),
    "fid[random]": ("blur", "noise", "identity swap", "colour shift"),
    "fvd[random]": ("blur", "noise", "jitter", "identity swap", "colour shift"),
    "identity[random]": ("blur", "noise", "identity swap", "colour shift"),
    "temporal_flickering": ("noise", "jitter"),
    "motion_smoothness[linear]": ("noise", "jitter"),
    "color_drift": ("colour shift",),
}
LOWER_IS_BETTER = ("fid", "fvd", "lpips", "color_drift")


@pytest.fixture(scope="module")
def scores() -> dict[str, list[dict[str, float]]]:
    extractors = AppearanceExtractors.random()
    person = torch.from_numpy(FRAMES[0]).movedim(-1, 0)[None]

    def of(frames: Iterator[np.ndarray]) -> dict[str, float]:
        metrics = VideoMetrics(extractors.names(), num_features=extractors.num_features())
        metrics.update_reference(measure_video(FRAMES, extractors))
        metrics.update(
            measure_video(
                frames, extractors, truth=FRAMES, person=person, settings=VideoSettings(segment_frames=16)
            )
        )
        return {name: float(value) for name, value in metrics.compute().items()}

    untouched = of(iter(FRAMES))
    return {
        label: [untouched, *(of(degrade(strength)) for strength in strengths)]
        for label, (degrade, strengths) in DEGRADATIONS.items()
    }


@pytest.mark.parametrize(
    ("metric", "degradation"), [(m, d) for m, noticed in NOTICED.items() for d in noticed]
)
def test_a_metric_gets_worse_step_by_step(
    metric: str, degradation: str, scores: dict[str, list[dict[str, float]]]
) -> None:
    values = [step[metric] for step in scores[degradation]]
    sign = 1 if metric.partition("[")[0] in LOWER_IS_BETTER else -1
    assert (sign * np.diff(values) > 0).all(), values


def test_a_still_picture_is_as_steady_as_can_be() -> None:
    extractors = AppearanceExtractors.random()
    values = measure_video(
        video_controls.held(FRAMES), extractors, settings=VideoSettings(segment_frames=16)
    ).values
    assert values["temporal_flickering"] == values["motion_smoothness"] == 1
    assert values["subject_consistency"] == pytest.approx(1)
    assert values["color_drift"] == pytest.approx(0, abs=1e-9)
