from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from macedance.metrics.extractors import LinearInterpolator, TorchScriptInterpolator


class Mean(nn.Module):
    def forward(self, before: Tensor, after: Tensor, time: Tensor) -> Tensor:
        assert before.shape[2] % 16 == 0
        assert before.shape[3] % 16 == 0
        assert time.shape == [len(before), 1, 1, 1]
        return (1 - time) * before + time * after


class Shifted(nn.Module):
    def forward(self, before: Tensor, after: Tensor, time: Tensor) -> Tensor:
        return torch.roll(before, 1, 3) + 0 * time


def test_frames_are_padded_and_cut_back(torchscript_file, noise_frames) -> None:
    extractor = TorchScriptInterpolator(torchscript_file(Mean()))
    before, after = noise_frames(3, 3, 18, 33), noise_frames(3, 3, 18, 33, seed=1)
    between = extractor(before, after)
    assert extractor.name == "amt-s"
    exact = (before.double() + after.double()) / 2
    assert between.shape == before.shape
    assert (between == between.floor()).all()
    assert (between - exact).abs().max() <= 1  # rounded down, and 3.9999 may become 3
    assert (between <= exact + 1e-3).all()


def test_the_padding_repeats_the_edge(torchscript_file, noise_frames) -> None:
    before = noise_frames(1, 3, 16, 14)
    between = TorchScriptInterpolator(torchscript_file(Shifted()))(before, before)
    assert (between[..., 0] - before[..., 0]).abs().max() <= 1


def test_the_linear_one_is_the_mean(noise_frames) -> None:
    before, after = noise_frames(2, 3, 4, 5), noise_frames(2, 3, 4, 5, seed=1)
    between = LinearInterpolator()(before, after)
    assert LinearInterpolator.name == "linear"
    torch.testing.assert_close(between, (before.float() + after.float()) / 2, rtol=0, atol=0)
    with pytest.raises(ValueError, match="before and after must be alike in shape"):
        LinearInterpolator()(before, after[:1])
    assert LinearInterpolator()(before[:0], after[:0]).shape == (0, 3, 4, 5)
