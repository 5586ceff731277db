"""What the expert remembers. Axes: N windows, W frames of each, C channels."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from macedance.data.music_features import MUSIC_DIM
from macedance.geometry.representation import MOTION_DIM


class WindowBank(nn.Module):
    """Windows of motion with the music that they were danced to, the newest in the place of the oldest.

    All of it is in buffers of fixed size, so that a checkpoint holds it and a run that is resumed goes on with it.

    Args:
        max_windows: How many it can hold.
        window_frames: Length of each.
    """

    motion: Tensor
    music: Tensor
    genre: Tensor
    num_added: Tensor

    def __init__(self, max_windows: int, window_frames: int) -> None:
        super().__init__()
        self.register_buffer("motion", torch.zeros(max_windows, window_frames, MOTION_DIM))
        self.register_buffer("music", torch.zeros(max_windows, window_frames, MUSIC_DIM))
        self.register_buffer("genre", torch.zeros(max_windows, dtype=torch.long))
        self.register_buffer("num_added", torch.zeros((), dtype=torch.long))

    def __len__(self) -> int:
        return min(int(self.num_added), len(self.motion))

    @torch.no_grad()
    def add(self, motion: Tensor, music: Tensor, genre: Tensor) -> None:
        """Remember windows of motion (N, W, 151) and music (N, W, 35), each of a genre (N,)."""
        places = (self.num_added + torch.arange(len(motion), device=motion.device)) % len(self.motion)
        self.motion[places], self.music[places], self.genre[places] = motion, music, genre
        self.num_added += len(motion)
