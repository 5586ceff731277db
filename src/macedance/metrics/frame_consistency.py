"""The state shared by metrics of how alike a clip's frames stay.

Axis letters: B clips, T frames, C features.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.functional.frame_consistency import frame_consistency


class FrameConsistency(ClipMean):
    """Mean cosine of frames' features with those of the frame before and of the first, averaged over clips; 0 to 1.

    See :func:`~macedance.metrics.functional.frame_consistency`. Clips of one frame are left out and counted. Every
    clip weighs the same; in VBench every frame does.
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def update(self, features: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            features: Of B clips, features (T, C) of their frames.

        Raises:
            ValueError: A clip's have another shape.
        """
        self._add([frame_consistency(clip) for clip in features])
