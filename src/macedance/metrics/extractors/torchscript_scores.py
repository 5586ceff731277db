"""Scores of frames from a TorchScript file, such as MUSIQ. Axis letters: F frames, H height, W width."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from macedance.metrics.extractors.frame_batches import require_pictures, require_positive, run_in_batches
from macedance.metrics.extractors.preprocessing import resize
from macedance.metrics.extractors.torchscript import load_torchscript
from macedance.metrics.extractors.weights import MUSIQ, find_weights


class TorchScriptFrameScores:
    """A network that scores pictures in [0, 1]; by default MUSIQ trained on SPAQ, used as VBench uses it.

    Args:
        path: Of the file; None looks for ``musiq_spaq.torchscript.pt`` in the weights folder. docs/weights.md
            tells how to export it.
        name: What stands in the metrics' names.
        max_side_px: Frames whose longer side is longer are shrunk to it, without smoothing; None for never.
        full_score: What the network gives at best, by which scores are divided.
        batch_size: Frames at a time; a trace may hold for one only.
        device: Where it runs.

    Raises:
        FileNotFoundError: The file is not there.
        ValueError: It is no TorchScript file, or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        name: str = "musiq",
        max_side_px: int | None = 512,
        full_score: float = 100.0,
        batch_size: int = 1,
        device: str = "cpu",
    ) -> None:
        require_positive("batch_size", batch_size)
        self.name = name
        self._max_side_px, self._full_score = max_side_px, full_score
        self._batch_size, self._device = batch_size, device
        self._network = load_torchscript(find_weights(MUSIQ, path), device)

    def __call__(self, frames: Tensor) -> Tensor:
        """Scores (F,) of frames uint8 (F, 3, H, W).

        Raises:
            ValueError: Frames, once shrunk, are not of the size that the network was traced for.
        """
        require_pictures("frames", frames)
        return run_in_batches(
            self._scores, frames, batch_size=self._batch_size, device=self._device, empty_shape=(0,)
        )

    def _scores(self, frames: Tensor) -> Tensor:
        height, width = frames.shape[-2:]
        shrunk = frames.float()
        if self._max_side_px is not None and max(height, width) > self._max_side_px:
            scale = self._max_side_px / max(height, width)
            shrunk = resize(frames, (int(scale * height), int(scale * width)))
        self._network.require_size(shrunk)
        return self._network.module(shrunk / 255).reshape(len(frames)) / self._full_score
