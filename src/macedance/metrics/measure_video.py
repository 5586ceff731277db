"""Measuring a video while its frames go by, so that a long one takes no more memory than a short one.

Axis letters: T frames, F frames of a chunk, C features, R pictures, H height, W width.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.extractors import AppearanceExtractors, FrameFeatures
from macedance.metrics.functional.color_drift import SEGMENT_FRAMES
from macedance.metrics.functional.frame_consistency import frame_consistency
from macedance.metrics.functional.peak_signal_to_noise_ratio import capped_decibels
from macedance.metrics.functional.structural_similarity import structural_similarity
from macedance.metrics.person_regions import Region
from macedance.metrics.streamed_measures import (
    Colors,
    Flickering,
    FrameValues,
    Identity,
    PairValues,
    Smoothness,
    StreamedMeasure,
    WindowFeatures,
)
from macedance.metrics.video_measurements import VideoMeasurements

CHUNK_FRAMES = 16


@dataclass(frozen=True)
class VideoSettings:
    """How videos are looked at.

    Attributes:
        identity_region: What identity looks at, see :func:`~macedance.metrics.person_regions.region_of`; others than
            the whole frame need key-points.
        segment_frames: Frames of a segment, for the drift of colours.
        device: Where what needs no network is computed.
    """

    identity_region: Region = "frame"
    segment_frames: int = SEGMENT_FRAMES
    device: str = "cpu"


def measure_video(
    frames: Iterable[np.ndarray],
    extractors: AppearanceExtractors,
    *,
    truth: Iterable[np.ndarray] | None = None,
    person: Tensor | None = None,
    points: np.ndarray | None = None,
    settings: VideoSettings | None = None,
    on_frames: Callable[[int], None] = lambda num_frames: None,
) -> VideoMeasurements:
    """What metrics of videos take in of one video; what was not given, or is not in ``extractors``, is left out.

    Args:
        frames: uint8 (H, W, 3) RGB, from first to last.
        extractors: Networks that look at them.
        truth: The frames that these should be, of the same size, for SSIM, PSNR and LPIPS; compared as long as both
            videos last.
        person: Pictures uint8 (R, 3, H, W) of the person who should be seen, for identity: of the same region.
        points: (T, 20, 3) where the person is in each frame, for regions other than the whole frame.
        settings: How they are looked at; None are the usual ones.
        on_frames: Called with the frames newly done.

    Raises:
        ValueError: There is no frame, or the truth has another size.
    """
    settings = settings or VideoSettings()
    measures = _measures(extractors, settings.segment_frames, has_truth=truth is not None)
    if extractors.identity is not None and person is not None and len(person):
        measures["identity"] = Identity(extractors.identity, person, points, settings.identity_region)
    features = _FeatureStore(extractors)
    windows = None if extractors.fvd is None else WindowFeatures(extractors.fvd)
    for chunk, truth_chunk in _chunks(frames, truth):
        on_device = chunk.to(settings.device)
        for measure in measures.values():
            measure.add(on_device, None if truth_chunk is None else truth_chunk.to(settings.device))
        features.add(chunk)
        if windows is not None:
            windows.add(chunk)
        on_frames(len(chunk))
    return VideoMeasurements(
        fid_features=features.of(extractors.fid),
        fvd_features=None if windows is None else windows.features(),
        values={name: measure.value() for name, measure in measures.items()}
        | _of_features(extractors, features),
    )


def _measures(
    extractors: AppearanceExtractors, segment_frames: int, *, has_truth: bool
) -> dict[str, StreamedMeasure]:
    """By metric, what adds it up."""
    measures: dict[str, StreamedMeasure] = {
        "temporal_flickering": Flickering(),
        "color_drift": Colors(segment_frames),
    }
    if has_truth:
        measures |= {
            "psnr": PairValues(capped_decibels),
            "ssim": PairValues(structural_similarity),
        }
        if extractors.lpips is not None:
            measures["lpips"] = PairValues(extractors.lpips)
    if extractors.smoothness is not None:
        measures["motion_smoothness"] = Smoothness(extractors.smoothness)
    for name, scores in (
        ("imaging_quality", extractors.imaging),
        ("aesthetic_quality", extractors.aesthetic),
    ):
        if scores is not None:
            measures[name] = FrameValues(scores)
    return measures


class _FeatureStore:
    """Features of all frames by the network that made them, each computed once whatever it is for."""

    def __init__(self, extractors: AppearanceExtractors) -> None:
        used = (extractors.fid, extractors.subject, extractors.background)
        self._networks = {id(network): network for network in used if network is not None}
        self._features: dict[int, list[Tensor]] = {key: [] for key in self._networks}

    def add(self, chunk: Tensor) -> None:
        for key, network in self._networks.items():
            self._features[key].append(network(chunk))

    def of(self, network: FrameFeatures | None) -> Tensor | None:
        return None if network is None else torch.cat(self._features[id(network)])


def _of_features(extractors: AppearanceExtractors, features: _FeatureStore) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, network in (
        ("subject_consistency", extractors.subject),
        ("background_consistency", extractors.background),
    ):
        found = features.of(network)
        if found is not None:
            values[name] = float(frame_consistency(found))
    return values


def _chunks(
    frames: Iterable[np.ndarray], truth: Iterable[np.ndarray] | None
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Some frames at a time as uint8 (F, 3, H, W), and as many of the truth, or what is left of it."""
    own, others = iter(frames), iter(() if truth is None else truth)
    is_empty = True
    while chunk := list(itertools.islice(own, CHUNK_FRAMES)):
        is_empty = False
        beside = list(itertools.islice(others, len(chunk)))
        if beside and beside[0].shape != chunk[0].shape:
            (height, width), (other_height, other_width) = chunk[0].shape[:2], beside[0].shape[:2]
            raise ValueError(
                f"the video must have the size of its truth, but is {width}x{height} and the truth "
                f"{other_width}x{other_height}; scale one of them"
            )
        yield _as_tensor(chunk), _as_tensor(beside) if beside else None
    if is_empty:
        raise ValueError("the video must have frames, but has none")


def _as_tensor(frames: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(frames)).movedim(-1, 1)
