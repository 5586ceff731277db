"""Speed of what is measured of a video, part by part, and memory for a long one beside a short one.

With ``--device cuda``, the same video is measured on the CPU as well, and the run ends with an error if a figure
differs by more than a thousandth.
Run: ``python benchmarks/bench_video_metrics.py --height 480 --width 832``.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch

from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.measure_video import VideoSettings, measure_video

TOLERANCE = 1e-3
MEMORY_FRAMES, MEMORY_SIZE = 64, (96, 160)
PARTS = {
    "steadiness, colours": set(),
    "+ SSIM, PSNR": set(),
    "+ LPIPS": {"lpips"},
    "FID, consistency": {"fid", "subject", "background"},
    "FVD": {"fvd"},
    "smoothness": {"smoothness"},
    "quality": {"imaging", "aesthetic"},
    "identity": {"identity"},
}
"""By part, the networks it needs; those with a plus compare with a real video."""


def moving_frames(num_frames: int, size: tuple[int, int], seed: int) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) of a texture that goes by, made when they are asked for."""
    texture = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    for index in range(num_frames):
        yield np.roll(texture, (index, 2 * index), (0, 1))


def measured(
    num_frames: int,
    size: tuple[int, int],
    extractors: AppearanceExtractors,
    device: str,
    has_truth: bool = True,
) -> dict[str, float]:
    """The figures of a video, those of features as the mean of all."""
    person = torch.from_numpy(next(moving_frames(1, size, 0))).movedim(-1, 0)[None]
    found = measure_video(
        moving_frames(num_frames, size, 0),
        extractors,
        truth=moving_frames(num_frames, size, 1) if has_truth else None,
        person=person,
        settings=VideoSettings(device=device, segment_frames=16),
    )
    features = {"fid": found.fid_features, "fvd": found.fvd_features}
    means = {name: float(rows.mean()) for name, rows in features.items() if rows is not None}
    return {**found.values, **means}


def seconds(function) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    function()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def peak_mib() -> float:
    """Most memory that the process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--width", type=int, default=416)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()

    size, device = (args.height, args.width), args.device
    whole = AppearanceExtractors.random(device=device)
    peaks = []
    for num_frames in (MEMORY_FRAMES, 10 * MEMORY_FRAMES):
        measured(num_frames, MEMORY_SIZE, whole, device)
        peaks.append(peak_mib())
    print(
        f"memory: {peaks[0]:.0f} MiB, with ten times the frames {peaks[1]:.0f} MiB, x {peaks[1] / peaks[0]:.3f}"
    )
    measured(16, size, whole, device)
    print(f"{args.width}x{args.height}, {device}, random networks, ms a frame")
    for part, keys in PARTS.items():
        extractors = AppearanceExtractors(**{key: getattr(whole, key) for key in keys})
        spent = seconds(
            lambda e=extractors, p=part: measured(args.frames, size, e, device, p.startswith("+"))
        )
        print(f"{part:22} {1000 * spent / args.frames:8.1f}")
    print(
        f"{'all':22} {1000 * seconds(lambda: measured(args.frames, size, whole, device)) / args.frames:8.1f}"
    )
    if device == "cpu":
        return 0
    on_cpu = measured(args.frames, size, AppearanceExtractors.random(), "cpu")
    on_device = measured(args.frames, size, whole, device)
    off = {name: abs(on_device[name] / value - 1) for name, value in on_cpu.items() if abs(value) > TOLERANCE}
    print(f"largest relative difference from the CPU: {max(off.values()):.2g} ({max(off, key=off.get)})")
    return int(max(off.values()) > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
