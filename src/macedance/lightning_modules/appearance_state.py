"""What a checkpoint of the Appearance Expert holds, and what its arguments may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from macedance.diffusion.flow_matching import NUM_TIMESTEPS
from macedance.models.appearance.inputs import RELAYS
from macedance.models.appearance.stages import STAGES

BASE = "base"
"""The name that stands for the backbone's own Body Adapter."""
FINGERPRINT = "base_fingerprint"
FLOAT_TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def check_options(stage: str, dtype: str, lora_rank: int, relay_weights: Mapping[int, float]) -> None:
    """Refuse arguments of the expert before anything is loaded.

    Raises:
        ValueError: A name is unknown or a number out of its range.
    """
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, got {stage!r}")
    if dtype not in FLOAT_TYPES:
        raise ValueError(f"dtype must be one of {', '.join(FLOAT_TYPES)}, got {dtype!r}")
    if lora_rank < 1:
        raise ValueError(f"lora_rank must be at least 1, got {lora_rank}; the paper's is 32")
    weights = list(relay_weights.values())
    if set(relay_weights) - set(RELAYS) or min(weights) < 0 or sum(weights) <= 0:
        raise ValueError(
            f"relay_weights must map some of {', '.join(map(str, RELAYS))} to weights that are not negative "
            f"nor all 0, got {dict(relay_weights)}"
        )


def check_generation(num_sampling_steps: int, num_validation_clips: int, fps: float) -> None:
    """Refuse what the clips of a validation could not be made with, before training comes to it.

    Raises:
        ValueError: A number is out of its range.
    """
    if not 1 <= num_sampling_steps <= NUM_TIMESTEPS:
        raise ValueError(f"num_sampling_steps must lie in 1..{NUM_TIMESTEPS}, got {num_sampling_steps}")
    if num_validation_clips < 0:
        raise ValueError(f"num_validation_clips must not be negative, got {num_validation_clips}")
    if not 0 < fps < float("inf"):
        raise ValueError(f"fps must be positive, got {fps}")


def check_precision(precision: str) -> None:
    """Refuse a trainer that would take the float32 from what trains.

    Raises:
        ValueError: It casts the whole module.
    """
    if precision.endswith("-true") and precision != "32-true":
        raise ValueError(
            f"trainer.precision must be 32-true, which leaves the masters in float32, got {precision}; the frozen "
            "weights' own type is --model.init_args.dtype"
        )


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
