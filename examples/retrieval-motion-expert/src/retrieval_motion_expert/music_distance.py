"""How unlike two windows of music are, to a dancer. Axes: N, M windows, W frames, C the 35 channels."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from macedance.data.music_features import BEAT, MUSIC_DIM, ONSET_PEAK

SPREAD_FRAMES = 3.0
"""Beats count as near one another within about this many frames, a tenth of a second."""


class MusicDistance(nn.Module):
    """The weighted mean of squared differences of features, whose weights are learnt.

    Beats and onsets are spread over the frames around them before they are compared, frame by frame: windows are
    alike if their beats fall on the same frames, which is to say if tempo and phase agree.
    """

    def __init__(self) -> None:
        super().__init__()
        self.normalize = nn.BatchNorm1d(
            MUSIC_DIM, affine=False, momentum=None
        )  # means over all of the training
        self.log_weights = nn.Parameter(torch.zeros(MUSIC_DIM))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Distances (N, M), about 1 on average, of windows (N, W, C) and (M, W, C)."""
        weights = self.log_weights.softmax(dim=0)
        described = [(self._described(music) * weights.sqrt()).flatten(1) for music in (first, second)]
        products = described[0] @ described[1].T
        squares = [part.square().sum(dim=1) for part in described]
        return (squares[0][:, None] + squares[1] - 2 * products) / (2 * first.shape[1])

    def _described(self, music: Tensor) -> Tensor:
        frames = torch.arange(music.shape[1], device=music.device, dtype=music.dtype)
        spread = torch.exp(-0.5 * ((frames[:, None] - frames) / SPREAD_FRAMES) ** 2)
        pulses = [BEAT, ONSET_PEAK]
        music = music.clone()
        music[..., pulses] = spread @ music[..., pulses]
        return self.normalize(music.movedim(-1, 1)).movedim(1, -1)
