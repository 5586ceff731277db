"""What turns a motion and a picture into a video. Axis letters: H height, W width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from macedance.geometry.motion import Motion
from macedance.projection.reference import Reference
from macedance.render.video import write_video

OnProgress = Callable[[int, int], None]
"""Called with the work done and the work in all, in units of the renderer's own."""


@dataclass(frozen=True)
class Video:
    """Pictures that are made when they are asked for, once.

    Attributes:
        frames: uint8 (H, W, 3) RGB, from first to last.
        num_frames: How many.
        fps: Frames per second.
    """

    frames: Iterable[np.ndarray]
    num_frames: int
    fps: float

    def save(
        self,
        path: str | Path,
        *,
        audio: np.ndarray | None = None,
        sample_rate: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Write an mp4, with sound if given; see :func:`macedance.render.video.write_video`."""
        write_video(path, self.frames, fps=self.fps, audio=audio, sample_rate=sample_rate, metadata=metadata)


class VideoRenderer(Protocol):
    """Any appearance expert.

    A class needs this one method. What else the cascade makes use of, where there is such a thing:

    * ``projector``: the :class:`~macedance.projection.projector.Projector` by which it finds where the dancer is. The
      cascade stores and scores key-points by it, and by ``Projector()`` where there is none: without it, an expert
      that projects in another way is scored against key-points that are not its own.
    * ``needs_motion``: False if it makes videos without a motion, which may then be None.
    * ``set_rendering(**options)``: Takes what a configuration says as ``rendering``.
    * ``configure_model()``: Of an nn.Module, loads what is large; called before the expert is used.
    * ``offloads``: True if it moves its parts to the GPU and back itself.
    * ``fingerprint()``: A text that is another when what it works with is, beyond weights and arguments; a run
      whose clips were made with another is refused.
    * ``for_clip(key)``: See :class:`~macedance.expert_protocols.Bound`.
    """

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
        """The video, of (width, height) and ``fps``, in which the person of ``reference`` dances ``motion``."""
        ...
