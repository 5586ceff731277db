"""``macedance convert reference-appearance``: a LoRA and a Body Adapter as diffusers reads them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from macedance.models.appearance.published import PublishedAdapter
    from macedance.models.appearance.weights import Lora

EXAMPLE = """\
example:
  macedance convert reference-appearance --lora LoRA.safetensors --adapter Adapter.safetensors --out converted"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--lora", metavar="FILE", help="published LoRA, a .safetensors file")
    parser.add_argument("--adapter", metavar="FILE", help="published Body Adapter, a .safetensors file")
    parser.add_argument(
        "--out",
        metavar="DIR",
        required=True,
        help="folder for pytorch_lora_weights.safetensors and pose_patch_embedding.safetensors",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there already")


def run(args: argparse.Namespace) -> None:
    """Read the published files, tell what they hold, write them anew."""
    from macedance.commands.output_files import check_output_folder, refuse_existing
    from macedance.models.appearance.published import adapter_from_published, lora_from_published
    from macedance.models.appearance.tensor_files import read_tensors
    from macedance.models.appearance.weights import ADAPTER_FILE, LORA_FILE, save_adapter, save_lora

    if not (args.lora or args.adapter):
        raise ValueError("one of --lora and --adapter must be given; name the file to convert")
    lora_out, adapter_out = Path(args.out, LORA_FILE), Path(args.out, ADAPTER_FILE)
    written = [out for out, source in ((lora_out, args.lora), (adapter_out, args.adapter)) if source]
    refuse_existing("--out", written, args.overwrite)
    lora = lora_from_published(read_tensors(args.lora)[0], args.lora) if args.lora else None
    adapter = adapter_from_published(read_tensors(args.adapter)[0], args.adapter) if args.adapter else None
    check_output_folder("--out", args.out)
    if lora:
        print(f"{args.lora}: {_about_lora(lora)}")
        save_lora(lora_out, lora.state, rank=lora.rank, alpha=lora.alpha)
    if adapter:
        print(f"{args.adapter}: {_about_adapter(adapter)}")
        save_adapter(adapter_out, adapter.state)
    print(f"wrote {' and '.join(map(str, written))}")


def _about_lora(lora: Lora) -> str:
    from macedance.data.inspection.wording import num_of
    from macedance.models.appearance.weight_checks import lora_modules

    modules = lora_modules(lora.state)
    blocks = {module.split(".")[1] for module in modules}
    image = sum("add_" in module for module in modules)
    note = f", {num_of(image, 'layer')} of the image's keys and values among them" if image else ""
    return (
        f"LoRA of rank {lora.rank} and alpha {lora.alpha:g} in {num_of(len(blocks), 'block')}, "
        f"{num_of(len(lora.state), 'tensor')} of {_dtypes(lora.state)}{note}"
    )


def _about_adapter(adapter: PublishedAdapter) -> str:
    from macedance.data.inspection.wording import num_of
    from macedance.models.appearance.weight_checks import ADAPTER_NAMES, few

    width = len(adapter.state[ADAPTER_NAMES[0]])
    left_out = num_of(len(adapter.left_out), "tensor")
    note = f"; left out {left_out} of the face branch: {few(adapter.left_out)}" if adapter.left_out else ""
    return (
        f"Body Adapter of width {width}, {num_of(len(adapter.state), 'tensor')} of "
        f"{_dtypes(adapter.state)}{note}"
    )


def _dtypes(state: Mapping[str, Tensor]) -> str:
    return " and ".join(sorted({str(tensor.dtype).removeprefix("torch.") for tensor in state.values()}))
