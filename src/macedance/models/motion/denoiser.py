"""The Motion Expert's network: predicts clean motion from noisy motion and music.

Axes: B batch, T frames, C model width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from macedance.models.motion.layers import DanceLayer, EmbeddingMLP, MusicLayer, temporal_mixer


class MotionDenoiser(nn.Module):
    """BiMamba–Transformer denoiser (MACE-Dance, section 3.2), predicting x0.

    Two improvements on the published network, each leaving its function unchanged when its weights are loaded:
    with ``music_path="additive"`` the encoded music is also added to the motion stream, through a layer that
    starts at zero, so that frame t hears frame t's music directly; and the unconditional pass encodes no music.

    No public method calls another, so that each can be the one that gathers sharded parameters.

    Args:
        width: Model width C.
        num_dance_layers: Layers over the motion.
        num_music_layers: Layers over the music.
        feedforward_width: Hidden width after cross-attention; twice ``width`` if not given.
        num_heads: Attention heads.
        dropout: Probability of dropping attention weights and feed-forward units in training.
        state_size: State size of each Mamba channel.
        backbone: What mixes the frames: ``bimamba``, ``mamba`` or ``transformer``.
        music_path: ``additive`` or the published ``cross_attention`` alone.
        motion_dim: Numbers per frame of motion.
        music_dim: Numbers per frame of music.
        num_genres: Rows of the genre embedding, the last being "unknown".

    Raises:
        ValueError: If ``backbone`` or ``music_path`` is unknown, or ``width`` is no multiple of ``num_heads``.
    """

    def __init__(
        self,
        width: int = 512,
        num_dance_layers: int = 8,
        num_music_layers: int = 2,
        feedforward_width: int | None = None,
        num_heads: int = 8,
        dropout: float = 0.1,
        state_size: int = 16,
        backbone: str = "bimamba",
        music_path: str = "additive",
        motion_dim: int = 151,
        music_dim: int = 35,
        num_genres: int = 17,
    ) -> None:
        super().__init__()
        if width % num_heads:
            raise ValueError(f"width must be a multiple of num_heads, got {width} and {num_heads}")
        if music_path not in ("additive", "cross_attention"):
            raise ValueError(f"music_path must be 'additive' or 'cross_attention', got {music_path!r}")
        self.input_projection = nn.Linear(motion_dim, width)
        self.music_projection = nn.Linear(music_dim, width)
        self.output_projection = nn.Linear(width, motion_dim)
        self.timestep_mlp = EmbeddingMLP(width)
        self.beta_mlp = EmbeddingMLP(width)
        self.null_music = nn.Parameter(torch.randn(1, 1, width))
        self.music_injection = nn.Linear(width, width) if music_path == "additive" else None
        if self.music_injection is not None:
            nn.init.zeros_(self.music_injection.weight)
            nn.init.zeros_(self.music_injection.bias)

        def mixer() -> nn.Module:
            return temporal_mixer(backbone, width, num_heads, state_size)

        self.music_layers = nn.ModuleList(
            MusicLayer(mixer(), width, num_genres) for _ in range(num_music_layers)
        )
        self.dance_layers = nn.ModuleList(
            DanceLayer(mixer(), width, feedforward_width or 2 * width, num_heads, dropout)
            for _ in range(num_dance_layers)
        )

    def forward(
        self,
        noisy: Tensor,
        timestep: Tensor,
        beta: Tensor,
        music: Tensor,
        genre: Tensor,
        drop_music: Tensor | None = None,
    ) -> Tensor:
        """Return the predicted clean motion (B, T, motion_dim).

        Args:
            noisy: Noisy motion (B, T, motion_dim), normalised.
            timestep: Diffusion timesteps (B,) in 0..999.
            beta: Guidance temperatures (B,) in (0, 1] (GFT, arXiv 2501.15420).
            music: Music features (B, T, music_dim).
            genre: Genre indices (B,).
            drop_music: Samples (B,) whose music is replaced by the null condition.
        """
        encoded = self._encode(music, genre)
        if drop_music is not None:
            encoded = encoded.masked_fill(drop_music[:, None, None], 0.0)
        return self._denoise(noisy, timestep, beta, encoded)

    def unconditional(self, noisy: Tensor, timestep: Tensor) -> Tensor:
        """Return the prediction (B, T, motion_dim) without music, at beta = 1.

        With dropout off, attention over equal tokens equals attention over one of them, so one stands for all.
        """
        num_batch, num_frames, _ = noisy.shape
        num_tokens = num_frames if self.training else 1
        no_music = noisy.new_zeros(num_batch, num_tokens, self.null_music.shape[-1])
        return self._denoise(noisy, timestep, torch.ones_like(timestep, dtype=noisy.dtype), no_music)

    def encode_music(self, music: Tensor, genre: Tensor) -> Tensor:
        """Return encoded music (B, T, C). It depends on neither noise nor timestep: once per sampled motion."""
        return self._encode(music, genre)

    def denoise(self, noisy: Tensor, timestep: Tensor, beta: Tensor, encoded_music: Tensor) -> Tensor:
        """Return the prediction (B, T, motion_dim) for encoded music (B, T or 1, C); zeros mean no music."""
        return self._denoise(noisy, timestep, beta, encoded_music)

    def _encode(self, music: Tensor, genre: Tensor) -> Tensor:
        encoded = self.music_projection(music)
        for layer in self.music_layers:
            encoded = layer(encoded, genre)
        return encoded

    def _denoise(self, noisy: Tensor, timestep: Tensor, beta: Tensor, encoded_music: Tensor) -> Tensor:
        # As published, the null embedding is added to every condition; without music it stands alone.
        music = encoded_music + self.null_music
        condition = self.timestep_mlp(timestep) + self.beta_mlp(1000 * beta)
        x = self.input_projection(noisy)
        if self.music_injection is not None:
            x = x + self.music_injection(music)
        for layer in self.dance_layers:
            x = layer(x, music, condition)
        with torch.autocast(
            x.device.type, enabled=False
        ):  # half precision would shake the body by millimetres
            return self.output_projection(x.to(self.output_projection.weight.dtype))
