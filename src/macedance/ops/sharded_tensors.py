"""Tensors of which each rank holds a part, as FSDP2 makes them (DTensor), beside whole ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor
from torch.distributed.tensor._utils import compute_local_shape_and_global_offset


def local_part(tensor: Tensor) -> Tensor:
    """What this rank holds of a tensor, in the same memory: all of it unless it is sharded."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def local_slices(tensor: Tensor) -> tuple[slice, ...]:
    """Where in the whole tensor the part of this rank lies."""
    if not isinstance(tensor, DTensor):
        return tuple(slice(0, size) for size in tensor.shape)
    sizes, offsets = compute_local_shape_and_global_offset(
        tensor.shape, tensor.device_mesh, tensor.placements
    )
    return tuple(slice(offset, offset + size) for size, offset in zip(sizes, offsets, strict=True))


@torch.no_grad()
def copy_whole(target: Tensor, source: Tensor) -> None:
    """Put a whole tensor, which every rank has, or an equally sharded one, into one that may be sharded.

    Raises:
        ValueError: The shapes differ.
    """
    if source.shape != target.shape:
        raise ValueError(f"source must be of the shape {tuple(target.shape)}, got {tuple(source.shape)}")
    own = source.to_local() if isinstance(source, DTensor) else source[local_slices(target)]
    local_part(target).copy_(own)


def shard_like(whole: Tensor, template: Tensor) -> Tensor:
    """A whole tensor sharded as another one of its shape is; of whole templates, the tensor itself."""
    if not isinstance(template, DTensor) or isinstance(whole, DTensor):
        return whole
    made = torch.empty_like(template, dtype=whole.dtype)
    copy_whole(made, whole)
    return made


def is_sharded(module: nn.Module) -> bool:
    """Whether any part of a module is sharded by FSDP2."""
    return any(isinstance(part, FSDPModule) for part in module.modules())


def reshard(module: nn.Module) -> None:
    """Give up gathered parameters, so that ``parameters()`` are the sharded ones.

    After a forward pass without gradients, the outermost group stays gathered. What changes parameters in place,
    or reads them, would meet copies that the next pass does not see.
    """
    for part in module.modules():
        if isinstance(part, FSDPModule):
            part.reshard()
