"""What a checkpoint of the Appearance Expert holds, and what its arguments may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from macedance.models.appearance.inputs import RELAYS
from macedance.models.appearance.stages import STAGES

BASE = "base"
"""The name that stands for the backbone's own Body Adapter."""
FINGERPRINT = "base_fingerprint"
DTYPES = ("bfloat16", "float32")


def check_options(
    stage: str, dtype: str, lora_rank: int, relay_weights: Mapping[int, float], num_sampling_steps: int
) -> None:
    """Refuse arguments of the expert before anything is loaded.

    Raises:
        ValueError: A name is unknown or a number out of its range.
    """
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, got {stage!r}")
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    if lora_rank < 1:
        raise ValueError(f"lora_rank must be at least 1, got {lora_rank}; the paper's is 32")
    weights = list(relay_weights.values())
    if set(relay_weights) - set(RELAYS) or min(weights) < 0 or sum(weights) <= 0:
        raise ValueError(
            f"relay_weights must map some of {', '.join(map(str, RELAYS))} to weights that are not negative "
            f"nor all 0, got {dict(relay_weights)}"
        )
    if num_sampling_steps < 1:
        raise ValueError(f"num_sampling_steps must be at least 1, got {num_sampling_steps}")


def fingerprint_tensor(fingerprint: str) -> dict[str, Tensor]:
    """A fingerprint as a member of a state: bytes in a tensor, which every format of weights can hold."""
    return {FINGERPRINT: torch.tensor(list(fingerprint.encode()), dtype=torch.uint8)}


def split_fingerprint(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str | None]:
    """Weights, and the fingerprint of the backbone that they belong to; None if the state does not tell."""
    weights = {name: value for name, value in state.items() if name != FINGERPRINT}
    found = state.get(FINGERPRINT)
    return weights, None if found is None else bytes(found.tolist()).decode()


def trained_weights(path_or_id: str | Path) -> dict[str, Tensor]:
    """The Body Adapter in a checkpoint, an export, or a safetensors file of it alone; a LoRA is left out.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: It holds no Body Adapter.
    """
    from macedance.lightning_modules.loading import read_weights
    from macedance.models.appearance.weights import ADAPTER_FILE, adapter_state, load_adapter_file

    path = Path(path_or_id)
    is_adapter_alone = path.suffix == ".safetensors" or (
        path.is_dir() and (path / ADAPTER_FILE).is_file() and not (path / "model.safetensors").is_file()
    )
    if is_adapter_alone:
        return load_adapter_file(path)
    state = read_weights(path_or_id)
    fingerprint = {name: value for name, value in state.items() if name == FINGERPRINT}
    return adapter_state({name: value for name, value in state.items() if name != FINGERPRINT}) | fingerprint
