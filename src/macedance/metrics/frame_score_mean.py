"""The state shared by metrics of single frames' scores.

Axis letters: B clips, T frames.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean


class FrameScoreMean(ClipMean):
    """Mean of frames' scores over each clip's frames, then over clips."""

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def update(self, scores: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            scores: Of B clips, a score (T,) of each frame.

        Raises:
            ValueError: A clip's have another shape.
        """
        self._add([frame_mean(clip, "scores") for clip in scores])


def frame_mean(values: Tensor, name: str) -> Tensor:
    """Mean of one clip's (T,), a float64 scalar.

    Raises:
        ValueError: They have another shape.
    """
    if values.ndim != 1:
        raise ValueError(f"{name} must hold one tensor (T,) for each clip, got {tuple(values.shape)}")
    return values.double().mean()
