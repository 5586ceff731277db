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
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from macedance.commands.clip_progress import clip_progress
from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.data.video_folders import read_filmed_dances
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.metrics.extractors import AppearanceExtractors, load_extractors
from macedance.metrics.measure_video import VideoSettings, measure_video
from macedance.metrics.person_regions import region_of
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
from macedance.metrics.video_measurements import VideoMeasurements
from macedance.metrics.video_metrics import VideoMetrics
from macedance.projection import BlazePoseDetector, PoseSequence, Projector
from macedance.projection.keypoint_cache import VideoKeypoints
from macedance.projection.keypoint_formats import VITPOSE_NAMES
from macedance.render.look import random_look
from macedance.render.scene import Scene

FPS = 16.0
SEGMENT_FRAMES = 32
LOWER_IS_BETTER = ("fid", "fvd", "lpips", "color_drift")
MEANINGLESS = ("imaging_quality[random]", "aesthetic_quality[random]")
SMALL_SHARE = 0.05
"""A change is small if it is less than this of the largest that any degradation makes."""


class Clip(NamedTuple):
    """Frames, the same dance by another dancer (or another dance), frames per second, and where the dancer is."""

    frames: list[np.ndarray]
    other: list[np.ndarray]
    fps: float
    found: PoseSequence | None = None


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
        clips.append(Clip(*films, FPS))
    return clips


def recorded_clips(folder: str, num_frames: int) -> list[Clip]:
    """The beginnings of a folder's videos; the other dancer of each is that of the next."""
    dances = read_filmed_dances(folder)
    films = [[frame for frame, _ in zip(dance.frames(), range(num_frames), strict=False)] for dance in dances]
    return [
        Clip(film, other, dance.fps)
        for film, other, dance in zip(films, [*films[1:], films[0]], dances, strict=True)
    ]


def detected(frames: Sequence[np.ndarray], fps: float, detector: BlazePoseDetector) -> VideoKeypoints:
    """Where the detector finds the dancer."""
    height, width = frames[0].shape[:2]
    return VideoKeypoints(detector(frames), fps, (width, height), VITPOSE_NAMES, detector.name)


def with_found(clips: Sequence[Clip], detector: BlazePoseDetector) -> list[Clip]:
    """The clips with the points that are found in the untouched frames."""
    return [clip._replace(found=detected(clip.frames, clip.fps, detector).pose_sequence()) for clip in clips]


def measured(
    clip: Clip,
    degrade: Callable[[Clip], Iterator[np.ndarray]],
    extractors: AppearanceExtractors,
    detector: BlazePoseDetector | None,
) -> VideoMeasurements:
    """What is measured of a degraded clip beside the untouched one."""
    frames, person, points = list(degrade(clip)), as_picture(clip.frames[0]), None
    settings = VideoSettings("frame" if clip.found is None else "person", SEGMENT_FRAMES)
    if detector is not None and clip.found is not None:
        points = detected(frames, clip.fps, detector).pose_sequence()
        person = region_of(person, clip.found.points[:1], settings.identity_region)
    video = measure_video(
        frames,
        extractors,
        truth=clip.frames,
        person=person,
        points=None if points is None else points.points,
        settings=settings,
    )
    return (
        video
        if points is None or clip.found is None
        else video.with_value("pck", pose_fidelity(points, clip.found))
    )


def as_picture(frame: np.ndarray) -> torch.Tensor:
    """A frame (H, W, 3) as pictures (1, 3, H, W)."""
    return torch.from_numpy(frame).movedim(-1, 0)[None]


def scores(
    clips: Sequence[Clip],
    degrade: Callable[[Clip], Iterator[np.ndarray]],
    extractors: AppearanceExtractors,
    real: VideoMetrics | None,
    detector: BlazePoseDetector | None,
) -> tuple[dict[str, float], VideoMetrics]:
    """The figures of degraded clips beside the untouched ones."""
    metrics = VideoMetrics(extractors.names(), num_features=extractors.num_features())
    for clip in clips:
        found = measured(clip, degrade, extractors, detector)
        metrics.update(found)
        if real is None:
            metrics.update_reference(found)
    metrics.use_reference_of(real or metrics)
    return {name: float(value) for name, value in metrics.compute().items()}, metrics


def main() -> int:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extractors", default="random", help="YAML file, or random")
    parser.add_argument("--blazepose", help="folder of BlazePose's files, for PCK")
    parser.add_argument("--videos", help="folder of videos to degrade in place of synthetic ones")
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--size", type=int, default=256, help="of synthetic videos, in pixels")
    args = parser.parse_args()

    extractors = load_extractors(args.extractors)
    detector = BlazePoseDetector.of_folder(args.blazepose) if args.blazepose else None
    torch.set_num_threads(1)
    clips = (
        recorded_clips(args.videos, args.frames)[: args.clips]
        if args.videos
        else synthetic_clips(args.clips, args.frames, args.size)
    )
    clips = with_found(clips, detector) if detector else clips
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
    names = [column.name for column in score_columns(untouched) if column.name not in MEANINGLESS]
    print_table(names, untouched, steps)
    return 0


def print_table(
    names: Sequence[str], untouched: dict[str, float], steps: dict[str, list[dict[str, float]]]
) -> None:
    """Print a row for each metric, in Markdown; metrics without any number are left out."""
    print(f"| metric | untouched | {' | '.join(map(heading, DEGRADATIONS))} |")
    print("| --- " * (len(DEGRADATIONS) + 2) + "|")
    for name in names:
        start = untouched[name] if np.isfinite(untouched[name]) else 0.0
        largest = max(abs(found[name] - start) for degraded in steps.values() for found in degraded)
        cells = [
            f"{', '.join(written(found[name]) for found in degraded)}: "
            f"{verdict(name, untouched[name], degraded, largest)}"
            for degraded in steps.values()
        ]
        if any(np.isfinite(found[name]) for degraded in steps.values() for found in degraded):
            print(f"| {name} | {written(untouched[name])} | {' | '.join(cells)} |")


def heading(label: str) -> str:
    """The degradation with its strengths."""
    degradation = DEGRADATIONS[label]
    return f"{label}, {degradation.unit} {', '.join(map(str, degradation.strengths))}"


def verdict(name: str, untouched: float, degraded: Sequence[dict[str, float]], largest: float) -> str:
    """Whether the figures get worse from step to step; small changes that do not are told as such."""
    values = [value for value in (untouched, *(found[name] for found in degraded)) if np.isfinite(value)]
    if len(values) < len(degraded):
        return ""
    changes = np.diff(values) * (1 if name.partition("[")[0] in LOWER_IS_BETTER else -1)
    if (changes >= 0).all() and changes[0] > 0:
        return "worse"
    if np.abs(np.array(values) - values[0]).max() < SMALL_SHARE * largest:
        return "hardly"
    return "better" if (changes < 0).all() else "mixed"


def written(value: float) -> str:
    """A figure, so that a change can be seen."""
    return "–" if np.isnan(value) else f"{value:.4f}" if 0.01 <= abs(value) < 1 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
