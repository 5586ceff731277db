from __future__ import annotations

import pytest
import torch

from macedance.lightning_modules.video_scores import VideoScores
from macedance.metrics.functional import peak_signal_to_noise_ratio, structural_similarity


def test_scores_are_means_over_frames_then_clips() -> None:
    generated, truth = torch.rand(2, 5, 3, 4, 16, 20, generator=torch.Generator().manual_seed(0))
    scores = VideoScores()
    scores.update(generated[:2], truth[:2])
    scores.update(generated[2:], truth[2:])
    pairs = [(clip.movedim(1, 0), true.movedim(1, 0)) for clip, true in zip(generated, truth, strict=True)]
    expected = {
        name: torch.stack([function(*pair).mean() for pair in pairs]).mean().item()
        for name, function in (("ssim", structural_similarity), ("psnr", peak_signal_to_noise_ratio))
    }
    assert {name: value.item() for name, value in scores.compute().items()} == pytest.approx(expected)
    scores.reset()
    scores.update(truth, truth)
    assert scores.compute() == {"ssim": pytest.approx(1.0), "psnr": 100.0}


def test_what_a_decoder_puts_out_of_range_is_cut_off() -> None:
    truth = torch.rand(1, 3, 2, 16, 16, generator=torch.Generator().manual_seed(0))
    generated = (truth - 0.5) * 1.1 + 0.5
    scores, cut = VideoScores(), VideoScores()
    scores.update(generated.bfloat16(), truth.bfloat16())
    cut.update(generated.bfloat16().float().clamp(0, 1), truth.bfloat16())
    assert scores.compute() == cut.compute()
