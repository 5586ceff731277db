"""Experts that break the contract in one respect each, and one of each kind that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightning as L
import numpy as np
import torch
import torch.nn.functional as F

from macedance.geometry.motion import Motion
from macedance.geometry.representation import MOTION_DIM, decode_motion
from macedance.render.video_renderer import Video


class Linear(L.LightningModule):
    """A motion expert as small as can be, which tests below spoil in one respect each."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(35, MOTION_DIM)

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=1e-4)

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        return F.mse_loss(self.layer(batch["music"]), batch["motion"])

    @torch.no_grad()
    def generate(self, music, *, num_frames=None, genre=None, temperature=None, generator=None) -> Motion:
        return self.decoded(self.layer(music[:num_frames].to(self.layer.weight)))

    def decoded(self, features: torch.Tensor) -> Motion:
        return decode_motion(features.float())


class CountsInVain(Linear):
    num_batches = 0

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        self.num_batches += 1
        return super().training_step(batch, batch_idx) * self.num_batches


class NeverSteps(Linear):
    automatic_optimization = False


class DrawsFromElsewhere(Linear):
    def generate(self, music, *, num_frames=None, genre=None, temperature=None, generator=None) -> Motion:
        return moved(super().generate(music, num_frames=num_frames), torch.randn(3))


def moved(motion: Motion, distance: Any) -> Motion:
    return Motion(motion.poses, motion.trans + distance)


class CountsItsCalls(Linear):
    num_calls = 0

    def generate(self, music, **options: Any) -> Motion:
        self.num_calls += 1
        return moved(super().generate(music, **options), self.num_calls)


class LearnsInAnAttribute(Linear):
    loudest = 0.0

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        self.loudest = float(batch["music"].max())
        return super().training_step(batch, batch_idx)

    def generate(self, music, **options: Any) -> Motion:
        return moved(super().generate(music, **options), self.loudest)


class HasRandomAttribute(Linear):
    def __init__(self) -> None:
        super().__init__()
        self.place = torch.randn(3)

    def generate(self, music, **options: Any) -> Motion:
        return moved(super().generate(music, **options), self.place)


class HasBufferThatIsNotSaved(Linear):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("place", torch.randn(3), persistent=False)

    def generate(self, music, **options: Any) -> Motion:
        return moved(super().generate(music, **options), self.place.float())


class SavesNoArguments(Linear):
    def __init__(self, height: float = 0.0) -> None:
        super().__init__()
        self.height = height

    def generate(self, music, **options: Any) -> Motion:
        return moved(super().generate(music, **options), self.height)


class TakesFloat32Alone(Linear):
    @torch.no_grad()
    def generate(self, music, *, num_frames=None, genre=None, temperature=None, generator=None) -> Motion:
        return self.decoded(self.layer(music[:num_frames]))


class OverflowsInFloat64(Linear):
    def generate(self, music, **options: Any) -> Motion:
        motion = super().generate(music, **options)
        return moved(
            motion, 1.0 if self.layer.weight.dtype == torch.float32 else torch.finfo(torch.float64).max
        )


class KeepsItsFirstType(Linear):
    first: Any = None

    def generate(self, music, **options: Any) -> Motion:
        self.first = self.first or self.layer.weight.dtype
        return moved(super().generate(music, **options), self.first.itemsize)


class WritesIntoTheMusic(Linear):
    def generate(self, music, **options: Any) -> Motion:
        music *= 2
        return super().generate(music, **options)


class StopsAFrameEarly(Linear):
    def generate(self, music, **options: Any) -> Motion:
        motion = super().generate(music, **options)
        return motion.crop(0, motion.num_frames - 1)


class Misunderstands:
    def generate(self, music, *, num_frames, style): ...


class Grey:
    """An appearance expert as small as can be, which those below spoil in one respect each."""

    def render(
        self, motion, reference, *, size_px, fps=30.0, generator=None, on_progress=lambda done, in_all: None
    ) -> Video:
        num_frames = motion.resample(fps).num_frames
        return Video(self.frames(num_frames, size_px, on_progress), num_frames, fps)

    def frames(self, num_frames: int, size_px: tuple[int, int], on_progress: Any) -> Iterator[np.ndarray]:
        for number in range(num_frames):
            yield self.frame(number, size_px)
            self.tell(on_progress, number + 1, num_frames)

    def frame(self, number: int, size_px: tuple[int, int]) -> np.ndarray:
        return np.full((*reversed(size_px), 3), number % 256, np.uint8)

    def tell(self, on_progress: Any, done: int, in_all: int) -> None:
        on_progress(done, in_all)


class DrawsAllAtOnce(Grey):
    def frames(self, num_frames: int, size_px: tuple[int, int], on_progress: Any) -> Iterator[np.ndarray]:
        drawn = [self.frame(number, size_px) for number in range(num_frames)]
        return (self.told(frame, on_progress, number, num_frames) for number, frame in enumerate(drawn))

    def told(self, frame: np.ndarray, on_progress: Any, number: int, num_frames: int) -> np.ndarray:
        self.tell(on_progress, number + 1, num_frames)
        return frame


class DrawsOneTensor(DrawsAllAtOnce):
    def frames(self, num_frames: int, size_px: tuple[int, int], on_progress: Any) -> Iterator[np.ndarray]:
        drawn = torch.zeros(num_frames, *reversed(size_px), 3, dtype=torch.uint8)
        for number, frame in enumerate(drawn):
            yield self.told(frame.numpy().copy(), on_progress, number, num_frames)


class ListsAll(Grey):
    def frames(self, num_frames: int, size_px: tuple[int, int], on_progress: Any) -> Any:
        return list(super().frames(num_frames, size_px, lambda done, in_all: None))


class TellsAllAtOnce(Grey):
    def tell(self, on_progress: Any, done: int, in_all: int) -> None:
        on_progress(in_all, in_all)


class TellsNothing(Grey):
    def tell(self, on_progress: Any, done: int, in_all: int) -> None: ...


class GoesBack(Grey):
    def tell(self, on_progress: Any, done: int, in_all: int) -> None:
        on_progress(in_all - done, in_all)


class StopsHalfWay(Grey):
    def tell(self, on_progress: Any, done: int, in_all: int) -> None:
        on_progress(done, 2 * in_all)
