"""Memory and time of rendering short and long pose videos to an mp4 by a tiny Wan-Animate, segment by segment.

Each video is made in a process of its own, so that the peaks do not mix: by the renderer, which draws poses while
they are needed, and by one call of diffusers' pipeline, which takes and gives lists. The weights are random.

Run: ``python benchmarks/bench_appearance_rendering.py``; ``--seconds 2 4 --steps 1`` is a short trial.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from diffusers import WanAnimatePipeline

from macedance.models.appearance.encoding import DEFAULT_PROMPT
from macedance.models.appearance.renderer import WanRenderer
from macedance.models.appearance.segments import count_segments
from macedance.models.appearance.tiny import tiny_backbone
from macedance.projection.body_points import POINT_NAMES
from macedance.render.pose_drawing import draw_pose
from macedance.render.video import probe_video, write_video

FPS = 30.0


def main() -> None:
    args = _parser().parse_args()
    if args.measure:
        print(json.dumps(measure(args.measure, args.seconds[0], args.size, args.segment, args.steps)))
        return
    print(
        f"{'':10} {'seconds':>8} {'frames':>7} {'segments':>9} {'peak MiB':>9} {'wall s':>8} {'ms a frame':>11}"
    )
    for name in MAKERS:
        results = [in_own_process(args, name, seconds) for seconds in args.seconds]
        print(
            f"{name}: {results[0]['start_mib']:.0f} MiB before the first frame; "
            f"peak of the last {results[-1]['peak_mib'] / results[0]['peak_mib']:.3f} times that of the first"
        )


def in_own_process(args: argparse.Namespace, name: str, seconds: float) -> dict[str, float]:
    options = ["--size", args.size, "--segment", args.segment, "--steps", args.steps, "--seconds", seconds]
    command = [sys.executable, __file__, "--measure", name, *map(str, options)]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    num_frames, wall_seconds = result["num_frames"], result["wall_seconds"]
    print(
        f"{name:<10} {seconds:8g} {num_frames:7d} {count_segments(num_frames, args.segment, 1):9d} "
        f"{result['peak_mib']:9.0f} {wall_seconds:8.1f} {1000 * wall_seconds / num_frames:11.1f}",
        flush=True,
    )
    return result


def measure(name: str, seconds: float, size: int, segment: int, steps: int) -> dict[str, float]:
    """Peak resident memory and time of one video, everything from drawing poses to the file included."""
    torch.set_num_threads(1)
    num_frames = round(seconds * FPS)
    pipeline = tiny_backbone()
    start_mib = _peak_mib()
    began = time.perf_counter()
    frames = MAKERS[name](pipeline, num_frames, size, segment, steps)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dance.mp4"
        write_video(path, frames, fps=FPS)
        assert probe_video(path).num_frames == num_frames
    return {
        "num_frames": num_frames,
        "wall_seconds": time.perf_counter() - began,
        "start_mib": start_mib,
        "peak_mib": _peak_mib(),
    }


def by_renderer(
    pipeline: WanAnimatePipeline, num_frames: int, size: int, segment: int, steps: int
) -> Iterable[np.ndarray]:
    renderer = WanRenderer(pipeline, segment_num_frames=segment, num_inference_steps=steps)
    return renderer.render_pose(
        swaying_poses(num_frames, size),
        num_frames,
        _person(size),
        size_px=(size, size),
        fps=FPS,
        generator=torch.Generator().manual_seed(0),
    ).frames


def by_pipeline(
    pipeline: WanAnimatePipeline, num_frames: int, size: int, segment: int, steps: int
) -> Iterable[np.ndarray]:
    pipeline.set_progress_bar_config(disable=True)
    face_size = pipeline.transformer.config.motion_encoder_size
    made = pipeline(
        image=_person(size),
        pose_video=[PIL.Image.fromarray(pose) for pose in swaying_poses(num_frames, size)],
        face_video=[PIL.Image.new("RGB", (face_size, face_size))] * num_frames,
        prompt=DEFAULT_PROMPT,
        width=size,
        height=size,
        segment_frame_length=segment,
        num_inference_steps=steps,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).frames[0]
    return ((frame * 255).round().astype(np.uint8) for frame in made)


MAKERS = {"renderer": by_renderer, "pipeline": by_pipeline}


def _person(size: int) -> PIL.Image.Image:
    return PIL.Image.new("RGB", (size, size), (90, 120, 150))


def swaying_poses(num_frames: int, size: int) -> Iterator[np.ndarray]:
    """Drawings of points that sway about their places."""
    places = np.random.default_rng(0).uniform(0.2, 0.8, (len(POINT_NAMES), 2)) * size
    points = np.ones((len(POINT_NAMES), 3), np.float32)
    for number in range(num_frames):
        points[:, :2] = places + 0.1 * size * np.sin(number / FPS + places)
        yield draw_pose(points, (size, size))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, nargs="+", default=[30.0, 300.0], help="lengths to compare")
    parser.add_argument("--size", type=int, default=32, help="width and height in pixels")
    parser.add_argument("--segment", type=int, default=77, help="frames of a segment")
    parser.add_argument("--steps", type=int, default=4, help="denoising steps of a segment")
    parser.add_argument(
        "--measure", choices=tuple(MAKERS), help="one video of the first length, in this process, as JSON"
    )
    return parser


if __name__ == "__main__":
    main()
