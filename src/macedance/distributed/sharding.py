"""Which modules of an expert are sharded, and how."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, distributed, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor

_CONTAINERS = (nn.ModuleList, nn.ModuleDict)


class Shard(Protocol):
    """Shards one module as a group: its parameters are gathered together when it is called."""

    def __call__(self, module: nn.Module, *, methods: Sequence[str] = ()) -> None:
        """Shard what is not sharded yet of a module.

        Args:
            module: A module that is called as such.
            methods: Other methods that may be called from outside, and use parameters of the group. They must not
                call one another, nor be called by ``forward``.
        """


@runtime_checkable
class Shardable(Protocol):
    """An expert that says itself what is sharded."""

    def configure_sharding(self, shard: Shard) -> None:
        """Call ``shard`` for each block, then for what holds them."""


def shard_expert(
    expert: nn.Module,
    *,
    precision: MixedPrecisionPolicy,
    reshard_after_forward: bool = True,
    **policy: Any,
) -> None:
    """Shard an expert by FSDP2, block by block.

    An expert may say by ``configure_sharding`` what is sharded; of others it is each element of the outermost
    :class:`torch.nn.ModuleList` s, then each child that has parameters left.

    Args:
        expert: The module; parameters may be on the meta device.
        precision: What is computed in which type; its ``output_dtype`` is of what holds the blocks.
        reshard_after_forward: Whether blocks give up gathered parameters until the backward pass.
        **policy: Further options of :func:`torch.distributed.fsdp.fully_shard`.

    Raises:
        ValueError: It has no parameters, or one that trains remains whole.
    """
    of_blocks = {
        "mp_policy": dataclasses.replace(precision, output_dtype=None),
        "reshard_after_forward": reshard_after_forward,
    }

    def shard(module: nn.Module, *, methods: Sequence[str] = ()) -> None:
        is_block = not any(isinstance(part, FSDPModule) for part in module.modules())
        is_block &= not any(module is child for child in expert.children())
        fully_shard(module, **(of_blocks if is_block else {"mp_policy": precision}), **policy)
        for method in methods:
            register_fsdp_forward_method(module, method)

    if not any(True for _ in expert.parameters()):
        raise ValueError(
            f"strategy shards parameters, but {type(expert).__name__} has none; use configs/trainer/ddp.yaml"
        )
    tied = _tied_names(expert)
    if isinstance(expert, Shardable):
        expert.configure_sharding(shard)
    else:
        shard_by_default(expert, shard)
    whole = [name for name, parameter in expert.named_parameters() if not isinstance(parameter, DTensor)]
    if whole:
        raise ValueError(
            f"{type(expert).__name__} must have each parameter sharded, but {whole[0]} is whole; let its method "
            "configure_sharding(shard) call shard() for a module that holds it and is called as such"
        )
    untied = [names for names in tied if expert.get_parameter(names[0]) is not expert.get_parameter(names[1])]
    if untied:
        raise ValueError(
            f"{type(expert).__name__} has one parameter as {' and '.join(untied[0])}, which must be in one group; "
            "let its method configure_sharding(shard) call shard() for a module that holds both"
        )


def shard_by_default(expert: nn.Module, shard: Shard) -> None:
    """Shard each element of the outermost :class:`torch.nn.ModuleList` s, then each child with parameters left."""
    for block in _outermost_blocks(expert):
        if _has_whole_parameters(block):
            shard(block)
    for child in _called_children(expert):
        if _has_whole_parameters(child):
            shard(child)


def broadcast_weights(expert: nn.Module) -> None:
    """Give every rank the parameters and buffers of the first, as DDP does; of those on the meta device, none."""
    for tensor in _tensors(expert):
        if tensor.is_meta or not tensor.numel() or _repeats_itself(tensor):
            continue
        sent = tensor.detach().contiguous()
        distributed.broadcast(sent.reshape(-1).view(torch.uint8), src=0)
        if not tensor.is_contiguous():
            tensor.detach().copy_(sent)


def fill_with_memory(expert: nn.Module, device: torch.device, *, keep_parameters_on_cpu: bool) -> None:
    """Give parameters on the meta device memory, without values, and move the rest.

    Buffers keep their values: those that are not in any file, such as tables of angles, have no others.

    Args:
        expert: A sharded module.
        device: Where to put everything.
        keep_parameters_on_cpu: Whether sharded parameters stay on the CPU.
    """

    def moved(tensor: Tensor) -> Tensor:
        stays = keep_parameters_on_cpu and isinstance(tensor, DTensor)
        target = torch.device("cpu") if stays else device
        return torch.empty_like(tensor, device=target) if tensor.is_meta else tensor.to(target)

    expert._apply(moved)


def _outermost_blocks(module: nn.Module) -> Iterator[nn.Module]:
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            for element in child:
                if isinstance(element, nn.ModuleList):
                    yield from _outermost_blocks(nn.ModuleList([element]))
                elif isinstance(element, nn.ModuleDict):
                    yield from element.values()
                else:
                    yield element
        else:
            yield from _outermost_blocks(child)


def _called_children(module: nn.Module) -> Iterator[nn.Module]:
    """Children, those of containers in place of them."""
    for child in module.children():
        if isinstance(child, _CONTAINERS):
            yield from _called_children(child)
        else:
            yield child


def _tied_names(module: nn.Module) -> list[list[str]]:
    """Names of each parameter that has several."""
    names: dict[nn.Parameter, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    return [several for several in names.values() if len(several) > 1]


def _repeats_itself(tensor: Tensor) -> bool:
    """Whether it was expanded, as constant tables are: it cannot be written to."""
    return any(stride == 0 and size > 1 for stride, size in zip(tensor.stride(), tensor.shape, strict=True))


def _has_whole_parameters(module: nn.Module) -> bool:
    return any(not isinstance(parameter, DTensor) for parameter in module.parameters())


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    yield from module.buffers()
