"""Files as the published Motion Expert's training writes them, with a scaler of a class that is gone afterwards."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

MODULE = "gone_dataset"


def published_weights(fixtures: Path) -> dict[str, Tensor]:
    """The small published network of the fixture; its heads are 4."""
    with np.load(fixtures / "published_network_forward.npz", allow_pickle=False) as arrays:
        return {
            name.removeprefix("state_dict/"): torch.from_numpy(arrays[name])
            for name in arrays.files
            if name.startswith("state_dict/")
        }


def scaler_fields(minimum: Tensor, maximum: Tensor, convert: Callable[[Tensor], Any] = Tensor.clone) -> dict:
    """What a scaler fitted to this range holds, as scikit-learn's does; a range of 0 counts as 1."""
    extent = maximum - minimum
    scale = 2 / torch.where(extent < 1e-6, 1.0, extent)
    numbers = {
        "scale_": scale,
        "min_": -1 - minimum * scale,
        "data_min_": minimum,
        "data_max_": maximum,
        "data_range_": extent,
    }
    return {
        "feature_range": (-1, 1),
        "clip": True,
        "n_samples_seen_": 7,
        **{name: convert(value) for name, value in numbers.items()},
    }


def save_published(path: Path, weights: dict[str, Tensor], fields: dict, **changed: Any) -> Path:
    """Write such a file; its scaler's module does not exist before and after.

    Args:
        path: Where.
        weights: By their published names; ``model_state_dict`` gets them all one larger.
        fields: What the scaler holds.
        changed: Entries of the file to replace, or with None to leave out.
    """
    module = ModuleType(MODULE)
    for name in ("Normalizer", "MinMaxScaler"):
        setattr(module, name, type(name, (), {"__module__": MODULE}))
    sys.modules[MODULE] = module
    try:
        normalizer, scaler = module.Normalizer(), module.MinMaxScaler()
        scaler.__dict__.update(fields)
        normalizer.scaler = scaler
        content = {
            "ema_state_dict": weights,
            "model_state_dict": {name: tensor + 1 for name, tensor in weights.items()},
            "optimizer_state_dict": {"state": {}, "param_groups": [{"lr": 4e-4, "params": [0]}]},
            "normalizer": normalizer,
            **changed,
        }
        torch.save({name: value for name, value in content.items() if value is not None}, path)
    finally:
        del sys.modules[MODULE]
    return path
