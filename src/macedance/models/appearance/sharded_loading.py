"""Wan-Animate's transformer without its weights, and its weights slice by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import WanAnimateTransformer3DModel
from safetensors import safe_open
from torch import Tensor, nn

from macedance.models.appearance.backbone import (
    TRANSFORMER_CONFIG,
    backbone_folder,
    cast_transformer,
    initial_transformer,
)
from macedance.models.appearance.stages import plain_name
from macedance.models.appearance.tiny import TINY, tiny_backbone
from macedance.ops.sharded_tensors import local_part, local_slices


def empty_transformer(path_or_id: str | Path, *, dtype: torch.dtype) -> WanAnimateTransformer3DModel:
    """The transformer with parameters on the meta device, and buffers, which are in no file, as they must be.

    Args:
        path_or_id: As of :func:`~macedance.models.appearance.backbone.load_transformer`.
        dtype: Of the parameters; norms and embeddings of time stay in float32.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    with init_empty_weights(include_buffers=False):
        transformer = initial_transformer(path_or_id)
    return cast_transformer(transformer, dtype).eval()


@torch.no_grad()
def load_slices(transformer: nn.Module, path_or_id: str | Path) -> None:
    """Fill a transformer from the files, of each tensor with no more than this rank's part.

    A LoRA, which is in no file, stays as it is.

    Args:
        transformer: Made by :func:`empty_transformer`, perhaps prepared for a stage; sharded or not.
        path_or_id: What it was made of.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The files lack a tensor, or have one of another shape.
    """
    with ExitStack() as files:
        stored = _tiny_tensors() if str(path_or_id) == TINY else _open_files(path_or_id, files)
        for name, parameter in _parameters_in_files(transformer):
            if name not in stored:
                raise ValueError(f"backbone: {path_or_id} lacks {name}; fetch its files again")
            whole = stored[name]
            shape = tuple(whole.shape) if isinstance(whole, Tensor) else tuple(whole.get_shape())
            if shape != tuple(parameter.shape):
                raise ValueError(
                    f"backbone: {name} of {path_or_id} must have the shape {tuple(parameter.shape)}, got {shape}"
                )
            local_part(parameter).copy_(whole[local_slices(parameter)])


def _parameters_in_files(transformer: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in transformer.named_parameters():
        plain = plain_name(name).replace(".base_layer.", ".")
        if ".lora_" not in plain:
            yield plain, parameter


def _tiny_tensors() -> Mapping[str, Any]:
    return dict(tiny_backbone().transformer.state_dict())


def _open_files(path_or_id: str | Path, files: ExitStack) -> Mapping[str, Any]:
    """By name, what reads slices of each tensor."""
    folder = backbone_folder(path_or_id, [TRANSFORMER_CONFIG, "transformer/*.safetensors"]) / "transformer"
    stored: dict[str, Any] = {}
    for path in sorted(folder.glob("*.safetensors")):
        file = files.enter_context(safe_open(path, framework="pt"))
        stored |= {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    if not stored:
        raise FileNotFoundError(f"backbone: {folder} holds no safetensors; fetch its files again")
    return stored
