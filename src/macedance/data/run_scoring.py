"""Scores of a cascade's run, made of the files in its folder alone.

So they do not depend on how many processes made the clips, and when. Axis letters: N clips, T frames, K key-points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from macedance.data.dance_files import dance_of_keypoints, dance_of_motion
from macedance.data.run_folder import RunFolder
from macedance.data.run_scores import IMAGE_PLANE, MOTION, SEEN, ClipValues, RunScores, ScoreTable
from macedance.geometry.motion import Motion
from macedance.metrics.dance import Dance
from macedance.metrics.functional.protocols import motion_protocol
from macedance.metrics.measurement_files import load_measurements
from macedance.metrics.motion_evaluation import evaluate_motions, motion_row
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.scores import GENERATED, GROUND_TRUTH
from macedance.metrics.single_process import single_process
from macedance.metrics.video_evaluation import video_row
from macedance.metrics.video_metrics import VideoMetrics
from macedance.metrics.video_warnings import network_warnings
from macedance.projection.keypoint_cache import cached_keypoints


@dataclass(frozen=True)
class VideoScoring:
    """What is needed to score videos by what was measured of them.

    Attributes:
        extractor_names: By metric, see :class:`~macedance.metrics.VideoMetrics`.
        num_features: By metric.
        measured_by: Tells the networks and settings from others.
        detector: Name of what found the dancers' key-points; None if nobody looked.
    """

    extractor_names: Mapping[str, str]
    num_features: Mapping[str, int]
    measured_by: str
    detector: str | None = None


def score_run(
    folder: RunFolder, keys: Sequence[str], *, protocol: str = "default", videos: VideoScoring
) -> RunScores:
    """Score clips of a run, and the real ones that are known.

    Args:
        folder: Where they are.
        keys: Which clips; all must be done.
        protocol: Of the motion in three dimensions, see :func:`~macedance.metrics.evaluate_motions`.
        videos: How videos are scored.

    Raises:
        ValueError: A file is damaged, or what was measured of a video is not there.
    """
    clips = {key: folder.read_clip(key) for key in keys}
    values: ClipValues = {}
    makers: list[Callable[[], ScoreTable | None]] = [
        partial(_motion_table, folder, clips, protocol, values),
        partial(_image_plane_table, folder, clips, videos, values),
        partial(_video_table, folder, clips, videos, values),
    ]
    return RunScores([table for maker in makers if (table := maker()) is not None], values)


def _motion_table(
    folder: RunFolder, clips: Mapping[str, dict[str, Any]], protocol: str, values: ClipValues
) -> ScoreTable | None:
    form = motion_protocol(protocol)
    generated = [_dance(folder, clip, truth=False) for clip in clips.values() if clip["has_motion"]]
    real = [_dance(folder, clip, truth=True) for clip in clips.values() if clip["has_true_motion"]]
    return _dances_table(MOTION, f"{form.name}: {form.summary}", generated, real, protocol, values)


def _image_plane_table(
    folder: RunFolder, clips: Mapping[str, dict[str, Any]], videos: VideoScoring, values: ClipValues
) -> ScoreTable | None:
    if videos.detector is None:
        return None
    form = motion_protocol("default-2d")
    notes: list[str] = []
    generated, real = (
        [
            dance
            for clip in clips.values()
            if clip["has_true_video"] or not truth
            if (dance := _seen_dance(folder, clip, notes, truth=truth)) is not None
        ]
        for truth in (False, True)
    )
    words = f"{form.name}: {form.summary}; key-points by {videos.detector}"
    table = _dances_table(IMAGE_PLANE, words, generated, real, form.name, values, suffix="_2d")
    if table is not None:
        table.notes.extend(notes)
    return table


def _dances_table(
    title: str,
    words: str,
    generated: list[Dance],
    real: list[Dance],
    protocol: str,
    values: ClipValues,
    suffix: str = "",
) -> ScoreTable | None:
    if not generated:
        return None
    if real:
        found = evaluate_motions(generated, real, protocol=protocol)
        for name in (GROUND_TRUTH, GENERATED):
            _keep(values, name, found.keys[name], found.clip_values[name], suffix)
        return ScoreTable(title, "dances", words, found.rows, list(found.warnings))
    metrics = single_process(MotionMetrics(protocol))
    for dance in generated:
        poses = None if dance.poses is None else [dance.poses]
        metrics.update([dance.joints], [dance.beats], poses, dance.fps)
    _keep(values, GENERATED, [dance.key for dance in generated], metrics.clip_values(), suffix)
    notes = ["there are no real dances to compare with, so distances and diversities are left out"]
    return ScoreTable(title, "dances", words, {GENERATED: motion_row(metrics, len(generated))}, notes)


def _video_table(
    folder: RunFolder, clips: Mapping[str, dict[str, Any]], videos: VideoScoring, values: ClipValues
) -> ScoreTable | None:
    metrics: dict[str, VideoMetrics] = {}
    real = [key for key, clip in clips.items() if clip["has_true_video"]]
    for name, keys in ((GROUND_TRUTH, real), (GENERATED, list(clips))):
        if not keys:
            continue
        metrics[name] = single_process(VideoMetrics(videos.extractor_names, num_features=videos.num_features))
        for key in keys:
            file = folder.measured_file(key, truth=name == GROUND_TRUTH)
            measured = load_measurements(file, measured_by=videos.measured_by)
            if measured is None:
                raise ValueError(f"{file} is missing or of other networks; run the cascade again")
            metrics[name].update(measured)
            if name == GROUND_TRUTH:
                metrics[name].update_reference(measured)
        _keep(values, name, keys, metrics[name].clip_values())
    if GROUND_TRUTH in metrics:
        metrics[GENERATED].use_reference_of(metrics[GROUND_TRUTH])
    num_clips = {GROUND_TRUTH: len(real), GENERATED: len(clips)}
    rows = {name: video_row(name, found, num_clips[name]) for name, found in metrics.items()}
    notes = [*network_warnings(metrics[GENERATED]), *_video_notes(real, clips)]
    return ScoreTable(SEEN, "videos", _video_words(videos), rows, notes)


def _video_words(videos: VideoScoring) -> str:
    networks = sorted(set(videos.extractor_names.values()))
    return f"networks: {', '.join(networks) or 'none'}; key-points by {videos.detector or 'nobody'}"


def _video_notes(real: list[str], clips: Mapping[str, Any]) -> list[str]:
    if not real:
        return ["there are no real videos to compare with, so FID and FVD are left out"]
    if len(real) < len(clips):
        return [f"{len(real)} of {len(clips)} clips have a real video"]
    return []


def _dance(folder: RunFolder, clip: Mapping[str, Any], *, truth: bool) -> Dance:
    motion = Motion.load(folder.motion_file(clip["key"], truth=truth))
    return dance_of_motion(clip["key"], motion, _beats(clip))


def _seen_dance(folder: RunFolder, clip: Mapping[str, Any], notes: list[str], *, truth: bool) -> Dance | None:
    """The dancer's motion in the image plane; None, and a note, if too little of it was seen."""
    keypoints = cached_keypoints(folder.video_file(clip["key"], truth=truth))
    which = f"{clip['key']}, {GROUND_TRUTH if truth else GENERATED}"
    if keypoints is None:
        raise ValueError(f"{which}: its key-points are missing; run the cascade again")
    try:
        return dance_of_keypoints(clip["key"], keypoints, _beats(clip))
    except ValueError as error:
        notes.append(f"{which} is left out: {error}")
        return None


def _beats(clip: Mapping[str, Any]) -> torch.Tensor:
    return torch.tensor(clip["music_beats"], dtype=torch.float64)


def _keep(
    values: ClipValues, name: str, keys: Sequence[str], found: Mapping[str, np.ndarray], suffix: str = ""
) -> None:
    for score, numbers in found.items():
        for key, number in zip(keys, numbers.tolist(), strict=True):
            values.setdefault(name, {}).setdefault(key, {})[score + suffix] = number
