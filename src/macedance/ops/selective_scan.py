"""The selective scan of a state-space model, one function over interchangeable backends.

Axes: B batch, T time, D channels, N state size.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.overrides import handle_torch_function, has_torch_function

CHUNK_ELEMENTS = 1 << 19
"""Target size of one (chunk, B, D, N) intermediate: small enough to stay in the processor's cache."""


def selective_scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    *,
    skip: Tensor | None = None,
    gate: Tensor | None = None,
    delta_bias: Tensor | None = None,
    backend: str = "auto",
) -> Tensor:
    """Return the outputs of ``h_t = exp(delta_t A) h_{t-1} + delta_t B_t u_t``, ``y_t = C_t h_t``.

    This is the selective state-space recurrence of Mamba (arXiv 2312.00752, Algorithm 2), with what surrounds it in a
    Mamba block, if that is given: ``delta`` becomes ``softplus(delta + delta_bias)``, and the outputs
    ``(y + skip u) silu(gate)``. A compiled backend does that within the scan's kernel. All backends compute the same
    function; parameters do not depend on the choice.

    Args:
        u: Inputs (B, T, D).
        delta: Step sizes (B, T, D), positive, or of any sign with ``delta_bias``.
        A: State decay rates (D, N), negative.
        B: Input weights (B, T, N).
        C: Output weights (B, T, N).
        skip: Weights (D,) of the skip connection.
        gate: Gates (B, T, D) before their activation.
        delta_bias: Biases (D,) of the step sizes before their activation.
        backend: ``torch`` runs anywhere, ``mamba_ssm`` needs a CUDA device and the compiled package,
            ``auto`` takes the fastest one that can run on these tensors.

    Returns:
        Outputs (B, T, D) in the type of ``u``, or a wider one of ``skip`` and ``gate`` where torch computes them.

    Raises:
        ValueError: If ``backend`` is unknown.
        ModuleNotFoundError: If ``mamba_ssm`` is asked for and its compiled scan is not installed.
    """
    if has_torch_function((u,)):  # so that modes can stand in for it, as for torch's own functions
        options = {"skip": skip, "gate": gate, "delta_bias": delta_bias, "backend": backend}
        return handle_torch_function(selective_scan, (u,), u, delta, A, B, C, **options)
    if backend == "auto":
        has_kernel = u.is_cuda and u.dtype != torch.float64 and "mamba_ssm" in available_backends()
        backend = "mamba_ssm" if has_kernel else "torch"
    if backend == "torch":
        return _torch_scan((u, delta, A, B, C), skip, gate, delta_bias)
    if backend == "mamba_ssm":
        return _mamba_ssm_scan((u, delta, A, B, C), skip, gate, delta_bias)
    raise ValueError(f"backend must be 'auto', 'torch' or 'mamba_ssm', got {backend!r}")


@cache
def available_backends() -> tuple[str, ...]:
    """Names of the backends whose code is installed here, slowest first."""
    compiled = find_spec("mamba_ssm") is not None and find_spec("selective_scan_cuda") is not None
    return ("torch", "mamba_ssm") if compiled else ("torch",)


def _torch_scan(
    inputs: tuple[Tensor, ...], skip: Tensor | None, gate: Tensor | None, delta_bias: Tensor | None
) -> Tensor:
    u, delta, *weights = inputs
    if delta_bias is not None:
        delta = F.softplus(delta + delta_bias)
    y = _TorchScan.apply(u, delta, *weights)
    if skip is not None:
        y = y + skip * u
    return y if gate is None else y * F.silu(gate)


def _mamba_ssm_scan(
    inputs: tuple[Tensor, ...], skip: Tensor | None, gate: Tensor | None, delta_bias: Tensor | None
) -> Tensor:
    if "mamba_ssm" not in available_backends():
        raise ModuleNotFoundError(
            "backend 'mamba_ssm' needs the compiled package: pip install 'macedance[cuda]' on a machine with nvcc"
        )
    from mamba_ssm.ops.selective_scan_interface import selective_scan_fn

    *inputs_, gate_ = channels_first(inputs, gate)
    return selective_scan_fn(
        *inputs_,
        D=None if skip is None else skip.float(),
        z=gate_,
        delta_bias=None if delta_bias is None else delta_bias.float(),
        delta_softplus=delta_bias is not None,
    ).transpose(1, 2)


def channels_first(inputs: tuple[Tensor, ...], gate: Tensor | None) -> tuple[Tensor | None, ...]:
    """``u, delta, A, B, C`` and the gate as mamba-ssm's kernel wants them: (B, D, T), all but A of the type of u."""
    u, delta, A, B, C = inputs

    def turned(x: Tensor) -> Tensor:
        return x.to(u.dtype).transpose(1, 2).contiguous()

    return turned(u), turned(delta), A.float(), turned(B), turned(C), None if gate is None else turned(gate)


def _chunk_length(u: Tensor, num_states: int) -> int:
    num_batch, num_steps, num_channels = u.shape
    in_cache = CHUNK_ELEMENTS // max(1, num_batch * num_channels * num_states)
    return max(1, min(num_steps, max(in_cache, math.isqrt(num_steps))))


class _Workspace:
    """Intermediates (chunk, B, D, N) that every chunk of one scan writes anew: allocating them costs more."""

    def __init__(self, like: Tensor, length: int, num_states: int, num_buffers: int) -> None:
        shape = (length, *like.shape[1:], num_states)
        self.buffers = [like.new_empty(shape) for _ in range(num_buffers)]

    def __call__(self, length: int) -> list[Tensor]:
        return [buffer[:length] for buffer in self.buffers]


def _run_chunk(
    decay: Tensor, states: Tensor, du: Tensor, delta: Tensor, A: Tensor, B: Tensor, start: Tensor
) -> None:
    """Fill ``decay`` and ``states`` (chunk, B, D, N) of a time-major chunk that begins at ``start`` (B, D, N)."""
    torch.mul(delta.unsqueeze(-1), A, out=decay).exp_()
    torch.mul(du.unsqueeze(-1), B.unsqueeze(-2), out=states)
    state = start
    for step in range(len(states)):
        state = states[step].addcmul_(decay[step], state)


class _TorchScan(Function):
    """Sequential in time, vectorised over the rest, in chunks whose intermediates are made again backwards.

    Memory is O(T) in (B, D) and at most O(√T) in (B, D, N): one state a chunk, and one chunk's intermediates.
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
        dtype = torch.float64 if u.dtype == torch.float64 else torch.float32
        # Under autocast the operators below would change type chunk by chunk.
        with torch.autocast(u.device.type, enabled=False):
            inputs = [x.to(dtype).transpose(0, 1).contiguous() for x in (u, delta, B, C)]
            u_, delta_, B_, C_ = inputs
            A_ = A.to(dtype)
            length = _chunk_length(u, A.shape[1])
            workspace = _Workspace(u_, length, A.shape[1], num_buffers=2)
            state = u_.new_zeros(u.shape[0], u.shape[2], A.shape[1])
            outputs, starts = torch.empty_like(u_), []
            for first in range(0, len(u_), length):
                part = slice(first, first + length)
                starts.append(state)
                decay, states = workspace(len(u_[part]))
                _run_chunk(decay, states, u_[part] * delta_[part], delta_[part], A_, B_[part], state)
                outputs[part] = torch.matmul(states, C_[part].unsqueeze(-1)).squeeze(-1)
                state = states[-1].clone()
        ctx.save_for_backward(u_, delta_, A_, B_, C_, *starts)
        ctx.length, ctx.dtypes = length, [x.dtype for x in (u, delta, A, B, C)]
        return outputs.transpose(0, 1).to(u.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, ...]:
        u, delta, A, B, C, *starts = ctx.saved_tensors
        dy = grad_outputs[0].to(u.dtype).transpose(0, 1).contiguous()
        grad_u, grad_delta, grad_B, grad_C = (torch.empty_like(x) for x in (u, delta, B, C))
        grad_A = torch.zeros_like(A)
        with torch.autocast(u.device.type, enabled=False):
            workspace = _Workspace(u, ctx.length, A.shape[1], num_buffers=3)
            carry = torch.zeros_like(starts[0])
            for index in range(len(starts) - 1, -1, -1):
                part = slice(index * ctx.length, (index + 1) * ctx.length)
                du = u[part] * delta[part]
                decay, states, adjoint = workspace(len(du))
                _run_chunk(decay, states, du, delta[part], A, B[part], starts[index])
                torch.mul(dy[part].unsqueeze(-1), C[part].unsqueeze(-2), out=adjoint)
                for step in range(len(adjoint) - 1, -1, -1):
                    adjoint[step].add_(carry)
                    torch.mul(adjoint[step], decay[step], out=carry)
                grad_C[part] = torch.matmul(dy[part].unsqueeze(-2), states).squeeze(-2)
                grad_B[part] = torch.matmul(du.unsqueeze(-2), adjoint).squeeze(-2)
                grad_du = torch.matmul(adjoint, B[part].unsqueeze(-1)).squeeze(-1)
                # From here on `decay` becomes the gradient of the exponent, delta * A.
                decay[0].mul_(starts[index])
                decay[1:].mul_(states[:-1])
                decay.mul_(adjoint)
                grad_u[part] = grad_du * delta[part]
                torch.mul(decay, A, out=adjoint)
                grad_delta[part] = grad_du * u[part] + adjoint.sum(-1)
                torch.mul(decay, delta[part].unsqueeze(-1), out=adjoint)
                grad_A += adjoint.sum((0, 1))
        grads = [grad_u, grad_delta, grad_A, grad_B, grad_C]
        grads = [g if g is grad_A else g.transpose(0, 1) for g in grads]
        return tuple(g.to(dtype) for g, dtype in zip(grads, ctx.dtypes, strict=True))
