"""What metrics of videos say of videos that get worse step by step.

Synthetic dances are rendered, or the videos of a folder are taken, and degraded in six ways, at three strengths
each; every metric scores each beside the untouched ones. The table tells the figures and whether they get worse
from step to step.
Run: ``python benchmarks/degraded_videos.py --extractors random --blazepose weights/blazepose``.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from macedance.commands.clip_progress import clip_progress
from macedance.data.choreographer import choreograph
from macedance.data.songs import make_song
from macedance.data.video_folders import read_filmed_dances
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.metrics.extractors import AppearanceExtractors, load_extractors
from macedance.metrics.jerk import MotionJerk
from macedance.metrics.pose_fidelity import pose_fidelity
from macedance.metrics.scores import score_columns
from macedance.metrics.video_controls import (
    blurred,
    noisy,
    shaken,
    with_another_person,
    with_color_drift,
    with_frames_dropped,
)
from macedance.metrics.video_measurement import VideoSettings, measure_video
from macedance.metrics.video_metrics import VideoMetrics
from macedance.projection import BlazePoseDetector, PoseSequence, Projector
from macedance.projection.filled_keypoints import filled_keypoints
from macedance.projection.keypoint_cache import VideoKeypoints
from macedance.projection.keypoint_formats import VITPOSE_NAMES
from macedance.render.look import random_look
from macedance.render.scene import Scene

FPS = 16.0
SEGMENT_FRAMES = 32
LOWER_IS_BETTER = ("fid", "fvd", "lpips", "color_drift", "jerk_2d")
LEAST_CHANGE = 1e-4
"""What is a smaller share of the untouched figure counts as no change."""


class Clip(NamedTuple):
    """Frames, the same dance by another dancer (or another dance), where the dancer is, and frames per second."""

    frames: list[np.ndarray]
    other: list[np.ndarray]
    driving: PoseSequence | None
    fps: float


class Degradation(NamedTuple):
    """How frames are made worse, at which strengths, and in which unit these are."""

    apply: Callable[[Clip, float], Iterator[np.ndarray]]
    strengths: tuple[float, ...]
    unit: str


def _blur(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return blurred(clip.frames, strength)


def _noise(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return noisy(clip.frames, strength)


def _drop(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return with_frames_dropped(clip.frames, strength)


def _shake(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return shaken(clip.frames, strength)


def _swap(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return with_another_person(clip.frames, clip.other, strength, len(clip.frames))


def _redden(clip: Clip, strength: float) -> Iterator[np.ndarray]:
    return with_color_drift(clip.frames, strength, len(clip.frames))


DEGRADATIONS = {
    "blur": Degradation(_blur, (1, 2, 4), "σ px"),
    "noise": Degradation(_noise, (5, 15, 40), "σ of 255"),
    "frame drop": Degradation(_drop, (0.2, 0.5, 0.8), "share"),
    "jitter": Degradation(_shake, (1, 3, 9), "σ px"),
    "identity swap": Degradation(_swap, (0.25, 0.5, 0.75), "share"),
    "colour shift": Degradation(_redden, (0.1, 0.3, 0.6), "gain"),
}


def synthetic_clips(num_clips: int, num_frames: int, size_px: int) -> list[Clip]:
    """Dances of the choreographer, each filmed twice: in the same room, by two dancers in other clothes."""
    body, projector = BodyModel(), Projector()
    clips = []
    for seed in range(num_clips):
        poses, trans = choreograph(make_song(num_frames / FPS, seed), seed, fps=FPS)
        motion = Motion(torch.from_numpy(poses), torch.from_numpy(trans), fps=FPS)
        camera = projector.camera_for(motion, (size_px, size_px))
        looks = [random_look(body, (size_px, size_px), np.random.default_rng([seed, who])) for who in (0, 1)]
        looks[1] = replace(looks[0], albedo=looks[1].albedo)
        films = [
            list(Scene(motion, body=body, size_px=(size_px, size_px), camera=camera, look=look).frames())
            for look in looks
        ]
        driving = projector.project(motion, size_px=(size_px, size_px), fps=FPS)
        clips.append(Clip(*films, driving, FPS))
    return clips


def recorded_clips(folder: str, num_frames: int) -> list[Clip]:
    """The beginnings of a folder's videos; the other dancer of each is that of the next."""
    dances = read_filmed_dances(folder)
    films = [[frame for frame, _ in zip(dance.frames(), range(num_frames), strict=False)] for dance in dances]
    return [
        Clip(film, other, None, dance.fps)
        for film, other, dance in zip(films, [*films[1:], films[0]], dances, strict=True)
    ]


def detected(frames: Sequence[np.ndarray], fps: float, detector: BlazePoseDetector) -> VideoKeypoints:
    """Where the detector finds the dancer."""
    height, width = frames[0].shape[:2]
    return VideoKeypoints(detector(frames), fps, (width, height), VITPOSE_NAMES, detector.name)


def with_driving(clips: Sequence[Clip], detector: BlazePoseDetector) -> list[Clip]:
    """The clips, those that no known motion drove with the points found in the untouched frames in its place."""
    return [
        clip._replace(driving=clip.driving or detected(clip.frames, clip.fps, detector).pose_sequence())
        for clip in clips
    ]


def scores(
    clips: Sequence[Clip],
    degrade: Callable[[Clip], Iterator[np.ndarray]],
    extractors: AppearanceExtractors,
    real: VideoMetrics | None,
    detector: BlazePoseDetector | None,
) -> tuple[dict[str, float], VideoMetrics]:
    """The figures of degraded clips beside the untouched ones."""
    metrics = VideoMetrics(extractors.names(), num_features=extractors.num_features())
    jerk = MotionJerk("default-2d")
    for clip in clips:
        frames = list(degrade(clip))
        person = torch.from_numpy(clip.frames[0]).movedim(-1, 0)[None]
        measured = measure_video(
            frames,
            extractors,
            truth=clip.frames,
            person=person,
            settings=VideoSettings(segment_frames=SEGMENT_FRAMES),
        )
        if detector is not None and clip.driving is not None:
            found = detected(frames, clip.fps, detector)
            measured = measured.with_value("pck", pose_fidelity(found.pose_sequence(), clip.driving))
            with contextlib.suppress(ValueError):  # nobody is found any more
                points = torch.from_numpy(filled_keypoints(found.keypoints))
                jerk.update([points.double()], fps=clip.fps)
        metrics.update(measured)
        if real is None:
            metrics.update_reference(measured)
    metrics.use_reference_of(real or metrics)
    result = {name: float(value) for name, value in metrics.compute().items()}
    return result | ({"jerk_2d": float(jerk.compute())} if detector else {}), metrics


def main() -> int:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extractors", default="random", help="YAML file, or random")
    parser.add_argument("--blazepose", help="folder of BlazePose's files, for PCK and jerk")
    parser.add_argument("--videos", help="folder of videos to degrade in place of synthetic ones")
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--size", type=int, default=192, help="of synthetic videos, in pixels")
    args = parser.parse_args()

    extractors = load_extractors(args.extractors)
    detector = BlazePoseDetector.of_folder(args.blazepose) if args.blazepose else None
    clips = (
        recorded_clips(args.videos, args.frames)
        if args.videos
        else synthetic_clips(args.clips, args.frames, args.size)
    )
    clips = with_driving(clips, detector) if detector else clips
    untouched, real = scores(clips, lambda clip: iter(clip.frames), extractors, None, detector)
    steps: dict[str, list[dict[str, float]]] = {}
    num_settings = sum(len(degradation.strengths) for degradation in DEGRADATIONS.values())
    with clip_progress("degrading", num_settings, unit="settings") as advance:
        for label, degradation in DEGRADATIONS.items():
            steps[label] = []
            for strength in degradation.strengths:
                degrade = partial(degradation.apply, strength=strength)
                steps[label].append(scores(clips, degrade, extractors, real, detector)[0])
                advance(1)
    names = [column.name for column in score_columns(untouched)] + (["jerk_2d"] if detector else [])
    print_table(names, untouched, steps)
    return 0


def print_table(
    names: Sequence[str], untouched: dict[str, float], steps: dict[str, list[dict[str, float]]]
) -> None:
    """Print a row for each metric, in Markdown; metrics without any number are left out."""
    print(f"| metric | untouched | {' | '.join(map(heading, DEGRADATIONS))} |")
    print("| --- " * (len(DEGRADATIONS) + 2) + "|")
    for name in names:
        cells = [
            f"{' '.join(written(found[name]) for found in degraded)} {verdict(name, untouched[name], degraded)}"
            for degraded in steps.values()
        ]
        if any(np.isfinite(found[name]) for degraded in steps.values() for found in degraded):
            print(f"| {name} | {written(untouched[name])} | {' | '.join(cells)} |")


def heading(label: str) -> str:
    """The degradation with its strengths."""
    degradation = DEGRADATIONS[label]
    return f"{label}, {degradation.unit} {', '.join(map(str, degradation.strengths))}"


def verdict(name: str, untouched: float, degraded: Sequence[dict[str, float]]) -> str:
    """Whether the figures get worse from step to step."""
    values = [value for value in (untouched, *(found[name] for found in degraded)) if np.isfinite(value)]
    if len(values) < len(degraded):
        return ""
    changes = np.diff(values) * (1 if name.partition("[")[0] in LOWER_IS_BETTER else -1)
    if (np.abs(changes) <= LEAST_CHANGE * max(map(abs, values))).all():
        return "same"
    if (changes > 0).all():
        return "worse"
    return "better" if (changes < 0).all() else "mixed"


def written(value: float) -> str:
    """A figure, so that a change can be seen."""
    return "–" if np.isnan(value) else f"{value:.4g}"


if __name__ == "__main__":
    sys.exit(main())
