"""The layers of the Motion Expert's network: modulation, mixing over time, attention to the music.

Axes: B batch, T frames of motion, S frames of music, C model width.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from macedance.models.motion.mamba import BiMamba, CausalMamba


class SinusoidalEmbedding(nn.Module):
    """Maps scalars (B,) to ``[sin(x w), cos(x w)]`` (B, width) with w from 1 down to 1e-4."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.half = width // 2

    def forward(self, x: Tensor) -> Tensor:
        """Return the embedding (B, width) of ``x`` (B,)."""
        index = torch.arange(self.half, device=x.device, dtype=torch.float32)
        angles = x.float().unsqueeze(-1) * torch.exp(-math.log(10_000) / (self.half - 1) * index)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


class EmbeddingMLP(nn.Sequential):
    """A network from scalars (B,) to conditions (B, width): sinusoids, one Mish layer of 4 × width."""

    def __init__(self, width: int) -> None:
        super().__init__(
            SinusoidalEmbedding(width), nn.Linear(width, 4 * width), nn.Mish(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the conditions (B, width) of ``x`` (B,); sinusoids are float32, the rest of the weights' type."""
        sinusoids, first, activation, last = self
        return last(activation(first(sinusoids(x).to(first.weight.dtype))))


class FiLM(nn.Module):
    """Feature-wise modulation ``(scale + 1) h + shift`` of h (B, T, C) by a condition (B, C)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Mish(), nn.Linear(width, 2 * width))

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        """Return the modulated features (B, T, C)."""
        scale, shift = self.block(condition).unsqueeze(1).chunk(2, dim=-1)
        return (scale + 1) * h + shift


class SelfAttention(nn.Module):
    """Layer norm, then self-attention with sinusoidal positions over (B, T, C): BiMamba's second ablation."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.positions = SinusoidalEmbedding(width)
        self.attention = nn.MultiheadAttention(width, num_heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, C), in which every frame sees all the others."""
        x = self.norm(x) + self.positions(torch.arange(x.shape[1], device=x.device)).to(x.dtype)
        return self.attention(x, x, x, need_weights=False)[0]


def temporal_mixer(backbone: str, width: int, num_heads: int, state_size: int) -> nn.Module:
    """The layer that mixes frames: ``bimamba`` (ours and the paper's), ``mamba`` or ``transformer``.

    Raises:
        ValueError: If ``backbone`` is none of these.
    """
    match backbone:
        case "bimamba":
            return BiMamba(width, state_size)
        case "mamba":
            return CausalMamba(width, state_size)
        case "transformer":
            return SelfAttention(width, num_heads)
    raise ValueError(f"backbone must be 'bimamba', 'mamba' or 'transformer', got {backbone!r}")


class MusicLayer(nn.Module):
    """``x + FiLM(genre)(mixer(x))`` over encoded music (B, S, C)."""

    def __init__(self, mixer: nn.Module, width: int, num_genres: int) -> None:
        super().__init__()
        self.mixer = mixer
        self.genre_mlp = nn.Sequential(
            nn.Embedding(num_genres, width),
            nn.Linear(width, 2 * width),
            nn.Mish(),
            nn.Linear(2 * width, width),
        )
        self.film = FiLM(width)

    def forward(self, x: Tensor, genre: Tensor) -> Tensor:
        """Return encoded music (B, S, C) for genre indices (B,)."""
        return x + self.film(self.mixer(x), self.genre_mlp(genre))


class MusicAttention(nn.Module):
    """Cross-attention from motion to music, then a feed-forward network, with no residual inside."""

    def __init__(self, width: int, feedforward_width: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.cross_attention = nn.MultiheadAttention(width, num_heads, dropout=dropout, batch_first=True)
        self.norm_motion = nn.LayerNorm(width)
        self.norm_music = nn.LayerNorm(width)
        self.norm = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, feedforward_width)
        self.linear2 = nn.Linear(feedforward_width, width)
        self.dropout = dropout

    def forward(self, x: Tensor, music: Tensor) -> Tensor:
        """Return (B, T, C) from motion (B, T, C) and music (B, S, C)."""
        music = self.norm_music(music)
        attended, _ = self.cross_attention(self.norm_motion(x), music, music, need_weights=False)
        hidden = self._drop(F.gelu(self.linear1(self.norm(attended))))
        return self._drop(self.linear2(hidden))

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training)


class DanceLayer(nn.Module):
    """A mixing branch and a music branch, each modulated by the timestep and guidance condition."""

    def __init__(
        self, mixer: nn.Module, width: int, feedforward_width: int, num_heads: int, dropout: float
    ) -> None:
        super().__init__()
        self.mixer = mixer
        self.music_attention = MusicAttention(width, feedforward_width, num_heads, dropout)
        self.film_mixer = FiLM(width)
        self.film_attention = FiLM(width)

    def forward(self, x: Tensor, music: Tensor, condition: Tensor) -> Tensor:
        """Return (B, T, C) from motion (B, T, C), music (B, S, C) and a condition (B, C)."""
        x = x + self.film_mixer(self.mixer(x), condition)
        return x + self.film_attention(self.music_attention(x, music), condition)
