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
    from macedance.metrics.measure_video import VideoSettings
    from macedance.metrics.motion_evaluation import MotionEvaluation
    from macedance.metrics.person_regions import Region
    from macedance.metrics.video_evaluation import VideoEvaluation
    from macedance.projection.detector import VideoKeypointDetector
    from macedance.projection.keypoint_cache import VideoKeypoints


def run(args: argparse.Namespace) -> int:
    """Read both folders, find key-points, score, print and write."""
    import torch

    from macedance.commands.evaluation_files import write_plots, write_video_evaluation
    from macedance.commands.evaluation_inputs import about_videos, check_songs
    from macedance.commands.keypoint_detectors import load_detector
    from macedance.data.video_folders import pairs_by_name, read_filmed_dances
    from macedance.metrics.functional.color_drift import SEGMENT_FRAMES
    from macedance.metrics.measure_video import VideoSettings
    from macedance.metrics.video_evaluation import compared_videos

    device = "cuda" if torch.cuda.is_available() else "cpu"
    generated, reference = (read_filmed_dances(path) for path in (args.generated, args.reference))
    for video in compared_videos(generated, pairs_by_name(generated, reference)):
        video.check()
    if args.music:
        check_songs(args.music, [dance.key for dance in (*generated, *reference)])
    extractors, detector = _extractors(args, device), load_detector(args)
    dances = _with_companions(args, [*generated, *reference], detector)
    found = _keypoints(dances, detector)
    dances = [_with_detected(dance, found) for dance in dances]
    generated, reference = dances[: len(generated)], dances[len(generated) :]
    has_keypoints = _has_keypoints(args, dances)
    region: Region = args.identity_region or ("person" if has_keypoints else "frame")
    settings = VideoSettings(region, args.segment or SEGMENT_FRAMES, device)
    videos = _score(args, generated, reference, extractors, settings)
    inputs = {
        "generated": about_videos(args.generated, generated),
        "reference": about_videos(args.reference, reference),
        "extractors": args.extractors,
        "networks": extractors.names(),
        "keypoint_detectors": sorted({keypoints.detector for keypoints in found.values()}),
        **dataclasses.asdict(settings),
    }
    _print(videos, inputs, len(generated) + len(reference) - len(found))
    motions = None
    moving, real = (_dances(side, found) for side in (generated, reference)) if has_keypoints else ([], [])
    try:
        if moving and real:
            motions = _score_motions(args, moving, real)
    finally:  # what was seen took long
        if args.json:
            write_video_evaluation(args.json, videos, inputs, motions)
    if args.plots and motions:
        write_plots(args.plots, motions[0], moving)
    return 0


def _score_motions(
    args: argparse.Namespace, generated: list[Dance], reference: list[Dance]
) -> tuple[MotionEvaluation, dict[str, Any]]:
    from macedance.commands.evaluate_motions import score_dances
    from macedance.commands.evaluation_inputs import with_music

    generated, reference = with_music(args.music, generated, reference, num_workers=args.workers)
    return score_dances(args, generated, reference)


def _has_keypoints(args: argparse.Namespace, dances: Sequence[FilmedDance]) -> bool:
    """Whether all videos have key-points; refused where something was asked for that needs them."""
    without = [dance.path.name for dance in dances if dance.detected is None]
    needing = [
        option
        for option, is_given in (
            ("--plots", args.plots),
            ("--music", args.music),
            ("--driving", args.driving),
            ("--identity-region", args.identity_region in ("person", "face")),
        )
        if is_given
    ]
    if without and needing:
        raise ValueError(
            f"{needing[0]} needs key-points of all videos, and {len(without)} of {len(dances)} have none beside "
            f"them as they are now (first: {without[0]}); give --blazepose DIR or --detector MODEL"
        )
    if args.identity_region == "face" and any(
        dance.person is not None and dance.person.keypoints is None for dance in dances
    ):
        raise ValueError(
            "--identity-region face must find the faces in the pictures of --person; give --blazepose DIR or "
            "--detector MODEL"
        )
    return not without


def _extractors(args: argparse.Namespace, device: str) -> AppearanceExtractors:
    from macedance.metrics.extractors import AppearanceExtractors, load_extractors

    if args.extractors is None:
        return AppearanceExtractors()
    return load_extractors(args.extractors, device=device)


def _with_companions(
    args: argparse.Namespace, dances: list[FilmedDance], detector: VideoKeypointDetector | None
) -> list[FilmedDance]:
    """The videos with what drove them, and whom they should show, if the folders of those were given."""
    from macedance.data.video_folders import with_driving_points, with_persons

    if args.driving:
        dances = with_driving_points(dances, args.driving)
    if args.person:
        dances = with_persons(dances, args.person, detector)
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
    """The motion of the dancers in the image plane; videos that show too little of it are left out, which is said."""
    import sys

    import torch

    from macedance.data.dance_files import dance_of_keypoints

    dances, no_beats = [], torch.empty(0, dtype=torch.float64)
    for video in side:
        try:
            dances.append(dance_of_keypoints(video.key, found[str(video.path)], no_beats))
        except ValueError as error:
            print(f"warning: {video.path.name} is left out of the motion's scores: {error}", file=sys.stderr)
    return dances


def _score(
    args: argparse.Namespace,
    generated: list[FilmedDance],
    reference: list[FilmedDance],
    extractors: AppearanceExtractors,
    settings: VideoSettings,
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
            settings=settings,
            with_controls=args.controls,
            on_frames=advance,
        )


def _print(evaluation: VideoEvaluation, inputs: dict[str, Any], num_without_keypoints: int) -> None:
    from macedance.commands.evaluation_inputs import in_words
    from macedance.commands.evaluation_table import print_video_evaluation
    from macedance.metrics.extractors import NETWORK_METRICS

    lines = [f"{name}: {in_words(inputs[name], 'video', 'videos')}" for name in ("generated", "reference")]
    networks, detectors = inputs["networks"], inputs["keypoint_detectors"]
    if "identity" in networks:
        lines.append(f"identity looks at the {inputs['identity_region']}")
    if detectors:
        lines.append(f"key-points: {', '.join(detectors)}")
    missing = [name for name in NETWORK_METRICS if name not in networks]
    if missing:
        lines.append(f"left out for want of a network (--extractors): {', '.join(missing)}")
    if num_without_keypoints:
        lines.append(
            f"left out for want of key-points of {num_without_keypoints} videos (--blazepose or --detector): "
            "scores of the motion, and pck where they are missing"
        )
    warnings = evaluation.warnings
    if len(detectors) > 1:
        warnings = [*warnings, "key-points of different detectors are compared; find them anew with one"]
    print_video_evaluation(evaluation, lines, warnings)
