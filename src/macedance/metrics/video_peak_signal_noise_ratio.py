"""The error of generated videos beside the true ones, in decibels.

Axis letters: B clips, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean, check_as_many
from macedance.metrics.functional.peak_signal_to_noise_ratio import capped_decibels


class VideoPeakSignalNoiseRatio(ClipMean):
    """PSNR of frames beside the true ones in dB, averaged over each clip's frames, then over clips.

    A frame that equals the true one, or nearly so, counts 100 dB. Needs no weights.

    >>> import torch
    >>> metric = VideoPeakSignalNoiseRatio()
    >>> metric.update([torch.full((2, 3, 16, 16), 0.1)], [torch.zeros(2, 3, 16, 16)])
    >>> metric.compute()
    tensor(20.0000, dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = 0.0

    def update(self, videos: Sequence[Tensor], truths: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            videos: B clips (T, 3, H, W) of any lengths, uint8 or floats in [0, 1].
            truths: What they should be, each of its video's shape.

        Raises:
            ValueError: A clip is none, differs in shape from its truth, or there are not as many of each.
        """
        check_as_many("truths", truths, "videos", videos)
        self._add([capped_decibels(*pair).mean() for pair in zip(videos, truths, strict=True)])
