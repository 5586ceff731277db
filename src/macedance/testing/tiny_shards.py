"""Small sets of shards, of synthetic songs and dances, that take seconds to make."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from macedance.data.encode_plan import EncodePlan, EncodeSettings
from macedance.data.encoding import encode_shards
from macedance.data.rendering import RenderPlan, RenderSettings, render_shards
from macedance.data.synthesis import SynthesisSettings, synthesize

NUM_CLIPS = {"train": 2, "val": 1, "test": 1}
SECONDS = 8
VIDEO_SIZE = (64, 64)
VIDEO_FPS = Fraction(2)
ENCODED_FRAMES = 9


@dataclass(frozen=True)
class TinyShards:
    """Sets of two training clips, one to validate and one to test on, each made when it is first asked for.

    Attributes:
        folder: Where they are, or will be.
    """

    folder: Path

    def motion(self) -> str:
        """Dances of 8 s at 30 fps with music features, for :class:`~macedance.datamodules.MotionData`."""
        settings = SynthesisSettings(NUM_CLIPS, SECONDS, has_audio=False)
        synthesize(self.folder / "motion", settings)
        return str(self.folder / "motion")

    def rendered(self) -> str:
        """The same with videos of 16 frames of 64x64 pixels, for :class:`~macedance.datamodules.AppearanceData`.

        Members ``video.mp4``, ``pose.mp4``, ``reference.jpg`` and ``keypoints.npy``; they suit the cascade too.
        """
        settings = RenderSettings(VIDEO_SIZE, VIDEO_FPS)
        render_shards(self.folder / "rendered", RenderPlan.of(self.motion(), 32), settings)
        return str(self.folder / "rendered")

    def encoded(self) -> str:
        """Encodings of three windows of 9 frames of each clip by the tiny backbone, ``latents.safetensors``."""
        from macedance.models.appearance.backbone import load_backbone
        from macedance.models.appearance.encoding import DEFAULT_PROMPT, WindowEncoder

        def make_encoder() -> WindowEncoder:
            return WindowEncoder(load_backbone("tiny", with_transformer=False), DEFAULT_PROMPT)

        settings = EncodeSettings("tiny", DEFAULT_PROMPT, ENCODED_FRAMES, windows_per_clip=3)
        encode_shards(self.folder / "encoded", EncodePlan.of(self.rendered()), settings, make_encoder)
        return str(self.folder / "encoded")
