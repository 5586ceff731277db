"""The kit for Motion Experts. Axes: T frames, C channels."""

from __future__ import annotations

import time
from typing import Any, ClassVar

import lightning as L
import pytest
import torch
from torch import Tensor

from macedance.data.genres import GENRES
from macedance.datamodules import MotionData
from macedance.expert_protocols import MotionGenerator
from macedance.geometry.motion import Motion
from macedance.testing.expert_conformance import ExpertConformance
from macedance.testing.stand_ins import StillRenderer
from macedance.testing.tiny_shards import TinyShards

FPS = 30


class MotionExpertConformance(ExpertConformance):
    """Tests of a class with ``generate(music, *, num_frames, genre, temperature, generator) -> Motion``.

    Attributes:
        window_frames: Length of the windows that it is trained on.
        seconds_for_a_minute: How long it may take, on one CPU core, to make a minute of dance.
    """

    window_frames: ClassVar[int] = 60
    seconds_for_a_minute: ClassVar[float] = 60.0

    protocol_method = MotionGenerator.generate
    method_name = "generate"
    role = "motion"

    def other_expert(self) -> dict[str, Any]:
        """A renderer that shows the picture."""
        return {"appearance": StillRenderer()}

    def data(self, shards: TinyShards) -> L.LightningDataModule:
        """Three windows of each of two dances, in batches of two."""
        return MotionData(shards.motion(), batch_size=2, window_frames=self.window_frames, windows_per_clip=3)

    def music(self, shards: TinyShards) -> Tensor:
        """Features (240, 35) of the test song."""
        data = MotionData(shards.motion())
        data.setup("test")
        return data.clips["test"][0].music

    def outcome(self, expert: Any, shards: TinyShards, seed: int) -> dict[str, Tensor]:
        """Two seconds of dance."""
        generator = torch.Generator().manual_seed(seed)
        motion = expert.generate(self.music(shards), num_frames=2 * FPS, generator=generator)
        require_dance(motion, 2 * FPS)
        return {"poses": motion.poses, "trans": motion.trans}

    @pytest.mark.parametrize("num_frames", [1, 2, 2 * FPS + 1, 7 * FPS, None])
    def test_dances_for_as_long_as_it_is_asked(
        self, expert: Any, shards: TinyShards, num_frames: int | None
    ) -> None:
        """Any number of frames up to the music's, which is what it dances if it is not told."""
        music = self.music(shards)
        motion = expert.generate(music, num_frames=num_frames, generator=torch.Generator().manual_seed(0))
        require_dance(motion, num_frames or len(music))

    def test_dances_for_a_minute(self, expert: Any, shards: TinyShards) -> None:
        """Longer than any training window, in bounded time."""
        music = self.music(shards).repeat(8, 1)[: 60 * FPS]
        start = time.monotonic()
        motion = expert.generate(music, generator=torch.Generator().manual_seed(0))
        seconds = time.monotonic() - start
        require_dance(motion, 60 * FPS)
        assert seconds < self.seconds_for_a_minute, (
            f"a minute of dance took {seconds:.0f} s, more than seconds_for_a_minute = "
            f"{self.seconds_for_a_minute:g}; raise that if it has to be"
        )

    @pytest.mark.parametrize("temperature", [0.1, 1.0])
    @pytest.mark.parametrize("genre", [GENRES[0], GENRES[-1]])
    def test_takes_every_genre_and_temperature(
        self, expert: Any, shards: TinyShards, genre: str, temperature: float
    ) -> None:
        """An expert that knows no such thing takes no notice of them."""
        generator = torch.Generator().manual_seed(0)
        options = {"genre": genre, "temperature": temperature, "generator": generator}
        require_dance(expert.generate(self.music(shards), num_frames=FPS, **options), FPS)

    def test_leaves_the_music_as_it_is(self, expert: Any, shards: TinyShards) -> None:
        """The cascade goes on to use it."""
        music = self.music(shards)
        before = music.clone()
        expert.generate(music, num_frames=FPS, generator=torch.Generator().manual_seed(0))
        assert torch.equal(music, before), "generate must not write into the music; clone it first"


def require_dance(motion: Any, num_frames: int) -> None:
    """Fail unless it is a Motion, which is finite, at 30 fps, of that length, on the CPU and without gradients."""
    assert isinstance(motion, Motion), f"generate must return a macedance.Motion, got {type(motion).__name__}"
    assert motion.fps == FPS, f"dances must be at {FPS} fps, got {motion.fps:g}; use Motion.resample({FPS})"
    assert motion.num_frames == num_frames, (
        f"the dance must have {num_frames} frames, as many as num_frames says or the music has, "
        f"got {motion.num_frames}"
    )
    assert motion.poses.device.type == motion.trans.device.type == "cpu", (
        f"the dance must be on the CPU, got {motion.poses.device}; use Motion.to('cpu')"
    )
    has_gradients = motion.poses.requires_grad or motion.trans.requires_grad
    assert not has_gradients, "the dance must carry no gradients; put @torch.no_grad() on generate"
