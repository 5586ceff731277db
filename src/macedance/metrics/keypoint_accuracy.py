"""Whether dancers follow the key-points that drove their videos.

Axis letters: B clips, T frames, K key-points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean, check_as_many
from macedance.metrics.functional.keypoint_accuracy import THRESHOLD, keypoint_accuracy


class KeypointAccuracy(ClipMean):
    """Share of driving points that the dancer has near (PCK), averaged over clips; 0 to 1, higher is better.

    See :func:`~macedance.metrics.functional.keypoint_accuracy`. Clips that nothing drives are left out and
    counted. Needs no weights.

    Args:
        threshold: How near, in lengths of the torso.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    >>> import torch
    >>> driving = torch.rand(4, 20, 3, generator=torch.Generator().manual_seed(0)) * 100 + 1
    >>> metric = KeypointAccuracy()
    >>> metric.update([driving, driving + 1000], [driving, driving])
    >>> metric.compute()
    tensor(0.5000, dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(self, threshold: float = THRESHOLD, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.threshold = threshold

    def update(self, keypoints: Sequence[Tensor], drivings: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            keypoints: Of B clips, those found in the video (T, K, 3): x, y in pixels and confidence.
            drivings: Of each clip, those that it was to follow (T, K, 3), in its pixels.

        Raises:
            ValueError: A clip's have another shape, or there are not as many of each.
        """
        check_as_many("drivings", drivings, "keypoints", keypoints)
        self._add(
            [keypoint_accuracy(*pair, self.threshold) for pair in zip(keypoints, drivings, strict=True)]
        )
