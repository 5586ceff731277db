"""Mean and spread of a video's colours.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from macedance.metrics.functional.lab_color import rgb_to_lab
from macedance.metrics.functional.video_frames import check_frames


def _three_zeros() -> Tensor:
    return torch.zeros(3, dtype=torch.float64)


@dataclass(eq=False)
class ColorSums:
    """The colours of the frames so far, for videos that are not in memory as a whole.

    Frames are merged by their means and squared deviations (Chan et al. 1983), which loses nothing where all
    colours are nearly equal, as sums of squares would.

    Attributes:
        num_pixels: Pixels so far.
        mean: Mean L*, a*, b* (3,).
        squared_deviations: Sums over the pixels of squared deviations from the mean (3,).
    """

    num_pixels: int = 0
    mean: Tensor = field(default_factory=_three_zeros)
    squared_deviations: Tensor = field(default_factory=_three_zeros)

    def add(self, frames: Tensor) -> None:
        """Take frames in (T, 3, H, W), uint8 or floats in [0, 1].

        Raises:
            ValueError: ``frames`` is no such clip.
        """
        check_frames(frames)
        for frame in frames:
            pixels = rgb_to_lab(frame[None])[0].flatten(1)
            own_mean = pixels.mean(dim=1, keepdim=True)
            own_deviations = (pixels - own_mean).square().sum(dim=1).cpu()
            mean = own_mean[:, 0].cpu()
            total = self.num_pixels + pixels.shape[1]
            shift = mean - self.mean
            self.squared_deviations = (
                self.squared_deviations
                + own_deviations
                + shift.square() * (self.num_pixels * pixels.shape[1] / total)
            )
            self.mean = self.mean + shift * (pixels.shape[1] / total)
            self.num_pixels = total

    def statistics(self) -> Tensor:
        """Means of L*, a*, b*, then their standard deviations, over all pixels, float64 (6,); NaN without any."""
        if not self.num_pixels:
            return torch.full((6,), torch.nan, dtype=torch.float64)
        return torch.cat([self.mean, (self.squared_deviations / self.num_pixels).sqrt()])


def color_statistics(frames: Tensor) -> Tensor:
    """Means of L*, a*, b*, then their standard deviations, over all pixels, float64 (6,); NaN without frames.

    Args:
        frames: (T, 3, H, W), uint8 or floats in [0, 1].

    Raises:
        ValueError: ``frames`` is no such clip.

    >>> color_statistics(torch.ones(2, 3, 4, 4))[[0, 3]].round(decimals=3)
    tensor([100.,   0.], dtype=torch.float64)
    """
    sums = ColorSums()
    sums.add(frames)
    return sums.statistics()
