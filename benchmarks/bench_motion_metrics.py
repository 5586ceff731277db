"""Speed of the motion features against plain loops, and of the whole evaluation, on made-up dances, on one thread.

Ends with an error if the two ways of computing the features of AIST++ disagree.
Run: ``python benchmarks/bench_motion_metrics.py --clips 200 --frames 1024 --protocol default``.

Axis letters: N clips, T frames.
"""

from __future__ import annotations

import argparse
import functools
import resource
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import plain_motion_features as plain
import torch
from torch import Tensor

from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import forward_kinematics
from macedance.metrics.functional import PROTOCOLS, geometric_features, kinetic_features
from macedance.metrics.functional.keypoints import KEYPOINT_NAMES
from macedance.metrics.motion_features import MotionFeatureMetric
from macedance.metrics.motion_metrics import MotionMetrics

FPS, BEAT_SECONDS = 30.0, 0.5
TARGET_RATIO = 50
TOLERANCE = 1e-6
PLAIN_CLIPS, REPEATS = 2, 20


class Dance(NamedTuple):
    """Rotation vectors (T, 24, 3), joints (T, 24, 3) in metres and the music's beats in seconds."""

    poses: Tensor
    joints: Tensor
    music_beats: np.ndarray


def made_up_dance(num_frames: int, seed: int) -> Dance:
    """Every joint swings in the rhythm of the beats and at half and twice their rate."""
    generator = torch.Generator().manual_seed(seed)
    beat_seconds = BEAT_SECONDS * (0.8 + 0.4 * torch.rand(1, generator=generator).item())
    beats = torch.arange(num_frames, dtype=torch.float32)[:, None, None] / FPS / beat_seconds
    poses, pelvis = torch.zeros(num_frames, 24, 3), torch.tensor([0.0, 0.95, 0.0]).repeat(num_frames, 1)
    for cycles in (0.25, 0.5, 1.0):  # a swing rests twice a cycle
        amplitude = torch.randn(24, 3, generator=generator) * 0.15 / cycles**0.5
        phase = torch.rand(24, 3, generator=generator) * 0.1
        poses += amplitude * torch.cos(2 * torch.pi * (cycles * beats + phase))
        pelvis += 0.05 * torch.randn(3, generator=generator) * torch.cos(2 * torch.pi * cycles * beats[:, 0])
    joints = forward_kinematics(axis_angle_to_matrix(poses), pelvis)
    return Dance(poses, joints, np.arange(0, num_frames / FPS, beat_seconds))


def keypoints_of(joints: Tensor) -> Tensor:
    """Pixels (T, 25, 2) of the joints that stand nearest to ViTPose's key-points."""
    nearest = {"neck": 12}
    sides = {"hip": (1, 2), "knee": (4, 5), "ankle": (7, 8), "shoulder": (16, 17), "elbow": (18, 19),
             "wrist": (20, 21), "big_toe": (10, 11), "small_toe": (10, 11), "heel": (7, 8)}  # fmt: skip
    for name, (left, right) in sides.items():
        nearest |= {f"left_{name}": left, f"right_{name}": right}
    index = [nearest.get(name, 15) for name in KEYPOINT_NAMES]
    return joints[:, index, :2] * torch.tensor([200.0, -200.0]) + torch.tensor([360.0, 480.0])


def seconds_of(function: Callable[[], Any], repeats: int = 1) -> float:
    """The shortest time a call takes."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def largest_disagreement(joints: Tensor) -> float:
    """Of plain and vectorised features of AIST++, relative where the features exceed one."""
    pairs = (
        (plain.kinetic_features(joints.numpy()), kinetic_features(joints, 60.0, "aist++")),
        (plain.geometric_features(joints.numpy()), geometric_features(joints, 60.0, "aist++")),
    )
    return max(float(np.max(np.abs(fast.numpy() - slow) / np.maximum(1, slow))) for slow, fast in pairs)


def compare_speed(clips: list[Tensor]) -> None:
    """Print frames per second of both ways on the same clips."""
    num_frames = sum(len(clip) for clip in clips)
    arrays = [clip.numpy() for clip in clips]
    plain_seconds = {
        "kinetic": seconds_of(lambda: [plain.kinetic_features(clip) for clip in arrays]),
        "geometric": seconds_of(lambda: [plain.geometric_features(clip) for clip in arrays]),
    }
    plain_seconds["both"] = sum(plain_seconds.values())
    for protocol in ("aist++", "default"):
        fast_seconds = {
            name: seconds_of(functools.partial(_extract, function, clips, protocol), REPEATS)
            for name, function in (("kinetic", kinetic_features), ("geometric", geometric_features))
        }
        fast_seconds["both"] = sum(fast_seconds.values())
        for name, seconds in fast_seconds.items():
            ratio = plain_seconds[name] / seconds
            print(
                f"{protocol:8} {name:10} plain {num_frames / plain_seconds[name]:7.0f} frames/s, "
                f"vectorised {num_frames / seconds:10.0f} frames/s: {ratio:6.0f} x"
            )
        reached = "reached" if plain_seconds["both"] / fast_seconds["both"] >= TARGET_RATIO else "missed"
        print(f"{protocol:8} target of {TARGET_RATIO} x for both together: {reached}")


def _extract(function: Callable[..., Tensor], clips: list[Tensor], protocol: str) -> list[Tensor]:
    return [function(clip, FPS, protocol) for clip in clips]


def whole_protocol(num_clips: int, num_frames: int, protocol: str = "default") -> dict[str, float]:
    """Seconds of each step of evaluating as many generated as real clips, and of its parts."""
    dances = [made_up_dance(num_frames, seed) for seed in range(2 * num_clips)]
    planar = PROTOCOLS[protocol].dimensions == 2
    joints = [keypoints_of(dance.joints) if planar else dance.joints for dance in dances]
    music_beats = [dance.music_beats for dance in dances[:num_clips]]
    poses = None if planar else [dance.poses for dance in dances[:num_clips]]
    metrics = MotionMetrics(protocol)
    parts: dict[str, float] = {}
    for name, metric in metrics.items():
        if isinstance(metric, MotionFeatureMetric):
            metric.extract = _timed(metric.extract, parts, f"  {metric.features} features")
        else:
            metric.update = _timed(metric.update, parts, f"  updates of {name}")
    steps: dict[str, Callable[[], Any]] = {
        "update_reference": lambda: metrics.update_reference(joints=joints[num_clips:], fps=FPS),
        "update": lambda: metrics.update(
            joints=joints[:num_clips], poses=poses, music_beats=music_beats, fps=FPS
        ),
        "compute": metrics.compute,
        "intervals": metrics.intervals,
        "clip_values": metrics.clip_values,
    }
    seconds = {name: seconds_of(step) for name, step in steps.items()}
    return {**seconds, "all": sum(seconds.values()), **parts}


def _timed(function: Callable[..., Any], spent: dict[str, float], name: str) -> Callable[..., Any]:
    """The function, which from now on adds the seconds it takes to an entry."""

    @functools.wraps(function)
    def timed(*values: Any, **named: Any) -> Any:
        start = time.perf_counter()
        result = function(*values, **named)
        spent[name] = spent.get(name, 0) + time.perf_counter() - start
        return result

    return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--clips", type=int, default=200, help="clips of each of the two sets of the evaluation"
    )
    parser.add_argument("--frames", type=int, default=1024, help="frames of a clip")
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default="default", help="of the evaluation")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # threads that wait for a busy core would take a hundred times longer

    clips = [made_up_dance(arguments.frames, seed).joints for seed in range(PLAIN_CLIPS)]
    disagreement = largest_disagreement(clips[0])
    print(f"largest disagreement of plain and vectorised features: {disagreement:.1e}")
    if disagreement > TOLERANCE:
        raise SystemExit(f"plain and vectorised features differ by more than {TOLERANCE}")

    print(f"{PLAIN_CLIPS} clips of {arguments.frames} frames, 1 thread")
    compare_speed(clips)

    print(f"protocol {arguments.protocol}: {arguments.clips} generated and as many real clips")
    for name, seconds in whole_protocol(arguments.clips, arguments.frames, arguments.protocol).items():
        print(f"{name:32} {seconds:8.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
