"""The expert. Axes: B batch, F frames, K key-points (20), P parts of the figure, H height, W width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.cli import OptimizerCallable
from PIL import Image
from torch import Tensor, nn
from torch.optim import Adam

from macedance import Motion
from macedance.expert_protocols import OnProgress, Video
from macedance.projection.body_points import point_index
from macedance.projection.pose_sequence import VISIBLE, PoseSequence
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.background import background
from stick_figure_renderer.body_parts import PART_POINTS, PARTS
from stick_figure_renderer.drawing import Color, draw_figure


class StickFigureRenderer(L.LightningModule):
    """Draws a stick figure where the person stood, in front of the picture's background.

    What it learns are the colours of the figure's parts: the medians of what videos show in the middle of each part.
    Reads :class:`~macedance.datamodules.AppearanceData` with the members ``video.mp4`` and ``keypoints.npy``.

    Args:
        limb_width: Width of the limbs, as a share of the length of the torso.
        optimizer: Makes the optimizer of the colours.

    Raises:
        ValueError: The width is not positive.
    """

    data_members = ("video.mp4", "keypoints.npy")

    def __init__(
        self,
        limb_width: float = 0.22,
        optimizer: OptimizerCallable = lambda parameters: Adam(parameters, lr=0.02),
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["optimizer"])
        if limb_width <= 0:
            raise ValueError(f"limb_width must be positive, got {limb_width}")
        self.limb_width, self.optimizer = limb_width, optimizer
        self.palette = nn.Parameter(torch.full((len(PARTS), 3), 0.5))  # RGB in [0, 1]

    def configure_optimizers(self) -> Any:
        """The optimizer of the colours."""
        return self.optimizer(self.parameters())

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """How far the colours are from those that the videos of a batch show."""
        loss = self._loss(batch)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """The same, of videos that are not learnt from."""
        self.log("val/loss", self._loss(batch), batch_size=len(batch["video"]), sync_dist=True)

    def render(
        self,
        motion: Motion,
        reference: Reference,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        generator: torch.Generator | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """A video of the figure; see :class:`macedance.expert_protocols.VideoRenderer`."""
        sequence = Projector().project(motion, size_px=size_px, fps=fps, reference=reference)
        backdrop = Image.fromarray(background(reference, size_px))
        return Video(self._frames(sequence, backdrop, on_progress), sequence.num_frames, sequence.fps)

    def _frames(
        self, sequence: PoseSequence, backdrop: Image.Image, on_progress: OnProgress | None
    ) -> Iterator[np.ndarray]:
        colors = self._colors()
        width_px = max(self.limb_width * _torso_px(sequence.points), 1.0)
        for done, points in enumerate(sequence.points, start=1):
            yield draw_figure(backdrop, points, colors, width_px)
            if on_progress is not None:
                on_progress(done, sequence.num_frames)

    def _colors(self) -> list[Color]:
        shades = (self.palette.detach().float().clamp(0, 1) * 255).round().int().tolist()
        return [(red, green, blue) for red, green, blue in shades]

    def _loss(self, batch: dict[str, Any]) -> Tensor:
        seen, is_seen = seen_colors(batch["video"], batch["keypoints"])
        distance = (self.palette - seen.to(self.palette)).abs().mean(dim=-1)  # smallest at the median
        return (distance * is_seen).sum() / is_seen.sum().clamp(min=1)


def seen_colors(video: Tensor, keypoints: Tensor) -> tuple[Tensor, Tensor]:
    """Colours (B, F, P, 3) in [0, 1] in the middle of each part, and whether (B, F, P) all of its points are visible.

    Args:
        video: uint8 (B, 3, F, H, W).
        keypoints: (B, F, K, 3) x, y in the video's pixels and confidence.
    """
    middles = torch.stack([keypoints[:, :, list(points), :2].mean(dim=2) for points in PART_POINTS], dim=2)
    confidence = torch.stack([keypoints[:, :, list(points), 2].amin(dim=2) for points in PART_POINTS], dim=2)
    batch, _, num_frames, height, width = video.shape
    x = middles[..., 0].round().long().clamp(0, width - 1)
    y = middles[..., 1].round().long().clamp(0, height - 1)
    clip = torch.arange(batch, device=video.device)[:, None, None]
    frame = torch.arange(num_frames, device=video.device)[:, None]
    return video.movedim(1, -1)[clip, frame, y, x].float() / 255, confidence >= VISIBLE


def _torso_px(points: np.ndarray) -> float:
    """Length of the torso in pixels, of points (F, K, 3), in the frames in which it is seen best."""
    hips = points[:, point_index("right_hip", "left_hip"), :2].mean(axis=1)
    neck = points[:, point_index("neck")[0], :2]
    return float(np.quantile(np.linalg.norm(neck - hips, axis=-1), 0.9))
