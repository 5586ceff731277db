"""A short name for a frozen backbone, so that what was trained on one is not put into another."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict

import torch
from torch import Tensor, distributed, nn
from torch.distributed.tensor import DTensor

from macedance.models.appearance.stages import BODY_ADAPTER, plain_name
from macedance.ops.sharded_tensors import local_slices

_NUM_VALUES, _NUM_DIGITS = 64, 16


def base_fingerprint(transformer: nn.Module) -> str:
    """16 hexadecimal digits that tell the frozen weights of a transformer from those of another.

    The same for any device and dtype that holds bfloat16's values, and with or without LoRA; the Body Adapter does
    not count. It looks at the names, the shapes and up to 64 evenly spread values of every parameter, so a change
    elsewhere in a tensor goes unseen. Of sharded parameters all ranks must ask for it together.
    """
    frozen = dict(sorted(_frozen_parameters(transformer)))
    digest = hashlib.sha256()
    for name, parameter in frozen.items():
        digest.update(f"{name} {tuple(parameter.shape)}\n".encode())
    pieces = _on_cpu([_spread_values(parameter) for parameter in frozen.values()])
    if any(isinstance(parameter, DTensor) for parameter in frozen.values()):
        pieces = _summed_over_ranks(pieces, list(frozen.values()))
    for values in pieces:
        digest.update(values.numpy().tobytes())
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
    """The bits of up to 64 values in bfloat16, the first included; 0 for those that another rank holds."""
    stride = max(1, -(-parameter.numel() // _NUM_VALUES))
    if not isinstance(parameter, DTensor):
        return parameter.detach().flatten()[::stride].to(torch.bfloat16).view(torch.int16)
    own = parameter.detach().to_local().flatten()
    before = local_slices(parameter)[0].start * math.prod(parameter.shape[1:])
    bits = torch.zeros(-(-parameter.numel() // stride), dtype=torch.int16, device=own.device)
    first = -(-before // stride)
    found = own[first * stride - before :: stride].to(torch.bfloat16).view(torch.int16)
    bits[first : first + len(found)] = found
    return bits


def _summed_over_ranks(pieces: list[Tensor], parameters: list[Tensor]) -> list[Tensor]:
    """The pieces of all ranks together; what is whole on each of them counts once."""
    is_first = distributed.get_rank() == 0
    counted = [
        piece if isinstance(parameter, DTensor) or is_first else torch.zeros_like(piece)
        for piece, parameter in zip(pieces, parameters, strict=True)
    ]
    gathered: list[Tensor | None] = [None] * distributed.get_world_size()
    distributed.all_gather_object(gathered, torch.cat(counted))
    total = torch.stack([piece for piece in gathered if piece is not None]).sum(dim=0, dtype=torch.int16)
    return list(total.split([len(piece) for piece in pieces]))


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
