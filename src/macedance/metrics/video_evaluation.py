"""Scoring a set of videos beside the videos that they should be like.

Axis letters: N videos, F frames, P points (20), R pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from macedance.metrics import video_controls
from macedance.metrics.compared_video import Change, ComparedVideo
from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.filmed_dance import FilmedDance
from macedance.metrics.measure_video import VideoSettings
from macedance.metrics.ordered_work import in_order
from macedance.metrics.scores import GENERATED, GROUND_TRUTH, ScoreRow
from macedance.metrics.single_process import single_process
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
    videos = [
        *(ComparedVideo(GROUND_TRUTH, dance, shown=dance) for dance in reference),
        *compared_videos(generated, pairs),
        *(_controls(reference) if with_controls else ()),
    ]
    for video in videos:
        video.check()
    metrics = _metrics(videos, extractors, settings, on_frames)
    keys = {name: [video.dance.key for video in videos if video.set_name == name] for name in metrics}
    return VideoEvaluation(
        rows={name: video_row(name, metrics[name], len(keys[name])) for name in metrics},
        clip_values={name: row_metrics.clip_values() for name, row_metrics in metrics.items()},
        keys=keys,
        warnings=video_warnings(generated, reference, pairs, metrics[GENERATED]),
    )


def _metrics(
    videos: Sequence[ComparedVideo],
    extractors: AppearanceExtractors,
    settings: VideoSettings,
    on_frames: Callable[[int], None],
) -> dict[str, VideoMetrics]:
    """By set, the metrics of all its videos, beside the ground truth's features."""
    metrics = {
        name: single_process(VideoMetrics(extractors.names(), num_features=extractors.num_features()))
        for name in dict.fromkeys(video.set_name for video in videos)
    }

    def measure(video: ComparedVideo, look: Callable[[], None]) -> VideoMeasurements:
        def count(num_frames: int) -> None:
            look()
            on_frames(num_frames)

        return video.measure(extractors, settings, count)

    with closing(in_order(measure, videos, in_threads=settings.device == "cpu")) as measured:
        for video, found in zip(videos, measured, strict=True):
            metrics[video.set_name].update(found)
            if video.set_name == GROUND_TRUTH:
                metrics[GROUND_TRUTH].update_reference(found)
    for row_metrics in metrics.values():
        row_metrics.use_reference_of(metrics[GROUND_TRUTH])
    return metrics


def compared_videos(
    generated: Sequence[FilmedDance], pairs: Mapping[str, FilmedDance]
) -> list[ComparedVideo]:
    """Generated videos beside the real ones of their names."""
    return [
        ComparedVideo(GENERATED, dance, truth=pairs.get(dance.key), shown=pairs.get(dance.key))
        for dance in generated
    ]


def num_scored_frames(
    generated: Sequence[FilmedDance], reference: Sequence[FilmedDance], *, with_controls: bool = False
) -> int:
    """How many frames :func:`evaluate_videos` will look at."""
    real = sum(dance.num_frames for dance in reference)
    return sum(dance.num_frames for dance in generated) + (3 if with_controls else 1) * real


def _controls(reference: Sequence[FilmedDance]) -> Iterator[ComparedVideo]:
    changes: dict[str, Change] = {
        HELD: video_controls.held,
        NOISY: partial(video_controls.noisy, deviation=NOISE_DEVIATION),
    }
    for name, change in changes.items():
        for dance in reference:
            yield ComparedVideo(name, dance, truth=dance, shown=dance, change=change)


def video_row(name: str, metrics: VideoMetrics, num_videos: int) -> ScoreRow:
    """The scores of one set of videos; the ground truth's distances from itself are left out."""
    scores = {key: float(value) for key, value in metrics.compute().items()}
    intervals = metrics.intervals()
    if name == GROUND_TRUTH:  # its distance from itself is 0 by definition
        distances = set(metrics.frechet_distances())
        scores = {key: value for key, value in scores.items() if key not in distances}
        intervals = {key: bounds for key, bounds in intervals.items() if key not in distances}
    return ScoreRow(num_videos, scores, intervals)
