"""A short name for a frozen backbone, so that what was trained on one is not put into another."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import torch
from torch import Tensor, nn

from macedance.models.appearance.stages import BODY_ADAPTER, plain_name

_NUM_VALUES, _NUM_DIGITS = 64, 16


def base_fingerprint(transformer: nn.Module) -> str:
    """16 hexadecimal digits that tell the frozen weights of a transformer from those of another.

    The same for any device and dtype that holds bfloat16's values, and with or without LoRA; the Body Adapter does
    not count. It looks at the names, the shapes and up to 64 evenly spread values of every parameter, so a change
    elsewhere in a tensor goes unseen. To be taken before the parameters are sharded.
    """
    frozen = dict(sorted(_frozen_parameters(transformer)))
    digest = hashlib.sha256()
    for name, parameter in frozen.items():
        digest.update(f"{name} {tuple(parameter.shape)}\n".encode())
    for values in _on_cpu([_spread_values(parameter) for parameter in frozen.values()]):
        digest.update(values.view(torch.int16).numpy().tobytes())
    return digest.hexdigest()[:_NUM_DIGITS]


def check_fingerprint(found: str, expected: str, what: str) -> None:
    """Refuse a backbone that is not the one on which something was trained.

    Args:
        found: Of the backbone at hand.
        expected: Of the backbone that training knew.
        what: What was trained: "the LoRA", for example.

    Raises:
        ValueError: They differ.
    """
    if found != expected:
        raise ValueError(
            f"{what} must be used with the backbone that it was trained on, whose fingerprint is {expected}, "
            f"got a backbone with {found}; name the former, or train anew on this one"
        )


def _frozen_parameters(transformer: nn.Module) -> list[tuple[str, Tensor]]:
    plain = (
        (plain_name(name).replace(".base_layer.", "."), tensor)
        for name, tensor in transformer.named_parameters()
    )
    return [
        (name, tensor)
        for name, tensor in plain
        if ".lora_" not in name and not name.startswith(f"{BODY_ADAPTER}.")
    ]


def _spread_values(parameter: Tensor) -> Tensor:
    """Up to 64 values in bfloat16, the first included."""
    stride = max(1, -(-parameter.numel() // _NUM_VALUES))
    return parameter.detach().flatten()[::stride].to(torch.bfloat16)


def _on_cpu(pieces: list[Tensor]) -> list[Tensor]:
    """The same tensors, copied together from each device."""
    by_device: dict[torch.device, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        by_device[piece.device].append(index)
    copies = list(pieces)
    for indices in by_device.values():
        together = torch.cat([pieces[index] for index in indices]).cpu()
        parts = together.split([len(pieces[index]) for index in indices])
        for index, part in zip(indices, parts, strict=True):
            copies[index] = part
    return copies
