"""The kit for Appearance Experts. Axes: F frames, H height, W width."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

import lightning as L
import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor

from macedance.datamodules import AppearanceData, MotionData
from macedance.expert_protocols import DATA_MEMBERS, Video, VideoRenderer
from macedance.geometry.motion import Motion
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.testing.expert_conformance import ExpertConformance
from macedance.testing.held_memory import held_memory
from macedance.testing.stand_ins import StandingDancer
from macedance.testing.tiny_shards import TinyShards

FPS = 30
NUM_STARTED = 3
"""Frames that are taken from a long video, to see how it begins."""
MAX_SHARE_HELD = 0.5
"""Memory that a renderer may hold then, more than of a short one, as a share of what the whole video takes."""


class AppearanceExpertConformance(ExpertConformance):
    """Tests of a class with ``render(motion, reference, *, size_px, fps, generator, on_progress) -> Video``.

    Attributes:
        size_px: (width, height) of the videos; both even, and not equal, so that exchanging them is noticed. A
            renderer that keeps kilobytes of each frame's pose needs a larger one, to tell them from pictures.
        long_seconds: Of the video whose first frames must come without the others.
    """

    size_px: ClassVar[tuple[int, int]] = (48, 64)
    long_seconds: ClassVar[float] = 120.0
    is_deterministic = True

    protocol_method = VideoRenderer.render
    method_name = "render"
    role = "appearance"

    def other_expert(self) -> dict[str, Any]:
        """A dancer who stands still."""
        return {"motion": StandingDancer()}

    def data(self, shards: TinyShards) -> L.LightningDataModule:
        """Three windows of each of two videos with what the expert's ``data_members`` name, in batches of two."""
        members = getattr(self.expert_class, "data_members", DATA_MEMBERS)
        return AppearanceData(
            shards.rendered(), batch_size=2, members=members, num_frames=9, windows_per_clip=3
        )

    def motion(self, shards: TinyShards) -> Motion:
        """The test dance of 8 s at 30 fps, y up."""
        data = MotionData(shards.motion())
        data.setup("test")
        return data.clips["test"][0].dance

    def reference(self, shards: TinyShards, *, has_keypoints: bool = True) -> Reference:
        """A picture in which a person could stand, of another size than the video."""
        width, height = 90, 120
        shades = np.linspace(0, 255, height * width * 3).reshape(height, width, 3).astype(np.uint8)
        image = PIL.Image.fromarray(shades)
        if not has_keypoints:
            return Reference(image)
        sequence = Projector().project(self.motion(shards).crop(0, 2), size_px=image.size)
        return Reference(image, sequence.points[0])

    def outcome(self, expert: Any, shards: TinyShards, seed: int) -> dict[str, Tensor]:
        """Nine frames at 30 fps."""
        motion, reference = self.motion(shards).crop(0, 9), self.reference(shards)
        generator = torch.Generator().manual_seed(seed)
        video = expert.render(motion, reference, size_px=self.size_px, generator=generator)
        return {"frames": torch.from_numpy(np.stack(self.frames_of(video, 9, FPS)))}

    def frames_of(self, video: Any, num_frames: float, fps: float) -> list[np.ndarray]:
        """All frames of a video, after it was seen to be what was asked for.

        Args:
            video: What ``render`` returned.
            num_frames: Duration times rate, which need not be whole.
            fps: The rate that was asked for.
        """
        self.require_video(video, num_frames, fps)
        frames = list(video.frames)
        assert len(frames) == video.num_frames, (
            f"video.num_frames says {video.num_frames}, but video.frames gave {len(frames)}"
        )
        for frame in frames:
            self.require_frame(frame)
        return frames

    def require_video(self, video: Any, num_frames: float, fps: float) -> None:
        """Fail unless length and rate are those that were asked for."""
        assert isinstance(video, Video), f"render must return a Video, got {type(video).__name__}"
        assert video.fps == fps, f"the video must be at {fps:g} fps, as asked for, got {video.fps:g}"
        assert abs(video.num_frames - num_frames) < 1, (
            f"the video must last as long as the dance, {num_frames:g} frames, got {video.num_frames}; "
            f"motion.resample(fps) has the right number"
        )

    def require_frame(self, frame: Any) -> None:
        """Fail unless it is a picture of the size that was asked for."""
        width, height = self.size_px
        assert isinstance(frame, np.ndarray), f"frames must be numpy arrays, got {type(frame).__name__}"
        assert frame.dtype == np.uint8, f"frames must be uint8, 0 to 255, got {frame.dtype}"
        assert frame.shape == (height, width, 3), (
            f"frames must be (H, W, 3) = {(height, width, 3)} for size_px = (W, H) = {self.size_px}, "
            f"got {frame.shape}"
        )

    @pytest.mark.parametrize(
        ("num_frames", "fps", "up_axis"), [(1, 30.0, "y"), (31, 16.0, "y"), (20, 24.0, "z"), (61, 10.0, "y")]
    )
    def test_films_any_length_at_any_rate(
        self, expert: Any, shards: TinyShards, num_frames: int, fps: float, up_axis: Any
    ) -> None:
        """The video lasts as long as the dance, whose rate and up axis are its own affair."""
        motion = self.motion(shards).crop(0, num_frames).to_up_axis(up_axis)
        video = expert.render(motion, self.reference(shards), size_px=self.size_px, fps=fps)
        self.frames_of(video, num_frames * fps / FPS, fps)

    def test_films_a_person_of_whom_no_keypoints_are_known(self, expert: Any, shards: TinyShards) -> None:
        """Not every picture comes with them."""
        reference = self.reference(shards, has_keypoints=False)
        video = expert.render(self.motion(shards).crop(0, 5), reference, size_px=self.size_px, fps=30.0)
        self.frames_of(video, 5, 30.0)

    def test_frames_are_made_when_they_are_asked_for(self, expert: Any, shards: TinyShards) -> None:
        """So that a long video takes the memory of a short one, and begins at once."""
        num_frames = round(self.long_seconds * FPS)
        self.outcome(expert, shards, 0)  # loads what is loaded once
        held_by_short, _ = self._start(expert, shards, NUM_STARTED)
        held_by_long, calls = self._start(expert, shards, num_frames)
        assert not calls or calls[-1][0] < calls[-1][1], (
            f"of {num_frames} frames {NUM_STARTED} were asked for, but on_progress tells that the whole work of "
            f"{calls[-1][1]} is done"
        )
        width, height = self.size_px
        share = (held_by_long - held_by_short) / (num_frames * height * width * 3)
        assert share < MAX_SHARE_HELD, (
            f"of {num_frames} frames {NUM_STARTED} were asked for, but memory of {share:.0%} of the whole video is "
            "held; make each frame when it is asked for, or a segment at a time (if it is not frames that take the "
            "memory, set a larger size_px)"
        )

    def _start(self, expert: Any, shards: TinyShards, num_frames: int) -> tuple[int, list[tuple[int, int]]]:
        """Bytes that are held when a video was begun, and what ``on_progress`` told until then."""
        dance, reference = self.motion(shards), self.reference(shards)
        places = torch.arange(num_frames) % dance.num_frames
        motion = Motion(dance.poses[places], dance.trans[places], fps=FPS)
        calls: list[tuple[int, int]] = []
        with held_memory() as held:
            video = expert.render(
                motion,
                reference,
                size_px=self.size_px,
                on_progress=lambda done, in_all: calls.append((done, in_all)),
            )
            self.require_video(video, num_frames, FPS)
            assert not isinstance(video.frames, list | tuple | np.ndarray | Tensor), (
                f"video.frames must make each frame when it is asked for, but is a {type(video.frames).__name__} of "
                "all; give a generator, or map(...)"
            )
            frames: Iterator[Any] = iter(video.frames)
            for frame in islice(frames, NUM_STARTED):
                self.require_frame(frame)
            return held(), calls

    def test_tells_how_far_it_is(self, expert: Any, shards: TinyShards) -> None:
        """``on_progress(done, in_all)`` rises to the end; the command line shows it."""
        calls: list[tuple[int, int]] = []
        video = expert.render(
            self.motion(shards).crop(0, 5),
            self.reference(shards),
            size_px=self.size_px,
            on_progress=lambda done, in_all: calls.append((done, in_all)),
        )
        self.frames_of(video, 5, FPS)
        assert calls, "on_progress must be called as frames are made"
        done, in_all = zip(*calls, strict=True)
        assert list(done) == sorted(done), f"on_progress must not go back, got {done}"
        assert done[-1] == in_all[-1], f"on_progress must come to its end, got {done[-1]} of {in_all[-1]}"
