"""What kernels of a GPU would allocate, for steps that are rehearsed on a CPU's tensors without values.

Axes: B batch, T time, D channels, N state size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from macedance.ops.selective_scan import channels_first, selective_scan

SCANS = ("mamba_ssm", "torch")
"""Backends of the selective scan that can be rehearsed."""

_ATTENTION = (F.scaled_dot_product_attention, F.multi_head_attention_forward)
_IN_FLOAT32_UNDER_AUTOCAST = (F.layer_norm, F.group_norm, F.softplus, F.softmax, torch.softmax, torch.exp)
"""Those of CUDA's list that networks call on large tensors; on the CPU they keep the type of their input."""
_SCAN_CHUNK = 2048
"""Time steps after each of which mamba-ssm's kernel keeps the states for its backward pass."""


@contextmanager
def gpu_kernels(scan: str = "mamba_ssm") -> Iterator[None]:
    """Within, tensors on the CPU take the memory that they would take on a GPU.

    * Attention is fused: it keeps inputs, output and a number for each query, also with dropout.
    * Dropout keeps one byte for each element; RMS norm its input, and one number for each row.
    * Under autocast, norms and the like give float32.
    * The selective scan keeps what its backend keeps.

    Values are meaningless. Work space of matrix products and convolutions is not counted.

    Args:
        scan: Backend of the selective scan, one of :data:`SCANS`.
    """
    with _Functions(scan), _WorkSpace():
        yield


class _Functions(TorchFunctionMode):
    def __init__(self, scan: str) -> None:
        super().__init__()
        self.scan = scan

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in _ATTENTION:
            return _without_dropout(func, args, kwargs)
        if func is F.dropout:
            return _dropout(*args, **kwargs)
        if func in (F.rms_norm, torch.rms_norm):
            return _rms_norm(*args, **kwargs)
        if func is selective_scan and self.scan == "mamba_ssm":
            return _kernel_scan(*args, **kwargs)
        if func in _IN_FLOAT32_UNDER_AUTOCAST and torch.is_autocast_enabled("cpu"):
            args, kwargs = tree_map_only(Tensor, Tensor.float, (args, kwargs))
        return func(*args, **kwargs)


class _WorkSpace(TorchDispatchMode):
    """Of attention's backward pass: in half precision it sums the queries' gradients in float32."""

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward.default
        if func is not backward or args[1].dtype == torch.float32:
            return func(*args, **(kwargs or {}))
        sums = torch.empty(args[1].shape, dtype=torch.float32)
        result = func(*args, **(kwargs or {}))
        del sums
        return result


def _without_dropout(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Fused kernels draw dropout anew in the backward pass; the CPU's has none, and falls back to one unfused."""
    place = 4 if func is F.scaled_dot_product_attention else 10
    args = tuple(0.0 if number == place else value for number, value in enumerate(args))
    if "dropout_p" in kwargs:
        kwargs["dropout_p"] = 0.0
    return func(*args, **kwargs)


def _dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    return torch.native_dropout(input, p, train=True)[0] if training and p > 0 else input


def _rms_norm(
    input: Tensor, normalized_shape: list[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    return _RMSNorm.apply(input, weight, len(normalized_shape))


class _RMSNorm(Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor, weight: Tensor | None, num_dims: int) -> Tensor:
        inverse_rms = torch.empty(input.shape[:-num_dims], dtype=torch.float32)
        ctx.save_for_backward(input, weight, inverse_rms)
        return torch.empty_like(input)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        input, weight, _ = ctx.saved_tensors
        return torch.empty_like(input), None if weight is None else torch.empty_like(weight), None


def _kernel_scan(
    *inputs: Tensor,
    skip: Tensor | None = None,
    gate: Tensor | None = None,
    delta_bias: Tensor | None = None,
    backend: str = "auto",
) -> Tensor:
    """As :func:`~macedance.ops.selective_scan` calls mamba-ssm's kernel, which wants channels before time."""
    *inputs_, gate_ = channels_first(inputs, gate)
    return _KernelScan.apply(*inputs_, skip, gate_, delta_bias).transpose(1, 2)


class _KernelScan(Function):
    @staticmethod
    def forward(
        ctx: Any,
        u: Tensor,
        delta: Tensor,
        A: Tensor,
        B: Tensor,
        C: Tensor,
        skip: Tensor | None,
        gate: Tensor | None,
        delta_bias: Tensor | None,
    ) -> Tensor:
        num_batch, num_channels, num_steps = u.shape
        states = A.new_empty(num_batch, num_channels, -(-num_steps // _SCAN_CHUNK), 2 * A.shape[1])
        ungated = torch.empty_like(delta)
        kept = None if gate is None else ungated
        ctx.save_for_backward(u, delta, A, B, C, skip, gate, delta_bias, states, kept)
        return ungated if gate is None else torch.empty_like(delta)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        u, delta, A, B, C, *others = ctx.saved_tensors[:8]
        _gradient = grad_outputs[0].contiguous()  # held while the kernel runs
        gradients = [torch.empty_like(x) for x in (u, delta, A)]
        gradients += [torch.empty_like(x, dtype=torch.float32).to(x.dtype) for x in (B, C)]
        return *gradients, *(None if x is None else torch.empty_like(x) for x in others)
