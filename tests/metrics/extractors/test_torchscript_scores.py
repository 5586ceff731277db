from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from macedance.metrics.extractors import TorchScriptFrameScores


class Brightness(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 100 * x.mean((1, 2, 3))[:, None]


class Extent(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.full((len(x),), float(1000 * x.shape[2] + x.shape[3]))


def test_scores_are_shares_of_the_full_score(torchscript_file, noise_frames) -> None:
    frames = noise_frames(3, 3, 5, 6)
    extractor = TorchScriptFrameScores(torchscript_file(Brightness()))
    assert extractor.name == "musiq"
    torch.testing.assert_close(extractor(frames), frames.float().mean((1, 2, 3)) / 255)


def test_only_larger_frames_are_shrunk(torchscript_file, noise_frames) -> None:
    extractor = TorchScriptFrameScores(torchscript_file(Extent()), max_side_px=20, full_score=1)
    assert extractor(noise_frames(1, 3, 10, 20)).item() == 10_020
    assert extractor(noise_frames(1, 3, 41, 15)).item() == 20_007


def test_frames_of_another_size_than_the_traced_one_are_refused(torchscript_file, noise_frames) -> None:
    path = torchscript_file(Brightness(), size_px="8,10")
    extractor = TorchScriptFrameScores(path)
    assert extractor(noise_frames(2, 3, 8, 10)).shape == (2,)
    with pytest.raises(ValueError, match=r"traced for a height and width of \(8, 10\), got \(8, 12\)"):
        extractor(noise_frames(2, 3, 8, 12))
