"""Mamba blocks, causal and bidirectional, with the parameter names of the mamba-ssm package.

Axes: B batch, T frames, C model width, D inner width, N state size.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from macedance.ops import selective_scan


class Mamba(nn.Module):
    """A causal Mamba block (arXiv 2312.00752, section 3.4) over (B, T, C).

    Parameters carry the names and shapes of ``mamba_ssm.Mamba``, so either package's weights load here.

    Args:
        width: Model width C.
        state_size: State size N of each channel.
        conv_width: Taps of the causal depth-wise convolution.
        expand: Inner width D as a multiple of ``width``.
    """

    def __init__(self, width: int, state_size: int = 16, conv_width: int = 4, expand: int = 2) -> None:
        super().__init__()
        inner, self.state_size = expand * width, state_size
        self.step_rank = math.ceil(width / 16)
        self.in_proj = nn.Linear(width, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, conv_width, groups=inner, padding=conv_width - 1)
        self.x_proj = nn.Linear(inner, self.step_rank + 2 * state_size, bias=False)
        self.dt_proj = nn.Linear(self.step_rank, inner)
        self.A_log = nn.Parameter(torch.arange(1.0, state_size + 1).log().repeat(inner, 1))
        self.D = nn.Parameter(torch.ones(inner))
        self.out_proj = nn.Linear(inner, width, bias=False)
        self._initialize_step_size()

    def _initialize_step_size(self, shortest: float = 1e-3, longest: float = 1e-1) -> None:
        """Spread the initial step sizes log-uniformly, so that channels remember for different times."""
        bound = self.step_rank**-0.5
        nn.init.uniform_(self.dt_proj.weight, -bound, bound)
        log_steps = torch.empty_like(self.dt_proj.bias).uniform_(math.log(shortest), math.log(longest))
        with torch.no_grad():
            self.dt_proj.bias.copy_(log_steps.exp().expm1().log())  # the inverse of softplus

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output (B, T, C); frame t sees frames up to t."""
        hidden, gate = self.in_proj(x).chunk(2, dim=-1)
        hidden = F.silu(self.conv1d(hidden.transpose(1, 2))[..., : x.shape[1]]).transpose(1, 2)
        step, B, C = self.x_proj(hidden).split([self.step_rank, self.state_size, self.state_size], dim=-1)
        delta = F.linear(step, self.dt_proj.weight)  # its bias is added in the scan
        A = -self.A_log.float().exp()
        y = selective_scan(hidden, delta, A, B, C, skip=self.D, gate=gate, delta_bias=self.dt_proj.bias)
        return self.out_proj(y)


class BiMamba(nn.Module):
    """Layer norm, then the sum of a forward and a backward :class:`Mamba` over (B, T, C)."""

    def __init__(self, width: int, state_size: int = 16) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mamba_forward = Mamba(width, state_size)
        self.mamba_backward = Mamba(width, state_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, C), in which every frame sees all the others."""
        x = self.norm(x)
        return self.mamba_forward(x) + self.mamba_backward(x.flip(1)).flip(1)


class CausalMamba(nn.Module):
    """Layer norm, then one causal :class:`Mamba` over (B, T, C): BiMamba's first ablation."""

    def __init__(self, width: int, state_size: int = 16) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mamba = Mamba(width, state_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, C); frame t sees frames up to t."""
        return self.mamba(self.norm(x))
