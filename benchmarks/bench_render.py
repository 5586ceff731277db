"""Time and memory of drawing a dance, for example ``python benchmarks/bench_render.py --sizes 512 720``."""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.backend import RENDERER_VARIABLE
from macedance.render.scene import Scene
from macedance.render.video import write_video

FPS = 30.0


def swaying_motion(num_frames: int) -> Motion:
    """A body that bends and walks, so that every frame differs."""
    phase = torch.arange(num_frames)[:, None, None] / FPS * torch.linspace(1.0, 3.0, 24)[:, None]
    trans = torch.zeros(num_frames, 3)
    trans[:, 0] = torch.sin(torch.arange(num_frames) / FPS)
    return Motion(0.3 * torch.sin(phase + torch.arange(3.0)), trans, fps=FPS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 720])
    parser.add_argument("--renderers", nargs="+", default=["opengl", "software"])
    parser.add_argument("--frames", type=int, default=60)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    body, motion = BodyModel(), swaying_motion(arguments.frames)
    for renderer in arguments.renderers:
        os.environ[RENDERER_VARIABLE] = renderer
        for size in arguments.sizes:
            report(renderer, size, Scene(motion, body=body, size_px=(size, size)))


def report(renderer: str, size: int, scene: Scene) -> None:
    milliseconds, frames = [], []
    pictures = scene.frames()
    frames.append(next(pictures))
    started = time.perf_counter()
    for picture in pictures:
        milliseconds.append(1000 * (time.perf_counter() - started))
        frames.append(picture)
        started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        write_video(Path(folder) / "dance.mp4", frames, fps=FPS)
        encoding = 1000 * (time.perf_counter() - started) / len(frames)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{renderer} {size}x{size}: {np.median(milliseconds):.1f} ms a frame, least {min(milliseconds):.1f}, "
        f"encoding {encoding:.1f} ms, peak {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
