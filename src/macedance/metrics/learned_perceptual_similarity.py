"""How different people would find generated videos and the true ones.

Axis letters: B clips, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.frame_score_mean import frame_mean


class LearnedPerceptualSimilarity(ClipMean):
    """LPIPS (Zhang et al. 2018) of frames beside the true ones, averaged over each clip's frames, then over clips.

    A distance: 0 for equal frames, lower is better. Not yet verified with real weights.

    >>> import torch
    >>> metric = LearnedPerceptualSimilarity()
    >>> metric.update([torch.tensor([0.1, 0.3]), torch.tensor([0.4])])
    >>> metric.compute().round(decimals=6)
    tensor(0.3000, dtype=torch.float64)
    """

    higher_is_better = False
    plot_lower_bound = 0.0

    def update(self, distances: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            distances: Of B clips, the distance (T,) of each frame from the true one.

        Raises:
            ValueError: A clip's have another shape.
        """
        self._add([frame_mean(clip, "distances") for clip in distances])
