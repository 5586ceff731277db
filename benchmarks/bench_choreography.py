"""What the choreographer's dances are like, in figures, beside AIST++'s if some of that is at hand.

Clips are made as ``macedance data synthesize`` makes them. Diversity (DIV_k, DIV_g) is the mean distance of the
features of AIST++'s published form, not normalised, so that sets can be compared; every clip is cut to the length
of half an AIST++ clip. Run:
``OMP_NUM_THREADS=1 python benchmarks/bench_choreography.py --clips 200 --aistpp FOLDER``, where FOLDER holds npz
files with poses, trans (metres, y up) and 60 frames per second.

Axis letters: N clips, T frames.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.geometry.motion import Motion
from macedance.geometry.npz_files import load_npz
from macedance.metrics.functional import average_pairwise_distance, geometric_features, kinetic_features
from macedance.metrics.functional.balance import imbalance
from macedance.metrics.motion_metrics import MotionMetrics

FPS, AISTPP_FPS = 30.0, 60.0
COMPARED_FRAMES = 144
FEATURES = {"DIV_k": kinetic_features, "DIV_g": geometric_features}
DIGITS = {"closest two clips, cm": 1, "DIV_k": 0, "jerk": 0}


class Clip(NamedTuple):
    """A dance and the beats of its music in seconds."""

    motion: Motion
    beats: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--aistpp", type=Path)
    args = parser.parse_args()
    if args.clips < 2:
        parser.error(f"--clips must be at least 2, got {args.clips}")
    start = time.process_time()
    made = [made_clip(args.seed + number, args.seconds) for number in range(args.clips)]
    speed = args.clips * args.seconds / (time.process_time() - start)
    columns = {f"choreographer (n = {args.clips})": figures(made, floor_height_metres=0.0)}
    if args.aistpp:
        recorded = [clip for path in sorted(args.aistpp.glob("*.npz")) for clip in halves(path)]
        columns[f"AIST++ (n = {len(recorded)} halves of {len(recorded) // 2})"] = figures(recorded, None)
        for first in range(0, len(recorded), 2):
            columns[f"AIST++ recording {first // 2 + 1}, its halves"] = figures(
                recorded[first : first + 2], None
            )
    print_table(columns)
    print(f"songs and dances: {speed:.0f} x real time on one core")


def made_clip(seed: int, seconds: float) -> Clip:
    song = make_song(seconds, seed)
    poses, trans = choreograph(song, seed, fps=FPS)
    return Clip(Motion(torch.from_numpy(poses), torch.from_numpy(trans), fps=FPS), song.beats)


def halves(path: Path) -> list[Clip]:
    """Both halves of a recording; the beats of its music are not known."""
    arrays = load_npz(path, {"poses", "trans"})
    poses = torch.from_numpy(arrays["poses"].astype(np.float32)).view(-1, 24, 3)
    motion = Motion(poses, torch.from_numpy(arrays["trans"].astype(np.float32)), fps=AISTPP_FPS).resample(FPS)
    first = motion.crop(0, COMPARED_FRAMES)
    last = motion.crop(motion.num_frames - COMPARED_FRAMES, motion.num_frames)
    return [Clip(first, np.zeros(0)), Clip(last, np.zeros(0))]


def figures(clips: list[Clip], floor_height_metres: float | None) -> dict[str, float]:
    joints = [clip.motion.joints().double() for clip in clips]
    metrics = MotionMetrics(floor_height_metres=floor_height_metres)
    metrics.update(joints, [clip.beats for clip in clips], [clip.motion.poses for clip in clips], FPS)
    scores = {name: float(metric.compute()) for name, metric in named_metrics(metrics).items()}
    compared = [clip[:COMPARED_FRAMES] for clip in joints]
    diversity = {
        name: float(average_pairwise_distance(torch.stack([of(clip, FPS, "aist++") for clip in compared])))
        for name, of in FEATURES.items()
    }
    beats = metrics["bas"].compute() if clips[0].beats.size else {}
    return {
        **diversity,
        "closest two clips, cm": 100 * closest_pair(compared),
        "speed of the joints, m/s": float(np.mean([clip.diff(dim=0).norm(dim=-1).mean() for clip in joints])) * FPS,
        "fastest joint, m/s": max(float(clip.diff(dim=0).norm(dim=-1).max()) for clip in joints) * FPS,
        "jerk": scores["jerk"],
        "FSR": scores["fsr"],
        "PFC": scores["pfc"],
        "floor penetration, mm": 1000 * scores["floor_penetration"],
        "joint-limit violations, %": 100 * scores["joint_limits"],
        "self-intersecting frames, %": 100 * scores["self_intersection"],
        "frames out of balance, %": 100 * mean_imbalance(joints, floor_height_metres),
        **{f"BAS {name}": float(beats[name]) for name in ("own", "shuffled", "gap") if beats},
    }  # fmt: skip


def mean_imbalance(clips: list[Tensor], floor_height_metres: float | None) -> float:
    return float(np.nanmean([imbalance(clip, FPS, floor_height_metres) for clip in clips]))


def named_metrics(metrics: MotionMetrics) -> dict[str, torch.nn.Module]:
    names = ("jerk", "fsr", "pfc", "floor_penetration", "joint_limits", "self_intersection")
    return {name: metrics[name] for name in names}


def closest_pair(clips: list[Tensor]) -> float:
    """Least mean distance in metres of the joints of two clips, seen from the pelvis."""
    bodies = torch.stack([clip - clip[:, :1] for clip in clips])
    return min(
        float((bodies[number + 1 :] - body).norm(dim=-1).mean(dim=(1, 2)).min())
        for number, body in enumerate(bodies[:-1])
    )


def print_table(columns: dict[str, dict[str, float]]) -> None:
    table = Table()
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    for row in next(iter(columns.values())):
        cells = [values.get(row, float("nan")) for values in columns.values()]
        table.add_row(
            row, *(f"{cell:.{DIGITS.get(row, 3)}f}" if np.isfinite(cell) else "–" for cell in cells)
        )
    Console().print(table)


if __name__ == "__main__":
    main()
