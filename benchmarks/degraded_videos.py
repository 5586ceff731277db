"""What metrics of videos say of videos that get worse step by step.

Synthetic dances are rendered, or the videos of a folder are taken, and degraded in six ways, at three strengths
each; every metric scores each beside the untouched ones. The table tells the figures and whether they get worse
from step to step.
Run: ``python benchmarks/degraded_videos.py --extractors random --blazepose weights/blazepose``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

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
from macedance.metrics.video_measurement import measure_video
from macedance.metrics.video_metrics import VideoMetrics
from macedance.projection import BlazePoseDetector, PoseSequence, Projector
from macedance.projection.keypoint_formats import to_body_points
from macedance.projection.filled_keypoints import filled_keypoints
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


Degrade = Callable[[Clip, float], Iterator[np.ndarray]]
DEGRADATIONS: dict[str, tuple[Degrade, tuple[float, ...], str]] = {
    "blur": (lambda clip, sigma: blurred(clip.frames, sigma), (1, 2, 4), "σ px"),
    "noise": (lambda clip, deviation: noisy(clip.frames, deviation), (5, 15, 40), "σ of 255"),
    "frame drop": (lambda clip, share: with_frames_dropped(clip.frames, share), (0.2, 0.5, 0.8), "share"),
    "jitter": (lambda clip, deviation: shaken(clip.frames, deviation), (1, 3, 9), "σ px"),
    "identity swap": (
        lambda clip, share: with_another_person(clip.frames, clip.other, share, len(clip.frames)),
        (0.25, 0.5, 0.75),
        "share",
    ),
    "colour shift": (
        lambda clip, gain: with_color_drift(clip.frames, gain, len(clip.frames)),
        (0.1, 0.3, 0.6),
        "gain",
    ),
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


def detected(
    frames: Sequence[np.ndarray], fps: float, detector: BlazePoseDetector
) -> tuple[PoseSequence, np.ndarray]:
    """Where the detector finds the dancer: the 20 points, and all with gaps filled."""
    found = detector(frames)
    height, width = frames[0].shape[:2]
    return PoseSequence(to_body_points(found), fps, (width, height)), filled_keypoints(found)


def scores(
    clips: Sequence[Clip],
    degrade: Callable[[Clip], Iterator[np.ndarray]],
    extractors: AppearanceExtractors,
    real: VideoMetrics | None,
    detector: BlazePoseDetector | None,
) -> tuple[dict[str, float], VideoMetrics]:
    """The figures of degraded clips beside the untouched ones."""
    metrics, jerk = (
        VideoMetrics(extractors.names(), num_features=extractors.num_features()),
        MotionJerk("default-2d"),
    )
    for clip in clips:
        frames = list(degrade(clip))
        person = torch.from_numpy(clip.frames[0]).movedim(-1, 0)[None]
        measured = measure_video(
            frames, extractors, truth=clip.frames, person=person, segment_frames=SEGMENT_FRAMES
        )
        if detector is not None:
            points, filled = detected(frames, clip.fps, detector)
            driving = clip.driving or detected(clip.frames, clip.fps, detector)[0]
            measured = replace(measured, values={**measured.values, "pck": pose_fidelity(points, driving)})
            jerk.update([torch.from_numpy(filled).double()], fps=clip.fps)
        metrics.update(measured)
        if real is None:
            metrics.update_reference(measured)
    metrics.use_reference_of(real or metrics)
    found = {name: float(value) for name, value in metrics.compute().items()}
    if detector is not None:
        found["jerk_2d"] = float(jerk.compute())
    return found, metrics


def verdict(name: str, values: Sequence[float]) -> str:
    """Whether the figures get worse from step to step."""
    if not np.isfinite(values[1:]).all():
        return ""
    sign = 1 if name.partition("[")[0] in LOWER_IS_BETTER else -1
    finite = [value for value in values if np.isfinite(value)]
    changes = sign * np.diff(finite)
    small = LEAST_CHANGE * max(abs(value) for value in finite)
    if (np.abs(changes) <= small).all():
        return "="
    if (changes > 0).all():
        return "worse"
    return "**better**" if (changes < 0).all() else "mixed"


def written(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4g}"


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
    parser.add_argument("--size", type=int, default=256, help="of synthetic videos, in pixels")
    args = parser.parse_args()

    extractors = load_extractors(args.extractors)
    detector = BlazePoseDetector.of_folder(args.blazepose) if args.blazepose else None
    clips = (
        recorded_clips(args.videos, args.frames)
        if args.videos
        else synthetic_clips(args.clips, args.frames, args.size)
    )
    untouched, real = scores(clips, lambda clip: iter(clip.frames), extractors, None, detector)
    names = [*(column.name for column in score_columns(untouched)), *(["jerk_2d"] if detector else [])]
    print(
        f"| metric | untouched | {' | '.join(f'{name}, {unit} {strengths}' for name, (_, strengths, unit) in DEGRADATIONS.items())} |"
    )
    print("| --- " * (len(DEGRADATIONS) + 2) + "|")
    table: dict[str, list[str]] = {name: [written(untouched[name])] for name in names}
    for label, (degrade, strengths, _) in DEGRADATIONS.items():
        steps = []
        for strength in strengths:
            print(f"{label} {strength}", file=sys.stderr)
            steps.append(
                scores(clips, lambda clip, s=strength: degrade(clip, s), extractors, real, detector)[0]
            )
        for name in names:
            values = [untouched[name], *(step[name] for step in steps)]
            table[name].append(f"{' '.join(map(written, values[1:]))} {verdict(name, values)}")
    for name in names:
        print(f"| {name} | {' | '.join(table[name])} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
