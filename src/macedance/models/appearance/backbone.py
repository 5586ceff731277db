"""Wan-Animate from a folder or the hub, whole or in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLWan,
    UniPCMultistepScheduler,
    WanAnimatePipeline,
    WanAnimateTransformer3DModel,
)

from macedance.hub_loading import hub_folder
from macedance.models.appearance.tiny import TINY, tiny_backbone, tiny_transformer

DEFAULT_BACKBONE = "Wan-AI/Wan2.2-Animate-14B-Diffusers"
TRANSFORMER_CONFIG = "transformer/config.json"


def load_backbone(
    path_or_id: str | Path,
    *,
    dtype: torch.dtype = torch.bfloat16,
    with_transformer: bool = True,
) -> WanAnimatePipeline:
    """The whole pipeline, on the CPU; the VAE and the image encoder in float32, as Wan's authors run them.

    Args:
        path_or_id: A folder in diffusers' layout, the id of one on the Hugging Face hub, or ``tiny`` for
            :func:`~macedance.models.appearance.tiny.tiny_backbone`, which is float32 throughout.
        dtype: Of the transformer and the text encoder.
        with_transformer: Whether the transformer is wanted; encoding needs none.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    if str(path_or_id) == TINY:
        return tiny_backbone()
    types = {"default": dtype, "vae": torch.float32, "image_encoder": torch.float32}
    without: dict[str, Any] = {} if with_transformer else {"transformer": None}
    return _load(WanAnimatePipeline, path_or_id, "model_index.json", torch_dtype=types, **without)


def load_transformer(path_or_id: str | Path, *, dtype: torch.dtype) -> WanAnimateTransformer3DModel:
    """The transformer alone, in eval mode; norms and embeddings of time stay in float32 whatever ``dtype`` is.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    if str(path_or_id) == TINY:
        return cast_transformer(tiny_backbone().transformer, dtype)
    return _load(
        WanAnimateTransformer3DModel,
        path_or_id,
        TRANSFORMER_CONFIG,
        subfolder="transformer",
        torch_dtype=dtype,
    )


def initial_transformer(path_or_id: str | Path) -> WanAnimateTransformer3DModel:
    """The transformer with the sizes of a backbone and the numbers that torch begins with, wherever those go now.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    if str(path_or_id) == TINY:
        return tiny_transformer()
    config = WanAnimateTransformer3DModel.load_config(
        backbone_folder(path_or_id, [TRANSFORMER_CONFIG]) / TRANSFORMER_CONFIG
    )
    return WanAnimateTransformer3DModel.from_config(config)


def backbone_folder(path_or_id: str | Path, file_names: list[str]) -> Path:
    """The folder of a backbone; of one on the hub, the files of these names or patterns are fetched.

    Raises:
        FileNotFoundError: There is nothing of that name, or no transformer in it.
    """
    check_layout(path_or_id, TRANSFORMER_CONFIG)
    folder = Path(path_or_id)
    return folder if folder.is_dir() else hub_folder(str(path_or_id), file_names)


def load_decoder(path_or_id: str | Path) -> tuple[AutoencoderKLWan, UniPCMultistepScheduler]:
    """The VAE, in float32, and the scheduler: what makes videos of a transformer's latents.

    Raises:
        FileNotFoundError: There is nothing of that name.
    """
    if str(path_or_id) == TINY:
        pipeline = tiny_backbone()
        return pipeline.vae, pipeline.scheduler
    vae = _load(AutoencoderKLWan, path_or_id, "vae/config.json", subfolder="vae", torch_dtype=torch.float32)
    scheduler = UniPCMultistepScheduler.from_pretrained(str(path_or_id), subfolder="scheduler")
    return vae, scheduler


def cast_transformer(
    transformer: WanAnimateTransformer3DModel, dtype: torch.dtype
) -> WanAnimateTransformer3DModel:
    """The transformer in ``dtype``, but for what loading from a file would leave in float32."""
    kept = transformer._keep_in_fp32_modules
    for name, parameter in transformer.named_parameters():
        if not any(part in name.split(".") for part in kept):
            parameter.data = parameter.data.to(dtype)
    return transformer


def check_layout(path_or_id: str | Path, file: str) -> None:
    """Refuse a folder that is there but holds no Wan-Animate.

    Raises:
        FileNotFoundError: It lacks ``file``.
    """
    folder = Path(path_or_id)
    if folder.exists() and not (folder / file).is_file():
        raise FileNotFoundError(
            f"backbone: {folder} is no Wan-Animate in diffusers' layout: it has no {file}; give the folder with "
            f"model_index.json, the hub id {DEFAULT_BACKBONE}, or '{TINY}'"
        )


def _load(part: Any, path_or_id: str | Path, file: str, **options: Any) -> Any:
    check_layout(path_or_id, file)
    try:
        return part.from_pretrained(str(path_or_id), use_safetensors=True, **options)
    except OSError as error:
        reason = str(error).strip().partition("\n")[0]
        raise FileNotFoundError(
            f"backbone: {path_or_id} cannot be loaded ({reason}); give a folder in diffusers' layout, the hub id "
            f"{DEFAULT_BACKBONE}, or '{TINY}'"
        ) from error
