"""Making a video of a dance and a picture, and writing it with its sound and where it comes from."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from macedance.commands.work_progress import Show, work_progress

if TYPE_CHECKING:
    import numpy as np

    from macedance.commands.renderer_choice import ChosenRenderer
    from macedance.data.audio import Audio
    from macedance.geometry.body_model import BodyModel
    from macedance.geometry.motion import Motion
    from macedance.projection.reference import Reference
    from macedance.render.provenance import Provenance
    from macedance.render.video_renderer import Video


def add_filming_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what every film has: frame rate, seed, device, and classes to import."""
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the video")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another video")
    parser.add_argument("--device", help="such as cuda:1 or cpu; a GPU if there is one")
    parser.add_argument(
        "--class-path",
        action="append",
        metavar="PKG.CLASS",
        help="class of an expert that no installed package offers, to be imported; may be given more than once",
    )


def check_filming(args: argparse.Namespace) -> None:
    """Refuse a frame rate, seed or device that would only fail after minutes of work, and import the classes named.

    Raises:
        ValueError: One of them cannot be, or a class cannot be imported.
        ModuleNotFoundError: A class has no module.
    """
    from macedance.commands.working_device import working_device
    from macedance.lightning_modules.expert_classes import import_expert_class

    if not 1 <= args.fps <= 240:
        raise ValueError(f"--fps must lie in 1..240, got {args.fps}")
    if not 0 <= args.seed < 2**63:
        raise ValueError(f"--seed must lie in 0..{2**63 - 1}, got {args.seed}")
    working_device(args.device)
    for class_path in args.class_path or ():
        import_expert_class(class_path, prefix="--")


def film_settings(args: argparse.Namespace) -> dict[str, Any]:
    """What a video's provenance tells of the picture and the frames, whoever dances."""
    from macedance.hashes import file_hash

    keypoints = file_hash(args.keypoints) if args.keypoints else None
    return {"size": list(args.size), "fps": args.fps, "keypoints": keypoints}


def film_person(
    args: argparse.Namespace,
    chosen: ChosenRenderer,
    motion: Motion,
    reference: Reference,
    audio: Audio | None,
    provenance: Provenance,
) -> Video:
    """Write the video in which the person of a picture dances; the frames of what is returned are used up."""
    import torch

    with filming_progress(chosen.steps_a_segment) as on_progress:
        video = chosen.renderer.render(
            motion,
            reference,
            size_px=tuple(args.size),
            fps=args.fps,
            generator=torch.Generator().manual_seed(args.seed),
            on_progress=on_progress,
        )
        save_film(args.out, video, audio, provenance)
    return video


def film_stage(
    args: argparse.Namespace, body: BodyModel, motion: Motion, audio: Audio, provenance: Provenance
) -> Video:
    """Write the video in which a body dances on the stage; the frames of what is returned are used up."""
    from macedance.render.scene import render_motion
    from macedance.render.video_renderer import Video

    num_frames = round(motion.duration_seconds * args.fps)
    frames = render_motion(motion, body=body, size_px=tuple(args.size), fps=args.fps)
    with work_progress("filming") as show:

        def counted() -> Iterator[np.ndarray]:
            for num_done, frame in enumerate(frames, start=1):
                yield frame
                show(num_done, num_frames)

        video = Video(counted(), num_frames, args.fps)
        save_film(args.out, video, audio, provenance)
    return video


def save_film(path: str, video: Video, audio: Audio | None, provenance: Provenance) -> None:
    """Write an mp4 that tells where it comes from, and the same as JSON beside it."""
    video.save(
        path,
        audio=None if audio is None else audio.samples,
        sample_rate=None if audio is None else audio.sample_rate,
        metadata=provenance.metadata(),
    )
    provenance.write_beside(path)


def filming_progress(steps_a_segment: int | None) -> AbstractContextManager[Show]:
    """A bar of the frames filmed, or, with ``steps_a_segment``, of the steps of a segment; it gives `on_progress`."""
    if steps_a_segment is None:
        return work_progress("filming")

    def segment(num_done: int, num_in_all: int) -> str:
        num_segments = num_in_all // steps_a_segment
        return f"segment {min(num_done // steps_a_segment + 1, num_segments)} of {num_segments}"

    return work_progress("filming", segment)
