"""What a training takes of each GPU's memory, from what its expert takes and how that is spread over GPUs.

Whatever is true of several steps alike is counted: gradients are kept from step to step, as DDP's buckets,
accumulation and Lightning's order of things keep them through most of a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import lightning as L
import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor

from macedance.callbacks.weight_averaging import ExponentialMovingAverage
from macedance.distributed.gathered_memory import ShardedGroup, compute_in, gathered_bytes, sharded_groups
from macedance.lightning_modules.step_rehearsal import OptimizerMemory, StepRehearsal

GIB = 1 << 30


@dataclass(frozen=True)
class Spread:
    """How a trainer spreads an expert over GPUs.

    Attributes:
        kind: Whole on each GPU, alone (``single``) or with averaged gradients (``ddp``), or in shards (``fsdp2``).
        num_gpus: How many there are.
        has_own_buckets: Whether DDP sends gradients from a second copy.
        param_dtype: As of :class:`~macedance.distributed.FSDP2Strategy`, like what follows.
        reduce_dtype: Type in which gradients are summed.
        reshard_after_forward: Whether blocks give up what they gathered until the backward pass.
        cpu_offload: Whether shards lie in the CPU's memory.
    """

    kind: Literal["single", "ddp", "fsdp2"]
    num_gpus: int
    has_own_buckets: bool = False
    param_dtype: torch.dtype | None = None
    reduce_dtype: torch.dtype | None = None
    reshard_after_forward: bool = True
    cpu_offload: bool = False


@dataclass(frozen=True)
class Activations:
    """The most that forward and backward pass take, for two sizes of batch; in between and beyond it is a line.

    Attributes:
        num_samples: The smaller batch, on one GPU.
        num_bytes: Of that.
        of_twice: Of twice as many samples.
    """

    num_samples: int
    num_bytes: int
    of_twice: int

    def most_samples(self, num_bytes: int) -> int | None:
        """How many samples on a GPU take no more than that many bytes; None if twice as many take no more."""
        per_sample = (self.of_twice - self.num_bytes) / self.num_samples
        if per_sample <= 0:
            return None
        return max(0, int(self.num_samples + (num_bytes - self.num_bytes) / per_sample))


@dataclass(frozen=True)
class ExpertMemory:
    """Bytes of a whole expert in training.

    Attributes:
        frozen: Of parameters that do not train, and of buffers.
        trained: Of parameters that do; so many are their gradients.
        averaged: Of the weights' average.
        optimizer: Of the optimizer.
        activations: None if the expert cannot tell.
        groups: What FSDP2 would gather together.
    """

    frozen: int
    trained: int
    averaged: int
    optimizer: OptimizerMemory
    activations: Activations | None
    groups: Sequence[ShardedGroup]


@dataclass(frozen=True)
class MemoryPlan:
    """Bytes on each GPU. What is held is there throughout; the rest comes on top, at one of two moments.

    Attributes:
        held: By what it is for.
        gathered: Parameters and gradients that FSDP2 gathers in forward and backward pass.
        activations: The most in forward and backward pass; None if unknown.
        temporaries: Of the optimizer, when it steps.
    """

    held: dict[str, int]
    gathered: int
    activations: int | None
    temporaries: int

    @property
    def peak_is_in_optimizer(self) -> bool:
        """Whether the optimizer's step takes more than forward and backward pass."""
        return self.temporaries > self.gathered + (self.activations or 0)

    @property
    def total(self) -> int:
        """At the peak."""
        return sum(self.held.values()) + max(self.temporaries, self.gathered + (self.activations or 0))


def measure_expert(
    expert: L.LightningModule,
    step_of: Callable[[int], Callable[[], Tensor]] | None,
    num_samples: int,
    *,
    spread: Spread,
    precision: str,
    scan: str,
    callbacks: Iterable[type],
) -> ExpertMemory:
    """Count what an expert takes, by a rehearsal of its training step.

    Args:
        expert: On the meta device; it is of no use afterwards.
        step_of: What computes the loss of so many samples; None if the expert cannot tell.
        num_samples: On one GPU.
        spread: Of it, only what changes the types in which is computed counts.
        precision: The trainer's.
        scan: Backend of the selective scan.
        callbacks: Classes of the trainer's callbacks.

    Raises:
        ValueError: It has nothing to train.
    """
    groups = sharded_groups(expert)
    rehearsal = StepRehearsal(expert, precision=precision, scan=scan)
    trained = _size(parameter for parameter in expert.parameters() if parameter.requires_grad)
    whole = _size([*expert.parameters(), *expert.buffers()])
    if not trained:
        raise ValueError(f"model must have parameters that train, but {type(expert).__name__} has none")
    optimizer = rehearsal.optimizer_memory(expert.configure_optimizers)
    callbacks = [*callbacks, *map(type, _as_list(expert.configure_callbacks()))]
    averaged = trained * any(issubclass(kind, ExponentialMovingAverage) for kind in callbacks)
    averaged += whole * any(issubclass(kind, WeightAveraging) for kind in callbacks)
    activations = None
    if step_of is not None:
        if spread.kind == "fsdp2" and spread.param_dtype:
            rehearsal.cast(spread.param_dtype)
            compute_in(groups, spread.param_dtype)
        counted = [rehearsal.activation_bytes(step_of(number)) for number in (num_samples, 2 * num_samples)]
        activations = Activations(num_samples, *counted)
    return ExpertMemory(whole - trained, trained, averaged, optimizer, activations, groups)


def plan_memory(expert: ExpertMemory, spread: Spread) -> MemoryPlan:
    """What an expert takes on each GPU when it is spread like that."""
    is_sharded = spread.kind == "fsdp2"
    share = 1 / spread.num_gpus if is_sharded else 1
    if is_sharded and spread.cpu_offload:
        share = 0
    sizes = {
        "frozen_weights": expert.frozen,
        "trained_weights": expert.trained,
        "gradients": expert.trained,
        "optimizer_state": expert.optimizer.state,
        "weight_average": expert.averaged,
    }
    held = {name: round(size * share) for name, size in sizes.items()}
    held["ddp_buckets"] = expert.trained if spread.kind == "ddp" and spread.has_own_buckets else 0
    gathered = 0
    if is_sharded:
        gathered = gathered_bytes(
            expert.groups,
            param_dtype=spread.param_dtype,
            reduce_dtype=spread.reduce_dtype,
            reshard_after_forward=spread.reshard_after_forward,
        )
    activations = None if expert.activations is None else expert.activations.num_bytes
    return MemoryPlan(held, gathered, activations, round(expert.optimizer.temporaries * share))


def _size(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _as_list(callbacks: L.Callback | Sequence[L.Callback]) -> Sequence[L.Callback]:
    return [callbacks] if isinstance(callbacks, L.Callback) else callbacks
