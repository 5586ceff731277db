"""Experts that do as little as the Protocols allow: the other half of a cascade in which one is tested."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from macedance.expert_protocols import OnProgress, Video
from macedance.geometry.motion import Motion
from macedance.projection.reference import Reference


class StandingDancer:
    """Stands still to any music."""

    def generate(
        self,
        music: Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Motion:
        """A body at rest."""
        num_frames = len(music) if num_frames is None else num_frames
        return Motion(torch.zeros(num_frames, 24, 3), torch.zeros(num_frames, 3))


class StillRenderer:
    """Shows the reference picture, whatever the dance."""

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
        """The picture, for as long as the dance lasts."""
        picture, num_frames = np.asarray(reference.image.resize(size_px)), motion.resample(fps).num_frames

        def frames() -> Iterator[np.ndarray]:
            for _ in range(num_frames):
                yield picture

        return Video(frames(), num_frames, fps)
