"""What the cascade asks of experts: two small Protocols, which any class may fulfil.

T frames, C channels.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from macedance.geometry.motion import Motion
from macedance.render.video_renderer import OnProgress, Video, VideoRenderer

__all__ = ["DATA_MEMBERS", "Bound", "MotionGenerator", "OnProgress", "Video", "VideoRenderer"]

DATA_MEMBERS = ("video.mp4", "keypoints.npy", "reference.jpg")
"""What an Appearance Expert is taken to be trained on, as ``members`` of AppearanceData, unless its class has an
attribute ``data_members`` that says what it is."""


@runtime_checkable
class MotionGenerator(Protocol):
    """Any motion expert.

    A class needs this one method. The cascade also makes use of ``configure_model()``, ``fingerprint()`` and
    ``for_clip(key)`` where there is such a thing; :class:`VideoRenderer` says what they are.
    """

    def generate(
        self,
        music: Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Motion:
        """A dance at 30 fps to music.

        Args:
            music: Features (T, 35) at 30 fps, as :func:`macedance.data.music_features.music_features` gives.
            num_frames: Length of the dance, from 1 to T; T if None.
            genre: One of :data:`macedance.data.genres.GENRES`, or None if it is unknown.
            temperature: How freely to dance, in [0.1, 1]; the expert's own choice if None. Experts that know no
                such thing take no notice of it.
            generator: Source of all chance, on the CPU: equal ones give equal dances.
        """
        ...


@runtime_checkable
class Bound(Protocol):
    """An expert that must know which clip it is asked for, since it has an answer ready for each.

    It needs neither of the other methods itself: what ``for_clip`` returns has one.
    """

    def for_clip(self, key: str) -> MotionGenerator | VideoRenderer:
        """The expert for the clip of that key."""
        ...
