"""What turns a dance and a picture into a video: Wan-Animate, a trained expert, or a body."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from macedance.commands.working_device import working_device

if TYPE_CHECKING:
    import torch

    from macedance.render.video_renderer import VideoRenderer

DEFAULT_SIZE = (480, 832)
OF_THE_BACKBONE = {
    "segment": 77,
    "relay": 1,
    "video_steps": 20,
    "face": "none",
    "dtype": "auto",
    "offload": False,
}
"""Options that change nothing without one, and their defaults."""


@dataclass(frozen=True, eq=False)
class ChosenRenderer:
    """A renderer, and what is told of it.

    Attributes:
        renderer: Makes the video.
        model: ``id`` and ``sha256``, for the video's provenance.
        settings: Of the renderer, for the same.
        steps_a_segment: Units of progress in a segment; None if it counts frames.
    """

    renderer: VideoRenderer
    model: Mapping[str, Any]
    settings: Mapping[str, Any]
    steps_a_segment: int | None = None


def add_renderer_arguments(parser: argparse.ArgumentParser, *, steps_option: str) -> None:
    """Declare what chooses a renderer and its options.

    Args:
        parser: Gets the arguments.
        steps_option: What the command calls the denoising steps of a segment.
    """
    dancer = parser.add_argument_group("the person and the appearance")
    dancer.add_argument(
        "--keypoints", metavar="FILE", help="where the person is in the picture (.json); unknown if left out"
    )
    weights = dancer.add_mutually_exclusive_group()
    weights.add_argument(
        "--appearance", metavar="PATH", help="Appearance Expert: checkpoint, exported folder or hub id"
    )
    weights.add_argument(
        "--backbone", metavar="NAME", help="Wan-Animate: a folder in diffusers' layout or a hub id"
    )
    dancer.add_argument(
        "--weights",
        metavar="DIR",
        help="LoRA and Body Adapter to put on --backbone, as 'macedance convert' writes them",
    )
    group = parser.add_argument_group("options of --backbone and --appearance")
    _add_segment_arguments(group, steps_option)
    parser.set_defaults(**OF_THE_BACKBONE)


def _add_segment_arguments(group: argparse._ArgumentGroup, steps_option: str) -> None:
    group.add_argument(
        "--segment", type=int, metavar="N", help="frames made at a time, a multiple of 4 plus 1"
    )
    group.add_argument(
        "--relay", type=int, choices=(1, 5), help="frames by which a segment goes on from the one before"
    )
    group.add_argument(
        steps_option, type=int, dest="video_steps", metavar="N", help="denoising steps of a segment"
    )
    group.add_argument(
        "--face", choices=("none", "reference"), help="what drives the face: nothing, or its own"
    )
    group.add_argument(
        "--dtype", choices=("auto", "bfloat16", "float32"), help="of --backbone; auto is bfloat16 on a GPU"
    )
    group.add_argument("--offload", action="store_true", help="keep each part on the GPU only while it works")


def choose_renderer(args: argparse.Namespace, *, steps_option: str) -> ChosenRenderer:
    """Load what makes the video, and say what it is.

    Raises:
        FileNotFoundError: There are no such weights.
        ValueError: An option cannot be, or the weights are not an Appearance Expert's.
    """
    if args.weights and not args.backbone:
        raise ValueError("--weights must come with --backbone, which they are put on; name it")
    if args.appearance:
        return _trained(args, steps_option)
    if args.backbone:
        _check_backbone_options(args)
        return _pretrained(args)
    from macedance.render.body_renderer import BodyRenderer

    check_even_size(args.size)
    print("no appearance weights given: the body dances in front of the picture's background")
    _tell_unused(args, tuple(OF_THE_BACKBONE), "without --backbone or --appearance", steps_option)
    return ChosenRenderer(BodyRenderer(), {"id": "body", "sha256": None}, {})


def check_even_size(size_px: tuple[int, int]) -> None:
    """Refuse a picture that no video can have.

    Raises:
        ValueError: A side is odd or below 32.
    """
    if any(side % 2 or side < 32 for side in size_px):
        raise ValueError(f"--size must be even numbers from 32 on, got {' '.join(map(str, size_px))}")


def _trained(args: argparse.Namespace, steps_option: str) -> ChosenRenderer:
    from macedance.hashes import weights_hash
    from macedance.lightning_modules.expert_kinds import read_expert_of_kind
    from macedance.lightning_modules.loading import build_expert

    stored, found = read_expert_of_kind("appearance", args.appearance, prefix="--")
    device = working_device(args.device)
    if not hasattr(found, "video_renderer"):
        check_even_size(args.size)
        _tell_unused(args, tuple(OF_THE_BACKBONE), f"with a {found.__name__}", steps_option)
        expert = build_expert(stored, device=device)
        print(f"appearance: {args.appearance}")
        return ChosenRenderer(expert, {"id": args.appearance, "sha256": weights_hash(expert)}, {})
    _check_backbone_options(args)
    _tell_unused(args, ("dtype",), "with --appearance", steps_option)
    expert = build_expert(stored, device="cpu" if args.offload else device)
    model = {"id": args.appearance, "sha256": weights_hash(expert)}
    print(f"appearance: {args.appearance}")
    return ChosenRenderer(expert.video_renderer(**_options(args)), model, _settings(args), args.video_steps)


def _pretrained(args: argparse.Namespace) -> ChosenRenderer:
    from macedance.hashes import weights_hash
    from macedance.hub_loading import check_is_there
    from macedance.models.appearance.backbone import load_backbone
    from macedance.models.appearance.renderer import WanRenderer
    from macedance.models.appearance.tiny import TINY
    from macedance.models.appearance.weights import apply_folder

    if args.backbone != TINY:
        check_is_there("--backbone", "Wan-Animate", args.backbone, "model_index.json")
    device = working_device(args.device)
    dtype = _dtype(args.dtype, device)
    pipeline = load_backbone(args.backbone, dtype=dtype)
    print(f"backbone: {args.backbone}" + (f", weights: {args.weights}" if args.weights else ""))
    if args.weights:
        apply_folder(pipeline.transformer, args.weights)
    name = f"{args.backbone} with {args.weights}" if args.weights else args.backbone
    model = {"id": name, "sha256": weights_hash(pipeline.transformer)}
    renderer = WanRenderer(pipeline if args.offload else pipeline.to(device), **_options(args))
    settings = {**_settings(args), "dtype": str(dtype).removeprefix("torch.")}
    return ChosenRenderer(renderer, model, settings, args.video_steps)


def _options(args: argparse.Namespace) -> dict[str, Any]:
    """Arguments of :class:`~macedance.models.appearance.renderer.WanRenderer`."""
    return {
        "segment_num_frames": args.segment,
        "relay_num_frames": args.relay,
        "num_inference_steps": args.video_steps,
        "face": args.face,
        "offload": args.offload,
    }


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """Those of the options that decide the result."""
    return {name: value for name, value in _options(args).items() if name != "offload"}


def _check_backbone_options(args: argparse.Namespace) -> None:
    from macedance.models.appearance.renderer import check_offload, check_size, check_steps
    from macedance.models.appearance.segments import check_segments

    check_size(tuple(args.size))
    check_segments(args.segment, args.relay)
    check_steps(args.video_steps)
    if args.offload:
        check_offload()


def _tell_unused(args: argparse.Namespace, names: tuple[str, ...], when: str, steps_option: str) -> None:
    unused = [name for name in names if getattr(args, name) != OF_THE_BACKBONE[name]]
    if unused:
        options = [steps_option if name == "video_steps" else f"--{name}" for name in unused]
        print(f"{when}, {', '.join(options)} changes nothing")


def _dtype(name: str, device: str) -> torch.dtype:
    import torch

    if name == "auto":
        return torch.float32 if device == "cpu" else torch.bfloat16
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]
