"""Scoring motions or key-points, for ``macedance evaluate``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macedance.metrics.dance import Dance
    from macedance.metrics.motion_evaluation import MotionEvaluation


def run(args: argparse.Namespace) -> int:
    """Read both folders, score, print and write."""
    from macedance.commands.evaluation_files import write_motion_evaluation, write_plots
    from macedance.commands.evaluation_inputs import with_music

    generated, reference = _read(args, args.generated), _read(args, args.reference)
    generated, reference = with_music(args.music, generated, reference, num_workers=args.workers)
    evaluation, inputs = score_dances(args, generated, reference)
    if args.json:
        write_motion_evaluation(args.json, evaluation, inputs)
    if args.plots:
        write_plots(args.plots, evaluation, generated)
    return 0


def score_dances(
    args: argparse.Namespace, generated: list[Dance], reference: list[Dance]
) -> tuple[MotionEvaluation, dict[str, Any]]:
    """Score dances by the protocol that was asked for, and print the tables; also returned is what was compared."""
    import torch

    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.evaluation_inputs import about_dances, in_words
    from macedance.commands.evaluation_table import print_motion_evaluation
    from macedance.metrics.motion_evaluation import evaluate_motions, num_scored

    # Clips are small: more threads only wait for each other. The sets are scored at the same time instead.
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with clip_progress("scoring", num_scored(generated, reference, args.controls)) as advance:
            evaluation = evaluate_motions(
                generated,
                reference,
                protocol=args.protocol,
                floor_height_metres=args.floor,
                more_controls=args.controls,
                seed=args.seed,
                on_dance=lambda: advance(1),
            )
    finally:
        torch.set_num_threads(num_threads)
    sides = {
        "generated": about_dances(args.generated, generated),
        "reference": about_dances(args.reference, reference),
    }
    print_motion_evaluation(evaluation, {name: in_words(about) for name, about in sides.items()})
    settings = {"music": args.music, "floor_height_metres": args.floor, "seed": args.seed}
    return evaluation, {**sides, **settings}


def _read(args: argparse.Namespace, path: str) -> list[Dance]:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import num_dances, read_keypoints, read_motions
    from macedance.metrics.functional.protocols import motion_protocol

    form = motion_protocol(args.protocol)
    planar = form.dimensions == 2
    with clip_progress(f"reading {path}", num_dances(path, keypoints=planar)) as advance:
        if planar:
            fallback = form.published_fps or 30.0
            return read_keypoints(path, fps=args.fps, fallback_fps=fallback, on_dance=lambda: advance(1))
        return read_motions(path, up_axis=args.up_axis, on_dance=lambda: advance(1))
