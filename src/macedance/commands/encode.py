"""``macedance data encode``: shards of videos, as shards of latents."""

from __future__ import annotations

import argparse
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macedance.data.encoding import EncodeReport, EncodeSettings
    from macedance.models.appearance.encoding import WindowEncoder

EXAMPLE = """\
An Appearance Expert that trains on stored encodings needs neither VAE nor text
nor image encoder in its GPU's memory. Windows of SHARDS (with video.mp4,
pose.mp4 and reference.jpg, as 'macedance data render' makes them) are encoded
once, and written to a set with the same shards:
  latents.safetensors  latents of video, pose, reference and the frames taken
                       over from before; embeddings of picture and prompt
  reference.jpg        as it was
  video.mp4            as it was, with audio.flac, for val and test alone
A window of 77 frames at 832x480 takes about 20 MB.

A run that was cut off goes on after its last whole shard: run it again. Started
by torchrun or srun, each process takes its share of the shards and its GPU.

examples:
  macedance data encode data/rendered-tiny --out data/latents-tiny --backbone tiny --num-frames 17
  macedance data encode data/ma-data/rendered --out data/ma-data/encoded \\
      --backbone Wan-AI/Wan2.2-Animate-14B-Diffusers
  torchrun --nproc-per-node 8 -m macedance.cli data encode data/wild --out data/wild-encoded \\
      --backbone models/wan-animate"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shards", metavar="SHARDS", help="folder, URL, shard or pattern with videos")
    parser.add_argument("--out", required=True, help="folder to write the shards to")
    parser.add_argument(
        "--backbone",
        required=True,
        metavar="NAME",
        help="Wan-Animate: a folder in diffusers' layout, a hub id, or 'tiny'",
    )
    parser.add_argument(
        "--num-frames", type=int, default=77, metavar="N", help="frames of a window, a multiple of 4 plus 1"
    )
    parser.add_argument(
        "--windows-per-clip", type=int, default=1, metavar="N", help="one is in the middle of its clip"
    )
    parser.add_argument(
        "--batch-size",
        type=int,
        default=4,
        metavar="N",
        help="windows encoded at a time; fewer take less memory",
    )
    parser.add_argument("--prompt", help="text of every window; Wan-Animate's usual one if left out")
    parser.add_argument(
        "--dtype",
        choices=("float32", "bfloat16"),
        default="float32",
        help="what the VAE computes in: as when videos are made, or faster. Stored is bfloat16",
    )
    parser.add_argument(
        "--device", default="auto", help="such as cuda:1 or cpu; auto is a GPU if there is one"
    )
    parser.add_argument(
        "--skip-short", action="store_true", help="leave out clips that are shorter than a window"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a set of other settings")


def run(args: argparse.Namespace) -> int:
    """Encode the set or this process's share of it, or go on with it."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.output_files import check_apart, check_output_folder
    from macedance.data.encode_plan import EncodePlan, EncodeSettings
    from macedance.data.encoding import encode_shards
    from macedance.models.appearance.encoding import DEFAULT_PROMPT

    rank, num_ranks, local_rank = _ranks()
    device = _device(args.device, local_rank)
    settings = EncodeSettings(
        backbone=args.backbone,
        prompt=DEFAULT_PROMPT if args.prompt is None else args.prompt,
        num_frames=args.num_frames,
        windows_per_clip=args.windows_per_clip,
        dtype=args.dtype,
    )
    plan = EncodePlan.of(args.shards)
    check_apart("--out", args.out, [shard.url for shard in plan.shards])
    check_output_folder("--out", args.out)
    num_windows = plan.num_clips((rank, num_ranks)) * settings.windows_per_clip
    progress: AbstractContextManager[Any] = nullcontext(lambda num_done: None)
    if rank == 0:
        progress = clip_progress("encoding windows", num_windows, unit="windows")
    with progress as advance:
        report = encode_shards(
            args.out,
            plan,
            settings,
            lambda: _encoder(settings, device),
            batch_size=args.batch_size,
            skip_short=args.skip_short,
            share=(rank, num_ranks),
            overwrite=args.overwrite,
            on_progress=advance,
        )
        advance(0 if report.is_new else num_windows)
    place = args.out if num_ranks == 1 else f"{args.out}, rank {rank} of {num_ranks}"
    print(f"{place}: {_told(report, settings)}")
    return 0


def _told(report: EncodeReport, settings: EncodeSettings) -> str:
    size = report.num_bytes / max(1, report.num_windows)
    shown = f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
    return (
        f"{report.num_windows} windows of {settings.num_frames} frames of {report.num_clips} clips, {shown} each"
        + (f"; {report.num_short} clips too short, left out" if report.num_short else "")
        + ("" if report.is_new else ", there already")
    )


def _encoder(settings: EncodeSettings, device: str) -> WindowEncoder:
    import torch

    from macedance.models.appearance.backbone import load_backbone
    from macedance.models.appearance.encoding import WindowEncoder

    pipeline = load_backbone(settings.backbone, with_transformer=False).to(device)
    if settings.dtype != "float32":
        pipeline.vae.to(getattr(torch, settings.dtype))
    encoder = WindowEncoder(pipeline, settings.prompt)
    pipeline.text_encoder = None  # 11 GB that have done their work
    if device != "cpu":
        torch.cuda.empty_cache()
    return encoder


def _ranks() -> tuple[int, int, int]:
    """Rank, number of ranks and rank on this machine, as torchrun or srun tell them.

    Raises:
        ValueError: They do not fit each other.
    """
    environment = os.environ
    if "RANK" in environment and "WORLD_SIZE" in environment:
        names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    elif "SLURM_STEP_NUM_TASKS" in environment:  # set by srun alone: a batch script is one process
        names = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID")
    else:
        return 0, 1, 0
    told = [environment.get(name, "0") for name in names]
    if not all(number.isdecimal() for number in told) or not int(told[0]) < int(told[1]):
        raise ValueError(
            f"{names[0]} must be a rank below {names[1]}, got {told[0]} and {told[1]}; start with torchrun or "
            "srun, or unset both"
        )
    return int(told[0]), int(told[1]), int(told[2])


def _device(name: str, local_rank: int) -> str:
    """Where to encode: what was asked for, or this rank's GPU if there are any.

    Raises:
        ValueError: There is no such device.
    """
    import torch

    num_gpus = torch.cuda.device_count()
    if name == "auto" and not num_gpus:
        return "cpu"
    if name in ("auto", "cuda") and num_gpus:
        return f"cuda:{local_rank % num_gpus}"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"--device must be a device of this machine, got {name} ({reason})") from error
    return name
