"""Scoring folders of videos, for ``macedance evaluate``."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from macedance.metrics.dance import Dance
    from macedance.metrics.extractors import AppearanceExtractors
    from macedance.metrics.filmed_dance import FilmedDance
    from macedance.metrics.video_evaluation import VideoEvaluation
    from macedance.projection.detector import VideoKeypointDetector
    from macedance.projection.keypoint_cache import VideoKeypoints


def run(args: argparse.Namespace) -> int:
    """Read both folders, find key-points, score, print and write."""
    import torch

    from macedance.commands.evaluate_motions import score_dances
    from macedance.commands.evaluation_files import write_plots, write_video_evaluation
    from macedance.commands.evaluation_inputs import about_videos, with_music
    from macedance.commands.keypoint_detectors import load_detector
    from macedance.data.video_folders import read_filmed_dances

    device = "cuda" if torch.cuda.is_available() else "cpu"
    extractors, detector = _extractors(args, device), load_detector(args)
    sides = [_with_companions(args, read_filmed_dances(path)) for path in (args.generated, args.reference)]
    found = _keypoints([dance for side in sides for dance in side], detector)
    generated, reference = ([_with_detected(dance, found) for dance in side] for side in sides)
    videos = _score(args, generated, reference, extractors, device)
    about = {
        "generated": about_videos(args.generated, generated),
        "reference": about_videos(args.reference, reference),
    }
    settings = {"extractors": args.extractors, "segment_frames": args.segment}
    _print(videos, about, extractors)
    motions = None
    if all(dance.detected is not None for dance in (*generated, *reference)):
        dances, real = (_dances(side, found) for side in (generated, reference))
        if dances and real:
            dances, real = with_music(args.music, dances, real, num_workers=args.workers)
            motions = score_dances(args, dances, real)
    if args.json:
        write_video_evaluation(args.json, videos, {**about, **settings}, motions)
    if args.plots and motions:
        write_plots(args.plots, motions[0], dances)
    return 0


def _extractors(args: argparse.Namespace, device: str) -> AppearanceExtractors:
    from macedance.metrics.extractors import AppearanceExtractors, load_extractors

    if args.extractors is None:
        return AppearanceExtractors()
    return load_extractors(args.extractors, device=device)


def _with_companions(args: argparse.Namespace, dances: list[FilmedDance]) -> list[FilmedDance]:
    """The videos with what drove them, and whom they should show, if the folders of those were given."""
    from macedance.data.video_folders import with_driving_points, with_persons

    if args.driving:
        dances = with_driving_points(dances, args.driving)
    if args.person:
        dances = with_persons(dances, args.person)
    return dances


def _keypoints(
    dances: Sequence[FilmedDance], detector: VideoKeypointDetector | None
) -> dict[str, VideoKeypoints]:
    """By path the key-points of videos: found now, or, without a detector, those that lie beside them."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.projection.keypoint_cache import cached_keypoints
    from macedance.projection.video_keypoints import keypoints_of_video

    if detector is None:
        beside = {str(dance.path): cached_keypoints(dance.path) for dance in dances}
        return {path: keypoints for path, keypoints in beside.items() if keypoints is not None}
    found = {}
    with clip_progress("key-points", sum(dance.num_frames for dance in dances), unit="frames") as advance:
        for dance in dances:
            found[str(dance.path)] = keypoints_of_video(dance.path, detector, on_frames=advance)
    return found


def _with_detected(dance: FilmedDance, found: dict[str, VideoKeypoints]) -> FilmedDance:
    keypoints = found.get(str(dance.path))
    return dance if keypoints is None else dataclasses.replace(dance, detected=keypoints.pose_sequence())


def _dances(side: Sequence[FilmedDance], found: dict[str, VideoKeypoints]) -> list[Dance]:
    """The motion of the dancers in the image plane; videos in which nobody was found are left out, which is said."""
    import sys

    import torch

    from macedance.metrics.dance import Dance
    from macedance.projection.filled_keypoints import filled_keypoints

    dances = []
    for video in side:
        keypoints = found[str(video.path)]
        try:
            points = filled_keypoints(keypoints.keypoints)
        except ValueError as error:
            print(f"warning: {video.path.name} is left out of the motion's scores: {error}", file=sys.stderr)
            continue
        beats = torch.empty(0, dtype=torch.float64)
        dances.append(Dance(video.key, torch.from_numpy(points).double(), keypoints.fps, beats))
    return dances


def _score(
    args: argparse.Namespace,
    generated: list[FilmedDance],
    reference: list[FilmedDance],
    extractors: AppearanceExtractors,
    device: str,
) -> VideoEvaluation:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.video_folders import pairs_by_name
    from macedance.metrics.video_evaluation import evaluate_videos, num_scored_frames

    num_frames = num_scored_frames(generated, reference, with_controls=args.controls)
    with clip_progress("looking", num_frames, unit="frames") as advance:
        return evaluate_videos(
            generated,
            reference,
            extractors,
            pairs=pairs_by_name(generated, reference),
            segment_frames=args.segment,
            with_controls=args.controls,
            device=device,
            on_frames=advance,
        )


def _print(
    evaluation: VideoEvaluation, about: dict[str, dict[str, Any]], extractors: AppearanceExtractors
) -> None:
    from macedance.commands.evaluation_inputs import in_words
    from macedance.commands.evaluation_table import print_video_evaluation

    print_video_evaluation(
        evaluation,
        {name: in_words(side, "video", "videos") for name, side in about.items()},
        networks=extractors.names(),
    )
