"""Scoring a set of videos beside the videos that they should be like.

Axis letters: N videos, F frames, P points (20), R pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from macedance.metrics import video_controls
from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.filmed_dance import FilmedDance
from macedance.metrics.person_regions import Region, region_of
from macedance.metrics.pose_fidelity import pose_fidelity
from macedance.metrics.scores import GENERATED, GROUND_TRUTH, ScoreRow
from macedance.metrics.video_measurement import VideoSettings, measure_video
from macedance.metrics.video_measurements import VideoMeasurements
from macedance.metrics.video_metrics import VideoMetrics
from macedance.metrics.video_warnings import video_warnings

HELD, NOISY = "truth, first frame held", "truth, with noise"
NOISE_DEVIATION = 25.0


@dataclass(frozen=True)
class VideoEvaluation:
    """What an evaluation found.

    Attributes:
        rows: Scores by set of videos, the ground truth first.
        clip_values: By set and score, each video's number (N,), NaN where it has none.
        keys: Names of the videos by set.
        warnings: What a reader of the scores should know.
    """

    rows: dict[str, ScoreRow]
    clip_values: dict[str, dict[str, np.ndarray]]
    keys: dict[str, list[str]]
    warnings: list[str]


class _Set(NamedTuple):
    """Videos to score, the real one that each is compared with frame by frame, and that which shows its person."""

    dances: Sequence[FilmedDance]
    truths: Mapping[str, FilmedDance]
    persons: Mapping[str, FilmedDance]
    change: Callable[[Iterator[np.ndarray]], Iterator[np.ndarray]] = lambda frames: frames
    is_changed: bool = False


def evaluate_videos(
    generated: Sequence[FilmedDance],
    reference: Sequence[FilmedDance],
    extractors: AppearanceExtractors,
    *,
    pairs: Mapping[str, FilmedDance] | None = None,
    settings: VideoSettings | None = None,
    with_controls: bool = False,
    on_frames: Callable[[int], None] = lambda num_frames: None,
) -> VideoEvaluation:
    """Score generated videos and the ground truth itself.

    Args:
        generated: The videos to score.
        reference: The ground truth.
        extractors: Networks that look at frames.
        pairs: By the key of a generated video the real one that it should equal, frame by frame; a subset of
            ``generated`` will do.
        settings: How they are looked at; None are the usual ones.
        with_controls: Also score the ground truth with its first frame held, and with noise.
        on_frames: Called with frames newly done; :func:`num_scored_frames` tells how many there are.

    Raises:
        ValueError: A side is empty, or a video and its truth differ in size.
    """
    for name, dances in (("generated", generated), ("reference", reference)):
        if not dances:
            raise ValueError(f"{name} must hold at least one video, got none")
    pairs, settings = pairs or {}, settings or VideoSettings()
    own = {dance.key: dance for dance in reference}
    sets = {GROUND_TRUTH: _Set(reference, {}, own), GENERATED: _Set(generated, pairs, pairs)}
    if with_controls:
        sets[HELD] = _Set(reference, own, own, video_controls.held, True)
        sets[NOISY] = _Set(
            reference, own, own, partial(video_controls.noisy, deviation=NOISE_DEVIATION), True
        )
    metrics = {
        name: VideoMetrics(extractors.names(), num_features=extractors.num_features()) for name in sets
    }
    for name, videos in sets.items():
        for dance in videos.dances:
            with _naming(name, dance):
                measured = _measured(dance, videos, extractors, settings, on_frames)
            metrics[name].update(measured)
            if name == GROUND_TRUTH:
                metrics[name].update_reference(measured)
    for row_metrics in metrics.values():
        row_metrics.use_reference_of(metrics[GROUND_TRUTH])
    return VideoEvaluation(
        rows={name: _row(name, metrics[name], len(sets[name].dances)) for name in sets},
        clip_values={name: row_metrics.clip_values() for name, row_metrics in metrics.items()},
        keys={name: [dance.key for dance in videos.dances] for name, videos in sets.items()},
        warnings=video_warnings(generated, reference, pairs, metrics[GENERATED]),
    )


def num_scored_frames(
    generated: Sequence[FilmedDance], reference: Sequence[FilmedDance], *, with_controls: bool = False
) -> int:
    """How many frames :func:`evaluate_videos` will look at."""
    real = sum(dance.num_frames for dance in reference)
    return sum(dance.num_frames for dance in generated) + (3 if with_controls else 1) * real


def _measured(
    dance: FilmedDance,
    videos: _Set,
    extractors: AppearanceExtractors,
    settings: VideoSettings,
    on_frames: Callable[[int], None],
) -> VideoMeasurements:
    truth = videos.truths.get(dance.key)
    measured = measure_video(
        videos.change(iter(dance.frames())),
        extractors,
        truth=None if truth is None else truth.frames(),
        person=_person(dance, videos.persons.get(dance.key), settings.identity_region),
        points=None if dance.detected is None else dance.detected.points,
        settings=settings,
        on_frames=on_frames,
    )
    driving = dance.driving or (None if truth is None else truth.detected)
    if videos.is_changed or dance.detected is None or driving is None:
        return measured
    return measured.with_value("pck", pose_fidelity(dance.detected, driving))


def _person(dance: FilmedDance, real: FilmedDance | None, region: Region) -> Tensor | None:
    """Pictures of who should be seen: of the given one, or of the first frame of a real video that shows it."""
    if dance.person is not None:
        points = dance.person.keypoints
        return region_of(
            _picture(np.asarray(dance.person.image)), None if points is None else points[None], region
        )
    if real is None:
        return None
    points = None if real.detected is None else real.detected.points
    for index, frame in enumerate(real.frames()):
        shown = region_of(_picture(frame), None if points is None else points[index : index + 1], region)
        if len(shown):
            return shown
    return None


def _picture(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(pixels)).movedim(-1, 0)[None]


def _row(name: str, metrics: VideoMetrics, num_videos: int) -> ScoreRow:
    scores = {key: float(value) for key, value in metrics.compute().items()}
    intervals = metrics.intervals()
    if name == GROUND_TRUTH:  # its distance from itself is 0 by definition
        distances = set(metrics.frechet_distances())
        scores = {key: value for key, value in scores.items() if key not in distances}
        intervals = {key: bounds for key, bounds in intervals.items() if key not in distances}
    return ScoreRow(num_videos, scores, intervals)


@contextmanager
def _naming(name: str, dance: FilmedDance) -> Iterator[None]:
    """Name set and video in what is raised about it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name}, video {dance.path.name}: {error}") from error
