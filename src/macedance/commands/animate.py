"""``macedance animate``: a video of a person who dances a motion."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from macedance.data.audio import Audio
    from macedance.geometry.motion import Motion
    from macedance.render.video_renderer import Video, VideoRenderer

OF_THE_BACKBONE = {"segment": 77, "relay": 1, "steps": 20, "face": "none", "dtype": "auto", "offload": False}
"""Options that change nothing without one, and their defaults."""

EXAMPLE = """\
Without weights a body dances in front of the picture's background. With
--backbone the person of the picture does, by Wan-Animate; with --appearance by
an Appearance Expert trained on top of it. They make the video in segments, so
songs of any length take the memory of one: shorten --segment, or --offload, for
a GPU with less than 80 GB.

examples:
  macedance animate --motion dance.npz --reference me.png --out video.mp4 --music song.mp3
  macedance animate --motion dance.npz --reference me.png --out video.mp4 \\
      --backbone Wan-AI/Wan2.2-Animate-14B-Diffusers --relay 5 --steps 20
  macedance animate --motion dance.npz --reference me.png --keypoints me.json --out video.mp4 \\
      --appearance runs/appearance-aesthetic/version_0/checkpoints/last.ckpt --size 720 1280"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--motion", required=True, metavar="FILE", help="the dance (.npz as of AMASS)")
    parser.add_argument("--reference", required=True, metavar="FILE", help="picture of the person")
    parser.add_argument("--out", required=True, metavar="FILE", help="video to write (.mp4, H.264 and AAC)")
    parser.add_argument(
        "--keypoints", metavar="FILE", help="where the person is in the picture (.json); unknown if left out"
    )
    parser.add_argument("--music", metavar="FILE", help="sound of the video; cut to the dance")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument(
        "--backbone", metavar="NAME", help="Wan-Animate: a folder in diffusers' layout or a hub id"
    )
    weights.add_argument(
        "--appearance", metavar="NAME", help="Appearance Expert: checkpoint, exported folder or hub id"
    )
    parser.add_argument(
        "--weights",
        metavar="DIR",
        help="LoRA and Body Adapter to put on --backbone, as 'macedance convert' writes them",
    )
    parser.add_argument(
        "--size", type=int, nargs=2, default=(480, 832), metavar=("W", "H"), help="width and height in pixels"
    )
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another video")
    parser.add_argument("--up-axis", choices=("y", "z"), help="of a motion that does not tell its own")
    parser.add_argument("--device", help="such as cuda:1 or cpu; a GPU if there is one")
    _add_backbone_arguments(parser.add_argument_group("options of --backbone and --appearance"))


def _add_backbone_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument(
        "--segment", type=int, metavar="N", help="frames made at a time, a multiple of 4 plus 1"
    )
    parser.add_argument(
        "--relay", type=int, choices=(1, 5), help="frames by which a segment goes on from the one before"
    )
    parser.add_argument("--steps", type=int, help="denoising steps of a segment")
    parser.add_argument(
        "--face", choices=("none", "reference"), help="what drives the face: nothing, or its own"
    )
    parser.add_argument(
        "--dtype", choices=("auto", "bfloat16", "float32"), help="of --backbone; auto is bfloat16 on a GPU"
    )
    parser.add_argument(
        "--offload", action="store_true", help="keep each part on the GPU only while it works"
    )
    parser.set_defaults(**OF_THE_BACKBONE)


def run(args: argparse.Namespace) -> int:
    """Read what is given, choose a renderer, and film."""
    import torch

    from macedance.projection.reference import Reference

    _check(args)
    motion, reference = _load_motion(args), Reference.load(args.reference, args.keypoints)
    audio = _load_music(args)
    renderer = _renderer(args)
    steps_a_segment = args.steps if args.backbone or args.appearance else None
    with _progress(steps_a_segment) as on_progress:
        video = renderer.render(
            motion,
            reference,
            size_px=tuple(args.size),
            fps=args.fps,
            generator=torch.Generator().manual_seed(args.seed),
            on_progress=on_progress,
        )
        _save(args, video, audio)
    print(f"wrote {args.out}: {video.num_frames / video.fps:.1f} s")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after minutes of work."""
    from macedance.commands.output_files import check_output_file

    if not 1 <= args.fps <= 240:
        raise ValueError(f"--fps must lie in 1..240, got {args.fps}")
    if not 0 <= args.seed < 2**63:
        raise ValueError(f"--seed must lie in 0..{2**63 - 1}, got {args.seed}")
    if args.weights and not args.backbone:
        raise ValueError("--weights must come with --backbone, which they are put on; name it")
    width, height = args.size
    if args.backbone or args.appearance:
        _check_backbone_options(args)
    elif width % 2 or height % 2 or min(width, height) < 32:
        raise ValueError(f"--size must be even numbers from 32 on, got {width} {height}")
    for source in (args.motion, args.reference, args.music):
        check_output_file("--out", args.out, (".mp4",), source or "")


def _check_backbone_options(args: argparse.Namespace) -> None:
    from macedance.models.appearance.renderer import check_offload, check_size, check_steps
    from macedance.models.appearance.segments import check_segments

    check_size(tuple(args.size))
    check_segments(args.segment, args.relay)
    check_steps(args.steps)
    _device(args)
    if args.offload:
        check_offload()


def _load_motion(args: argparse.Namespace) -> Motion:
    from macedance.geometry.motion import Motion

    try:
        return Motion.load(args.motion, args.up_axis)
    except ValueError as error:
        if args.motion in str(error):
            raise
        raise ValueError(f"{args.motion}: {error}") from error


def _load_music(args: argparse.Namespace) -> Audio | None:
    from macedance.data.audio import load_audio

    return None if args.music is None else load_audio(args.music).at_most_stereo()


def _renderer(args: argparse.Namespace) -> VideoRenderer:
    """What makes the video: Wan-Animate, a trained expert, or the body."""
    if not args.backbone and not args.appearance:
        from macedance.render.body_renderer import BodyRenderer

        print("no appearance weights given: the body dances in front of the picture's background")
        _tell_unused(args, tuple(OF_THE_BACKBONE), "without --backbone or --appearance")
        return BodyRenderer()
    device = _device(args)
    options = {
        "segment_num_frames": args.segment,
        "relay_num_frames": args.relay,
        "num_inference_steps": args.steps,
        "face": args.face,
        "offload": args.offload,
    }
    if args.appearance:
        _tell_unused(args, ("dtype",), "with --appearance")
        return _trained(args.appearance, "cpu" if args.offload else device).video_renderer(**options)
    from macedance.models.appearance.backbone import load_backbone
    from macedance.models.appearance.renderer import WanRenderer
    from macedance.models.appearance.weights import apply_folder

    pipeline = load_backbone(args.backbone, dtype=_dtype(args.dtype, device))
    print(f"backbone: {args.backbone}" + (f", weights: {args.weights}" if args.weights else ""))
    if args.weights:
        apply_folder(pipeline.transformer, args.weights)
    return WanRenderer(pipeline if args.offload else pipeline.to(device), **options)


def _tell_unused(args: argparse.Namespace, names: tuple[str, ...], when: str) -> None:
    unused = [name for name in names if getattr(args, name) != OF_THE_BACKBONE[name]]
    if unused:
        print(f"{when}, --{', --'.join(unused)} changes nothing")


def _trained(name: str, device: str) -> Any:
    from macedance.lightning_modules.loading import load_expert

    expert = load_expert(name, device=device)
    if not hasattr(expert, "video_renderer"):
        raise ValueError(
            f"--appearance must name an Appearance Expert, but {name} is a {type(expert).__name__}; "
            "motions come from 'macedance generate --motion-out'"
        )
    print(f"appearance: {name}")
    return expert


def _device(args: argparse.Namespace) -> str:
    """Where to work: what was asked for, or a GPU if there is one.

    Raises:
        ValueError: There is no such device.
    """
    import torch

    if args.device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=args.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"--device must be a device of this machine, got {args.device} ({reason})"
        ) from error
    return str(args.device)


def _dtype(name: str, device: str) -> torch.dtype:
    import torch

    if name == "auto":
        return torch.float32 if device == "cpu" else torch.bfloat16
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


def _save(args: argparse.Namespace, video: Video, audio: Audio | None) -> None:
    from macedance import __version__

    by = args.backbone or args.appearance or "a body"
    video.save(
        args.out,
        audio=None if audio is None else audio.samples,
        sample_rate=None if audio is None else audio.sample_rate,
        metadata={"comment": f"generated by macedance {__version__}, seed {args.seed}, dancer by {by}"},
    )


@contextmanager
def _progress(steps_a_segment: int | None) -> Iterator[Callable[[int, int], None]]:
    """A bar of the frames filmed, or, with ``steps_a_segment``, of the steps of a segment; it gives `on_progress`."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("filming", total=None)

        def on_progress(num_done: int, num_in_all: int) -> None:
            description = "filming"
            if steps_a_segment is not None:
                num_segments = num_in_all // steps_a_segment
                segment = min(num_done // steps_a_segment + 1, num_segments)
                description = f"segment {segment} of {num_segments}"
            bar.update(task, completed=num_done, total=num_in_all, description=description)

        yield on_progress
