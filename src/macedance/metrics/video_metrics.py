"""All metrics of generated videos.

Axis letters: N videos.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torchmetrics import Metric, MetricCollection
from torchmetrics.utilities.plot import _PLOT_OUT_TYPE

from macedance.metrics.aesthetic_quality import AestheticQuality
from macedance.metrics.background_consistency import BackgroundConsistency
from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.color_drift import ColorDrift
from macedance.metrics.extractors.metric_names import PUBLISHED, metric_name
from macedance.metrics.frechet_feature_distance import FrechetFeatureDistance
from macedance.metrics.frechet_inception_distance import FrechetInceptionDistance
from macedance.metrics.frechet_video_distance import FrechetVideoDistance
from macedance.metrics.identity_similarity import IdentitySimilarity
from macedance.metrics.imaging_quality import ImagingQuality
from macedance.metrics.keypoint_accuracy import KeypointAccuracy
from macedance.metrics.learned_perceptual_similarity import LearnedPerceptualSimilarity
from macedance.metrics.motion_smoothness import MotionSmoothness
from macedance.metrics.subject_consistency import SubjectConsistency
from macedance.metrics.temporal_flickering import TemporalFlickering
from macedance.metrics.video_measurements import VideoMeasurements
from macedance.metrics.video_peak_signal_noise_ratio import VideoPeakSignalNoiseRatio
from macedance.metrics.video_structural_similarity import VideoStructuralSimilarity

_FRECHET: dict[str, type[FrechetInceptionDistance | FrechetVideoDistance]] = {
    "fid": FrechetInceptionDistance,
    "fvd": FrechetVideoDistance,
}
_WITH_EXTRACTOR: dict[str, type[ClipMean]] = {
    "lpips": LearnedPerceptualSimilarity,
    "subject_consistency": SubjectConsistency,
    "background_consistency": BackgroundConsistency,
    "motion_smoothness": MotionSmoothness,
    "imaging_quality": ImagingQuality,
    "aesthetic_quality": AestheticQuality,
    "identity": IdentitySimilarity,
}
_WEIGHT_FREE: dict[str, type[ClipMean]] = {
    "psnr": VideoPeakSignalNoiseRatio,
    "ssim": VideoStructuralSimilarity,
    "temporal_flickering": TemporalFlickering,
    "pck": KeypointAccuracy,
    "color_drift": ColorDrift,
}
_NAMED = (*_FRECHET, *_WITH_EXTRACTOR, "pck")


class VideoMetrics(MetricCollection):
    """FID, FVD, PSNR, SSIM, LPIPS, VBench's dimensions, identity, PCK and colour drift of generated videos.

    Members are by key ``fid``, ``fvd``, ``psnr``, ``ssim``, ``lpips``, ``subject_consistency``,
    ``background_consistency``, ``motion_smoothness``, ``temporal_flickering``, ``imaging_quality``,
    ``aesthetic_quality``, ``identity``, ``pck`` and ``color_drift``. Their names add what they are measured
    with, if it is not the published choice: ``fid[random]``, see
    :func:`~macedance.metrics.extractors.metric_name`. ``compute`` returns float64 scalars by name; over several
    processes they are those of all videos, however unequally spread. Not yet verified with real weights.

    Args:
        extractor_names: Name of the extractor, or for ``pck`` of the key-point detector, by key. Metrics that need
            an extractor are members only if they have one here; ``psnr``, ``ssim``, ``temporal_flickering``,
            ``pck`` and ``color_drift`` always are.
        num_features: Features of a sample of ``fid`` and ``fvd``, by key; the published choices need none.
        **kwargs: ``prefix`` and ``postfix`` of the names, passed on to ``torchmetrics.MetricCollection``.

    Raises:
        ValueError: ``extractor_names`` has a key that is no metric or one without extractor, or
            ``num_features`` lacks what is not published or has a key that is not ``fid`` or ``fvd``.

    >>> import torch
    >>> features = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    >>> metrics = VideoMetrics({"fid": "random"}, num_features={"fid": 4})
    >>> metrics.update_reference(VideoMeasurements(fid_features=features))
    >>> metrics.update(VideoMeasurements(fid_features=features, values={"psnr": 31.0, "ssim": 0.9}))
    >>> scores = metrics.compute()
    >>> scores["fid[random]"].round(decimals=6), scores["psnr"]
    (tensor(0., dtype=torch.float64), tensor(31., dtype=torch.float64))
    """

    def __init__(
        self,
        extractor_names: Mapping[str, str],
        *,
        num_features: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        widths = {} if num_features is None else num_features
        _check_keys("extractor_names", extractor_names, _NAMED)
        _check_keys("num_features", widths, tuple(_FRECHET))
        self.metric_names = {key: key for key in _WEIGHT_FREE} | {
            key: metric_name(key, extractor) for key, extractor in extractor_names.items()
        }
        classes = _WITH_EXTRACTOR | _WEIGHT_FREE
        metrics: dict[str, Metric] = {
            name: classes[key]() for key, name in self.metric_names.items() if key in classes
        }
        for key in _FRECHET.keys() & extractor_names.keys():
            metrics[self.metric_names[key]] = _frechet(key, extractor_names[key], widths)
        super().__init__(metrics, compute_groups=False, **kwargs)

    def update(self, measurements: VideoMeasurements, *, real: bool = False) -> None:
        """Take one video in.

        Args:
            measurements: Of the video. Features that no member takes are passed over.
            real: Whether it is one that the generated ones are compared with; only its features count then.

        Raises:
            ValueError: A value is of no member, or features have another width.
        """
        members = self._by_key()
        per_clip = {key: metric for key, metric in members.items() if isinstance(metric, ClipMean)}
        _check_keys("measurements.values", measurements.values, tuple(per_clip))
        for key, features in (("fid", measurements.fid_features), ("fvd", measurements.fvd_features)):
            if features is not None and key in members:
                members[key].update(features, real=real)
        if not real:
            for key, metric in per_clip.items():
                metric.update_values([measurements.values.get(key, np.nan)])

    def update_reference(self, measurements: VideoMeasurements) -> None:
        """Take in a real video that the generated ones are compared with: its features."""
        self.update(measurements, real=True)

    def use_reference_of(self, other: VideoMetrics) -> None:
        """Compare with the real videos that another collection holds, in place of own ones.

        Raises:
            ValueError: The other has other extractors.
        """
        others = other._by_key()
        for key, metric in self._by_key().items():
            if isinstance(metric, FrechetFeatureDistance):
                if key not in others:
                    raise ValueError(f"other must have {key}, has {', '.join(others)}; give it the extractor")
                metric.use_reference_of(others[key])

    def frechet_distances(self) -> dict[str, FrechetFeatureDistance]:
        """The members that are Fréchet distances, by name."""
        return {name: metric for name, metric in self.items() if isinstance(metric, FrechetFeatureDistance)}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % bootstrap intervals over this process's videos, by the names that ``compute`` has.

        NaN with fewer than two videos, and for Fréchet distances, of which only sums are kept.
        """
        bounds = {
            name: metric.interval() if isinstance(metric, ClipMean) else (np.nan, np.nan)
            for name, metric in self.items()
        }
        return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}

    def clip_values(self) -> dict[str, np.ndarray]:
        """Each video's number (N,) of the metrics that have one a video, NaN where it has none."""
        return {
            name: metric.clip_values.numpy() for name, metric in self.items() if isinstance(metric, ClipMean)
        }

    def forward(self, *args: Any, **kwargs: Any) -> None:
        """Refused: scores of one video say nothing of a distribution.

        Raises:
            TypeError: Always; call ``update`` for each video and ``compute`` at the end.
        """
        raise TypeError("VideoMetrics has no value for a video: call update for each, and compute at the end")

    def plot(self) -> list[_PLOT_OUT_TYPE]:
        """Figure and axes of each metric's current value."""
        return [metric.plot() for metric in self.values()]

    def _by_key(self) -> dict[str, Any]:
        """The members by key."""
        members = dict(self.items(keep_base=True))
        return {key: members[name] for key, name in self.metric_names.items()}


def _frechet(key: str, extractor: str, num_features: Mapping[str, int]) -> FrechetFeatureDistance:
    if key in num_features:
        return _FRECHET[key](num_features[key], extractor)
    if extractor != PUBLISHED[key]:
        raise ValueError(
            f"num_features must tell how many {extractor!r} makes for {key}, got {dict(num_features)}"
        )
    return _FRECHET[key](extractor=extractor)


def _check_keys(name: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    unknown = [key for key in given if key not in allowed]
    if unknown:
        raise ValueError(f"{name} must be by {', '.join(allowed)}, got {', '.join(map(repr, unknown))}")
