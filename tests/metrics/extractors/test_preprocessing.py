from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from macedance.metrics.extractors.preprocessing import resize


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_resized_bytes_are_whole_numbers_in_their_range(
    interpolation: str, antialias: bool, noise_frames
) -> None:
    frames = torch.where(noise_frames(2, 3, 40, 30) < 128, 0, 255).to(torch.uint8)
    exact = F.interpolate(frames.float(), size=(24, 17), mode=interpolation, antialias=antialias)
    resized = resize(frames, (24, 17), interpolation, antialias=antialias)
    assert resized.dtype == torch.float32
    assert (resized == resized.to(torch.uint8)).all()
    assert (resized - exact.clamp(0, 255)).abs().max() <= 0.5
    if interpolation == "bicubic":
        assert exact.min() < -1
        assert exact.max() > 256
