"""The structural similarity of generated videos with the true ones.

Axis letters: B clips, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean, check_as_many
from macedance.metrics.functional.structural_similarity import structural_similarity


class VideoStructuralSimilarity(ClipMean):
    """SSIM (Wang et al. 2004) of frames beside the true ones, averaged over each clip's frames, then over clips.

    At most 1: equal. See :func:`~macedance.metrics.functional.structural_similarity`. Needs no weights.

    >>> import torch
    >>> metric = VideoStructuralSimilarity()
    >>> metric.update([torch.zeros(2, 3, 16, 16)], [torch.zeros(2, 3, 16, 16)])
    >>> metric.compute()
    tensor(1., dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def update(self, videos: Sequence[Tensor], truths: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            videos: B clips (T, 3, H, W) of any lengths, uint8 or floats in [0, 1].
            truths: What they should be, each of its video's shape.

        Raises:
            ValueError: A clip is none, is smaller than 11 px or differs in shape from its truth, or there are not as
                many of each.
        """
        check_as_many("truths", truths, "videos", videos)
        self._add([structural_similarity(*pair).mean() for pair in zip(videos, truths, strict=True)])
