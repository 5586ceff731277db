"""What FSDP2 gathers of an expert at once: memory that each rank takes beyond its shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from macedance.distributed.sharding import Shardable, shard_by_default


@dataclass(frozen=True)
class ShardedGroup:
    """Parameters that are gathered together.

    Attributes:
        module: Whose call gathers them.
        methods: Other methods of it that do.
        parameters: All of the module's that no group before has.
        holds_others: Whether it contains other groups' modules, and so stays gathered from the forward pass to the
            end of the backward pass.
    """

    module: nn.Module
    methods: tuple[str, ...]
    parameters: tuple[nn.Parameter, ...]
    holds_others: bool


def sharded_groups(expert: nn.Module) -> list[ShardedGroup]:
    """The groups that :func:`~macedance.distributed.sharding.shard_expert` would make, without making them."""
    groups: list[ShardedGroup] = []
    taken: set[nn.Parameter] = set()

    def shard(module: nn.Module, *, methods: Sequence[str] = ()) -> None:
        parameters = tuple(parameter for parameter in module.parameters() if parameter not in taken)
        if parameters:
            inside = set(module.modules())
            holds_others = any(group.module in inside for group in groups)
            groups.append(ShardedGroup(module, tuple(methods), parameters, holds_others))
            taken.update(parameters)

    if isinstance(expert, Shardable):
        expert.configure_sharding(shard)
    else:
        shard_by_default(expert, shard)
    return groups


def gathered_bytes(
    groups: Sequence[ShardedGroup],
    *,
    param_dtype: torch.dtype | None,
    reduce_dtype: torch.dtype | None,
    reshard_after_forward: bool,
) -> int:
    """The most of parameters and whole gradients that lie gathered while a block computes.

    Groups that hold others stay gathered, and so do blocks that are not resharded. Of other blocks there are two: one
    computes, one is on its way. Of the block whose gradients are large there are these, and a copy in the type in
    which they are summed.
    """
    kept = [group for group in groups if group.holds_others or not reshard_after_forward]
    passing = [group for group in groups if group not in kept]
    sizes = sorted((_size(group, param_dtype) for group in passing), reverse=True)
    on_its_way = (
        sum(sizes[:2]) if passing else max((_size(group, param_dtype) for group in groups), default=0)
    )
    gradients = max(
        (
            _size(group, param_dtype, trained=True) + _size(group, reduce_dtype or param_dtype, trained=True)
            for group in groups
        ),
        default=0,
    )
    return sum(_size(group, param_dtype) for group in kept) + on_its_way + gradients


def compute_in(groups: Sequence[ShardedGroup], dtype: torch.dtype) -> None:
    """Let each group's module, whose parameters have that type already, cast its inputs to it, as FSDP2 does."""

    def cast(*values: Any) -> Any:
        return tree_map_only(Tensor, lambda x: x.to(dtype) if x.is_floating_point() else x, values)

    def casting(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def called(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = cast(args, kwargs)
            return method(*args, **kwargs)

        return called

    for group in groups:
        for name in ("forward", *group.methods):
            setattr(group.module, name, casting(getattr(group.module, name)))


def _size(group: ShardedGroup, dtype: torch.dtype | None, *, trained: bool = False) -> int:
    parameters = [p for p in group.parameters if p.requires_grad or not trained]
    return sum(parameter.numel() * (dtype or parameter.dtype).itemsize for parameter in parameters)
