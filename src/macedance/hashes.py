"""Digests (sha256 in hexadecimal) that tell whether settings, weights and files are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from macedance.json_files import json_ready


def config_hash(settings: Mapping[str, Any]) -> str:
    """Digest of settings, whatever the order of their keys.

    Args:
        settings: What JSON can hold, or what has a sensible ``str``, such as paths.

    >>> config_hash({"steps": 50, "size": (480, 832)}) == config_hash({"size": [480, 832], "steps": 50})
    True
    """
    canonical = json.dumps(json_ready(dict(settings)), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def weights_hash(module: Any) -> str | None:
    """Digest of the names, types, shapes and values in a ``state_dict``, on whatever device; None without weights.

    Of sharded weights it is that of the whole, for which all ranks must ask together.

    >>> weights_hash(object())
    """
    return state_hash(module.state_dict()) if hasattr(module, "state_dict") else None


def state_hash(state: Mapping[str, Any]) -> str | None:
    """:func:`weights_hash` of the module that has this ``state_dict``.

    >>> state_hash({})
    """
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    if not tensors:
        return None
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        whole = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        digest.update(whole.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def file_hash(path: str | Path) -> str:
    """Digest of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
