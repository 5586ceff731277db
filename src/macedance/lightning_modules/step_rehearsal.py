"""A training step without values: its operators run on shapes alone, and the memory that they take is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode, unset_fake_temporarily
from torch.autograd.graph import get_gradient_edge
from torch.optim import Optimizer
from torch.overrides import TorchFunctionMode

from macedance.ops.gpu_kernels import gpu_kernels
from macedance.ops.live_memory import LiveMemory

AUTOCAST = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
"""Of the trainer's precisions, those that leave parameters as they are and cast where they are used."""
TRUE_TYPES = {"bf16-true": torch.bfloat16, "16-true": torch.float16, "64-true": torch.float64}
"""Those in which the whole expert is stored."""


@runtime_checkable
class Rehearsable(Protocol):
    """An expert whose training step can be rehearsed."""

    def rehearsal(self, num_samples: int, data: Mapping[str, Any]) -> Callable[[], Tensor]:
        """What computes the loss of a batch.

        Called on the meta device in place of ``configure_model``, so it builds what that would load, if it is not
        there. What it gives is called with parameters that have no values on the CPU; it must not read any.

        Args:
            num_samples: On one GPU.
            data: The configured arguments of the data.
        """


@dataclass(frozen=True)
class OptimizerMemory:
    """Bytes of an optimizer.

    Attributes:
        state: That it keeps between steps.
        temporaries: That it takes beside the state while it steps.
    """

    state: int
    temporaries: int


class StepRehearsal:
    """Counts the memory of an expert's training steps.

    Args:
        expert: On the meta device; its parameters are replaced by ones that claim to be on the CPU.
        precision: The trainer's.
        scan: Backend of the selective scan, see :func:`~macedance.ops.gpu_kernels.gpu_kernels`.
    """

    def __init__(self, expert: nn.Module, *, precision: str = "32-true", scan: str = "mamba_ssm") -> None:
        self.expert, self.precision, self.scan = expert.train(), precision, scan
        self._mode = FakeTensorMode(allow_non_fake_inputs=True)
        self.cast(TRUE_TYPES.get(precision))

    def cast(self, dtype: torch.dtype | None) -> None:
        """From now on, rehearse with all parameters in that type; in their own if None."""
        made: dict[Tensor, Tensor] = {}
        with self._mode:
            for module in self.expert.modules():
                _replace(module._parameters, dtype, made)
                _replace(module._buffers, TRUE_TYPES.get(self.precision), made)

    def optimizer_memory(self, configure: Callable[[], Any]) -> OptimizerMemory:
        """What the optimizers take that ``configure`` gives, in any form that Lightning knows."""
        with self._counting() as memory:
            optimizers = optimizers_of(configure())
            before = memory.live
            for optimizer in optimizers:
                _prefer_foreach(optimizer)
                optimizer.step()
            memory.restart_peak()  # now that all states are there
            for optimizer in optimizers:
                optimizer.step()
            return OptimizerMemory(memory.live - before, memory.peak - memory.live)

    def activation_bytes(self, step: Callable[[], Tensor]) -> int:
        """The most that forward and backward pass take beside parameters and gradients, batch included.

        Args:
            step: Computes the loss.
        """
        dtype = AUTOCAST.get(self.precision)
        autocast = torch.autocast("cpu", dtype) if dtype else nullcontext()
        with self._counting() as memory, gpu_kernels(self.scan), _RealConstants():
            with autocast, _default_dtype(TRUE_TYPES.get(self.precision, torch.float32)):
                loss = step()
            # A tensor's own backward() is a function that modes see, within which they are off: not so from its edge.
            torch.autograd.backward(get_gradient_edge(loss), torch.ones_like(loss))
            return memory.peak

    @contextmanager
    def _counting(self) -> Iterator[LiveMemory]:
        """Counts what comes beside parameters and gradients, which are there all the time."""
        with self._mode:
            for parameter in self.expert.parameters():
                parameter.grad = torch.empty_like(parameter) if parameter.requires_grad else None
            with LiveMemory() as memory:
                memory.ignore(self._held())
                yield memory

    def _held(self) -> Iterator[Tensor]:
        yield from self.expert.buffers()
        for parameter in self.expert.parameters():
            yield parameter
            if parameter.grad is not None:
                yield parameter.grad


class _RealConstants(TorchFunctionMode):
    """Leaves constants their values: code that keeps them for later calls will want to read them."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        with unset_fake_temporarily() if func is torch.tensor else nullcontext():
            return func(*args, **(kwargs or {}))


def optimizers_of(configured: Any) -> list[Optimizer]:
    """The optimizers in what ``configure_optimizers`` gives."""
    if configured is None:
        return []
    if isinstance(configured, Optimizer):
        return [configured]
    if isinstance(configured, Mapping):
        return [configured["optimizer"]]
    if isinstance(configured, tuple) and isinstance(configured[0], list):  # then schedules come second
        configured = configured[0]
    return [optimizer for each in configured for optimizer in optimizers_of(each)]


def _replace(tensors: dict[str, Any], dtype: torch.dtype | None, made: dict[Tensor, Tensor]) -> None:
    """Put tensors without values in the place of those that there are; of one in several places, one."""
    for name, tensor in tensors.items():
        if tensor is not None and tensor not in made:
            of_type = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
            blank = torch.empty_strided(tensor.size(), tensor.stride(), dtype=of_type)
            is_parameter = isinstance(tensor, nn.Parameter)
            made[tensor] = nn.Parameter(blank, tensor.requires_grad) if is_parameter else blank
        tensors[name] = None if tensor is None else made[tensor]


def _prefer_foreach(optimizer: Optimizer) -> None:
    """Choose what torch would on a GPU, where nothing is chosen."""
    for group in optimizer.param_groups:
        if "foreach" in group and group["foreach"] is None and not group.get("fused"):
            group["foreach"] = True


@contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
