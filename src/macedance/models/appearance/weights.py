"""What training makes of Wan-Animate, as files and back: a LoRA and the Body Adapter (``pose_patch_embedding``).

A LoRA file has diffusers' names and tells its alpha, so ``WanAnimatePipeline.load_lora_weights`` takes it as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers import WanAnimatePipeline, WanAnimateTransformer3DModel
from safetensors.torch import save_file
from torch import Tensor, nn

from macedance.models.appearance.stages import plain_name
from macedance.models.appearance.tensor_files import read_tensors
from macedance.models.appearance.weight_checks import (
    ADAPTER_NAMES,
    check_adapter,
    check_shape,
    few,
    lora_modules,
    lora_rank,
    require_adapter,
)
from macedance.whole_files import renamed_when_complete

LORA_FILE = "pytorch_lora_weights.safetensors"
"""The name by which diffusers finds a LoRA in a folder."""
ADAPTER_FILE = "pose_patch_embedding.safetensors"

_TRANSFORMER = "transformer."
_IMAGE_PROJECTIONS = ("add_k_proj", "add_v_proj")
_METADATA_KEY = "lora_adapter_metadata"
_TRAINED = re.compile(r"(?:transformer\.)?(blocks\.\d+\..+\.lora_[AB])(?:\.\w+)?\.weight")


class Lora(NamedTuple):
    """A LoRA of one rank.

    Attributes:
        state: ``transformer.blocks.N.MODULE.lora_A.weight`` (rank, inputs) and ``lora_B`` (outputs, rank).
        rank: Of every pair.
        alpha: The change of a weight is alpha / rank · lora_B · lora_A.
    """

    state: dict[str, Tensor]
    rank: int
    alpha: float


def lora_state(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The LoRA in a transformer's state dict, under the names of a LoRA file.

    Raises:
        ValueError: There is none, or more than one adapter.
    """
    found: dict[str, Tensor] = {}
    for name, tensor in state_dict.items():
        match = _TRAINED.fullmatch(plain_name(name))
        if match is None:
            continue
        key = f"{_TRANSFORMER}{match[1]}.weight"
        if key in found:
            raise ValueError(f"state_dict must hold one LoRA, got a second one at {name}; delete an adapter")
        found[key] = tensor
    if not found:
        raise ValueError("state_dict must hold a LoRA, got no blocks.N.*.lora_A; add the adapter first")
    return found


def adapter_state(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The Body Adapter's weight and bias in a transformer's state dict.

    Raises:
        ValueError: One of them is missing.
    """
    plain = {plain_name(name).removeprefix(_TRANSFORMER): tensor for name, tensor in state_dict.items()}
    require_adapter(plain, "state_dict")
    return {name: plain[name] for name in ADAPTER_NAMES}


def save_lora(
    path: str | Path,
    lora: Mapping[str, Tensor],
    *,
    rank: int,
    alpha: float,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a LoRA, whole or not at all.

    Args:
        path: The file; :data:`LORA_FILE` is the name that diffusers looks for in a folder.
        lora: As from :func:`lora_state`.
        rank: Of every pair.
        alpha: See :class:`Lora`.
        dtype: To write in; as it is if None.

    Raises:
        ValueError: ``lora`` has other names, or another rank.
    """
    found = lora_rank(lora, "lora")
    if found != rank:
        raise ValueError(f"rank must be that of lora, which is {found}, got {rank}")
    modules = _with_image_projections(lora_modules(lora))
    with renamed_when_complete(path) as partial:
        WanAnimatePipeline.save_lora_weights(
            partial.parent,
            {name.removeprefix(_TRANSFORMER): tensor for name, tensor in _storable(lora, dtype).items()},
            weight_name=partial.name,
            transformer_lora_adapter_metadata=_peft_settings(modules, rank, alpha),
        )


def save_adapter(
    path: str | Path, adapter: Mapping[str, Tensor], *, dtype: torch.dtype | None = None
) -> None:
    """Write a Body Adapter, whole or not at all; ``dtype`` is that to write in, as it is if None.

    Raises:
        ValueError: Weight or bias is missing, or of a wrong shape.
    """
    check_adapter(adapter, "adapter")
    with renamed_when_complete(path) as partial:
        save_file(_storable(adapter, dtype), partial, metadata={"format": "pt"})


def load_lora_file(path: str | Path) -> Lora:
    """Read a LoRA; where a file does not tell its alpha, that is the rank, as in diffusers.

    Args:
        path: The file, or a folder with :data:`LORA_FILE`.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is no LoRA of Wan-Animate in diffusers' layout.
    """
    path = _in_folder(path, LORA_FILE)
    state, metadata = read_tensors(path)
    rank = lora_rank(state, str(path))
    settings = json.loads(metadata.get(_METADATA_KEY, "{}"))
    return Lora(state, rank, settings.get(f"{_TRANSFORMER}lora_alpha", rank))


def load_adapter_file(path: str | Path) -> dict[str, Tensor]:
    """Read a Body Adapter.

    Args:
        path: The file, or a folder with :data:`ADAPTER_FILE`.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It holds something else.
    """
    path = _in_folder(path, ADAPTER_FILE)
    state, _ = read_tensors(path)
    if not state.keys() & set(ADAPTER_NAMES):
        raise ValueError(
            f"{path} must hold {' and '.join(ADAPTER_NAMES)}, got {few(state)}; "
            "'macedance convert reference-appearance' reads the layouts of other programs"
        )
    check_adapter(state, str(path))
    return state


def apply_adapter(transformer: nn.Module, adapter: Mapping[str, Tensor]) -> None:
    """Put a Body Adapter's numbers into the transformer's own, in their dtype and on their device.

    Raises:
        ValueError: It is that of a transformer of another width.
    """
    check_adapter(adapter, "adapter")
    parameters = {plain_name(name): parameter for name, parameter in transformer.named_parameters()}
    for name in ADAPTER_NAMES:
        check_shape(name, adapter[name], tuple(parameters[name].shape))
    with torch.no_grad():
        for name in ADAPTER_NAMES:
            parameters[name].copy_(adapter[name])


def apply_lora(transformer: WanAnimateTransformer3DModel, lora: Mapping[str, Tensor], alpha: float) -> None:
    """Add a LoRA to the transformer's layers, in their dtype, for inference.

    No parameter of the transformer requires a gradient afterwards.

    Raises:
        ValueError: The transformer lacks a layer, or has one of another size.
    """
    rank = lora_rank(lora, "lora")
    for module in lora_modules(lora):
        outputs, inputs = _weight_of(transformer, module).shape
        for side, shape in (("A", (rank, inputs)), ("B", (outputs, rank))):
            name = f"{_TRANSFORMER}{module}.lora_{side}.weight"
            check_shape(name, lora[name], shape)
    settings = _peft_settings(lora_modules(lora), rank, alpha)
    transformer.load_lora_adapter(
        dict(sorted(lora.items())),  # lora_A first: by the first name diffusers knows the layout
        prefix="transformer",
        metadata={f"{_TRANSFORMER}{name}": value for name, value in settings.items()},
    )
    transformer.requires_grad_(False)


def apply_folder(transformer: WanAnimateTransformer3DModel, folder: str | Path) -> None:
    """Put the Body Adapter and the LoRA that lie in a folder into the transformer, whichever are there.

    Raises:
        FileNotFoundError: There is neither.
        ValueError: A file is damaged, or made for a transformer of another size.
    """
    folder = Path(folder)
    if not any((folder / name).is_file() for name in (ADAPTER_FILE, LORA_FILE)):
        raise FileNotFoundError(
            f"{folder} must be a folder with {ADAPTER_FILE} or {LORA_FILE}; "
            "'macedance convert reference-appearance' and 'macedance export' write them"
        )
    if (folder / ADAPTER_FILE).is_file():
        apply_adapter(transformer, load_adapter_file(folder / ADAPTER_FILE))
    if (folder / LORA_FILE).is_file():
        lora = load_lora_file(folder / LORA_FILE)
        apply_lora(transformer, lora.state, lora.alpha)


def _weight_of(transformer: nn.Module, module: str) -> Tensor:
    try:
        layer = transformer.get_submodule(module)
    except AttributeError as error:
        raise ValueError(
            f"lora must be for layers that the transformer has, got {module}; "
            "use the backbone that it was trained on"
        ) from error
    return getattr(layer, "base_layer", layer).weight


def _peft_settings(modules: list[str], rank: int, alpha: float) -> dict[str, Any]:
    return {"r": rank, "lora_alpha": alpha, "target_modules": sorted(modules)}


def _with_image_projections(modules: list[str]) -> list[str]:
    """The layers that a pipeline adapts on loading a LoRA of these.

    To one without the image's keys and values, diffusers adds them as zeros wherever the text's keys are
    adapted. peft warns if the file's settings do not name them.
    """
    if any(module.endswith(_IMAGE_PROJECTIONS) for module in modules):
        return modules
    blocks = [module.removesuffix("to_k") for module in modules if module.endswith("attn2.to_k")]
    return modules + [block + projection for block in blocks for projection in _IMAGE_PROJECTIONS]


def _storable(tensors: Mapping[str, Tensor], dtype: torch.dtype | None) -> dict[str, Tensor]:
    return {
        name: tensor.detach().to(device="cpu", dtype=dtype or tensor.dtype).contiguous()
        for name, tensor in tensors.items()
    }


def _in_folder(path: str | Path, name: str) -> Path:
    path = Path(path)
    return path / name if path.is_dir() else path
