"""The mean of two frames, which needs no network. Axis letters: F frames, H height, W width."""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.extractors.frame_batches import require_equal_shapes


class LinearInterpolator:
    """The mean of both frames: what moves is seen twice, so that fast motion counts as rough."""

    name = "linear"

    def __call__(self, before: Tensor, after: Tensor) -> Tensor:
        """Frames float32 in 0..255 (F, 3, H, W) between frames uint8 of the same shape."""
        require_equal_shapes("before", before, "after", after)
        return (before.float() + after.float()).cpu() / 2
