"""Frames in between from a TorchScript file, such as AMT-S. Axis letters: F frames, H height, W width."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from macedance.metrics.extractors.frame_batches import require_equal_shapes, require_positive, run_in_batches
from macedance.metrics.extractors.torchscript import load_torchscript
from macedance.metrics.extractors.weights import AMT_S, find_weights


class TorchScriptInterpolator:
    """A network that makes the frame at a given time between two; by default AMT-S, as VBench takes it.

    It is called with both frames in [0, 1], padded by their edges to a multiple of ``multiple_px``, and the
    time 0.5 of shape (F, 1, 1, 1), and gives frames in [0, 1]. These are rounded down to whole 255ths, as in
    VBench.

    Args:
        path: Of the file; None looks for ``amt_s.torchscript.pt`` in the weights folder. docs/weights.md tells
            how to export it.
        name: What stands in the metrics' names.
        multiple_px: What height and width must be multiples of.
        batch_size: Pairs of frames at a time; a trace may hold for one only.
        device: Where it runs.

    Raises:
        FileNotFoundError: The file is not there.
        ValueError: It is no TorchScript file, or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        name: str = "amt-s",
        multiple_px: int = 16,
        batch_size: int = 1,
        device: str = "cpu",
    ) -> None:
        require_positive("batch_size", batch_size)
        self.name = name
        self._multiple_px = multiple_px
        self._batch_size, self._device = batch_size, device
        self._network = load_torchscript(find_weights(AMT_S, path), device)

    def __call__(self, before: Tensor, after: Tensor) -> Tensor:
        """Frames float32 in 0..255 (F, 3, H, W) between frames uint8 of the same shape.

        Raises:
            ValueError: Frames, once padded, are not of the size that the network was traced for.
        """
        require_equal_shapes("before", before, "after", after)
        return run_in_batches(
            self._between, before, after,
            batch_size=self._batch_size, device=self._device, empty_shape=(0, *before.shape[1:]),
        )  # fmt: skip

    def _between(self, before: Tensor, after: Tensor) -> Tensor:
        height, width = before.shape[-2:]
        left, right = _margins(width, self._multiple_px)
        top, bottom = _margins(height, self._multiple_px)
        margins = (left, right, top, bottom)
        first, second = (F.pad(frames / 255, margins, mode="replicate") for frames in (before, after))
        self._network.require_size(first)
        time = torch.full((len(first), 1, 1, 1), 0.5, device=first.device)
        between = self._network.module(first, second, time)[..., top : top + height, left : left + width]
        return (between * 255).clamp(0, 255).floor()


def _margins(extent: int, multiple: int) -> tuple[int, int]:
    """How much to add before and after, so that ``extent`` becomes a multiple.

    >>> _margins(30, 16), _margins(32, 16)
    ((1, 1), (0, 0))
    """
    missing = -extent % multiple
    return missing // 2, missing - missing // 2
