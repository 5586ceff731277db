"""Scores of generated frames beside the held-out ones. Axes: B batch, F frames, H height, W width."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torchmetrics import MetricCollection

from macedance.metrics.video_peak_signal_noise_ratio import VideoPeakSignalNoiseRatio
from macedance.metrics.video_structural_similarity import VideoStructuralSimilarity


class VideoScores(nn.Module):
    """Mean SSIM and PSNR over each clip's frames, then over all ranks' clips."""

    def __init__(self) -> None:
        super().__init__()
        self.metrics = MetricCollection(
            {"ssim": VideoStructuralSimilarity(), "psnr": VideoPeakSignalNoiseRatio()}, compute_groups=False
        )

    def update(self, generated: Tensor, truth: Tensor) -> None:
        """Take in clips (B, 3, F, H, W) in [0, 1] beside those that they should be; what lies outside is cut off."""
        self.metrics.update(_as_clips(generated), _as_clips(truth))

    def compute(self) -> dict[str, Tensor]:
        """``ssim`` and ``psnr``, in decibels."""
        return self.metrics.compute()

    def reset(self) -> None:
        """Forget all frames."""
        self.metrics.reset()


def print_video_scores(scores: Mapping[str, Mapping[str, float]], *, title: str) -> None:
    """Print a row of scores for each set of videos."""
    from rich.console import Console
    from rich.table import Table

    table = Table("videos", "SSIM", "PSNR, dB", title=title)
    for name, values in scores.items():
        table.add_row(name, f"{values['ssim']:.3f}", f"{values['psnr']:.2f}")
    Console().print(table)


def _as_clips(videos: Tensor) -> Tensor:
    return videos.float().clamp(0, 1).movedim(2, 1)
