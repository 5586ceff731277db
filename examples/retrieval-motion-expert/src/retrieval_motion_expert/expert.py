"""The expert. Axes: B batch, N windows, W frames of a window, T frames, C channels."""

from __future__ import annotations

import math
from typing import Any

import lightning as L
import torch
from lightning.pytorch.cli import OptimizerCallable
from torch import Tensor
from torch.optim import Adam

from macedance import Motion
from macedance.data.genres import genre_index
from macedance.data.motion_clips import MOTION_FPS
from macedance.geometry.representation import PELVIS_CHANNELS, ROTATION_CHANNELS
from retrieval_motion_expert.joining import along_floor, joined
from retrieval_motion_expert.music_distance import MusicDistance
from retrieval_motion_expert.window_bank import WindowBank

HOME_WEIGHT = 0.3
"""Cost of a metre squared away from where the dance began."""
REPEAT_COST = 0.5
"""Cost of a window that was danced among the last few."""
NUM_RECENT = 4


class RetrievalMotionExpert(L.LightningModule):
    """Dances with windows of the dances it was trained on, fetched by how alike the music is.

    Training fills a bank of windows, and learns how much each feature of music tells about when a dancer moves. A
    dance is made from window to window: the next is one whose music is alike, whose beats fall alike, that begins
    much as the last one ends, and that does not lead too far away. The windows are joined without jumps.

    Reads :class:`~macedance.datamodules.MotionData` whose ``window_frames`` are at least ``bank_frames``.

    Args:
        bank_frames: Frames W of the windows in the bank, at 30 fps.
        num_shared: Frames in which a window takes over from the one before.
        max_windows: Windows that the bank can hold; each takes 45 kB at 60 frames.
        temperature: How freely a window is chosen, in [0.1, 1]: the smaller, the more often it is the best.
        optimizer: Makes the optimizer of the features' weights.

    Raises:
        ValueError: The windows are not longer than what they share.
    """

    def __init__(
        self,
        bank_frames: int = 60,
        num_shared: int = 12,
        max_windows: int = 2048,
        temperature: float = 0.3,
        optimizer: OptimizerCallable = lambda parameters: Adam(parameters, lr=0.02),
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["optimizer"])
        if not 1 <= num_shared < bank_frames:
            raise ValueError(
                f"num_shared must lie in 1..{bank_frames - 1}, got {num_shared}; see bank_frames"
            )
        self.num_shared, self.temperature, self.optimizer = num_shared, temperature, optimizer
        self.bank = WindowBank(max_windows, bank_frames)
        self.music_distance = MusicDistance()

    def configure_optimizers(self) -> Any:
        """The optimizer of the features' weights."""
        return self.optimizer(self.parameters())

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Remember the windows of a batch, and compare them with one another."""
        motion, music, genre = self._windows(batch)
        self.bank.add(*map(self._of_all_ranks, (motion, music, genre)))
        loss = self._loss(motion, music)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """The same comparison of windows that are not remembered."""
        motion, music, _ = self._windows(batch)
        self.log("val/loss", self._loss(motion, music), batch_size=len(motion), sync_dist=True)

    @torch.no_grad()
    def generate(
        self,
        music: Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Motion:
        """One dance at 30 fps; see :class:`macedance.expert_protocols.MotionGenerator`.

        Raises:
            ValueError: ``num_frames`` is out of its range, or the expert was never trained.
        """
        if len(self.bank) == 0:
            raise ValueError("the expert remembers no dances yet: train it, or load a trained one")
        num_frames = len(music) if num_frames is None else num_frames
        if not 1 <= num_frames <= len(music):
            raise ValueError(f"num_frames must lie in 1..{len(music)}, the music's length, got {num_frames}")
        self.eval()
        costs = self._music_costs(music[:num_frames].to(self.bank.music))
        if genre is not None:
            is_other = self.bank.genre[: len(self.bank)] != genre_index(genre)
            costs = costs + is_other.to(costs)
        chosen = self._choose(costs, self.temperature if temperature is None else temperature, generator)
        windows = self.bank.motion[chosen].float().cpu()
        return joined(windows, self.num_shared, fps=MOTION_FPS).crop(0, num_frames)

    def _windows(self, batch: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        """Motion (N, W, 151), music (N, W, 35) and genre (N,) of a batch, cut into windows that do not overlap."""
        size = self.bank.motion.shape[1]
        num = batch["motion"].shape[1] // size
        if num == 0:
            raise ValueError(
                f"window_frames of the data must be at least {size}, bank_frames of the expert, got "
                f"{batch['motion'].shape[1]}"
            )
        motion, music = (
            batch[name][:, : num * size].unflatten(1, (num, size)).flatten(0, 1)
            for name in ("motion", "music")
        )
        return motion, music, batch["genre"].repeat_interleave(num)

    def _of_all_ranks(self, values: Tensor) -> Tensor:
        return self.all_gather(values).reshape(-1, *values.shape[1:])

    def _loss(self, motion: Tensor, music: Tensor) -> Tensor:
        """How unlike a window's movement that is which alike music fetches from the rest of the batch, on average."""
        movement = motion[..., ROTATION_CHANNELS].diff(dim=1).norm(dim=-1)
        unlike = torch.cdist(movement, movement) / movement.std().clamp(min=1e-6) / movement.shape[1] ** 0.5
        itself = torch.eye(len(music), dtype=torch.bool, device=music.device)
        nearness = (-4 * self.music_distance(music, music)).masked_fill(itself, -1e4).softmax(dim=1)
        return (nearness * unlike).sum(dim=1).mean()

    def _music_costs(self, music: Tensor) -> Tensor:
        """Distances (K, N) of the music (T, C) of each window of the dance to that of the windows in the bank."""
        size = self.bank.motion.shape[1]
        hop = size - self.num_shared
        num = max(1, math.ceil((len(music) - self.num_shared) / hop))
        rest = music[-1:].expand(num * hop + self.num_shared - len(music), -1)
        asked = torch.cat([music, rest]).unfold(0, size, hop).movedim(-1, 1)
        distances = self.music_distance(asked, self.bank.music[: len(self.bank)])
        return distances / distances.mean()

    def _choose(self, costs: Tensor, temperature: float, generator: torch.Generator | None) -> list[int]:
        """The windows of the dance, each drawn by its costs (K, N) and by how it goes on from the one before."""
        motion = self.bank.motion[: len(self.bank)]
        rotations, pelvis = motion[..., ROTATION_CHANNELS], motion[..., PELVIS_CHANNELS]
        walks = along_floor(pelvis[:, -self.num_shared] - pelvis[:, 0])
        place = torch.zeros(3).to(walks)
        chosen: list[int] = []
        for cost in costs:
            cost = cost + HOME_WEIGHT * (place + walks).square().sum(dim=1)
            if chosen:
                jump = (rotations[:, : self.num_shared] - rotations[chosen[-1], -self.num_shared :]).square()
                cost = cost + jump.mean(dim=(1, 2)) / jump.mean().clamp(min=1e-6)
                cost[chosen[-NUM_RECENT:]] += REPEAT_COST
            odds = (-cost / (0.3 * temperature)).float().softmax(dim=0).cpu()
            chosen.append(int(torch.multinomial(odds, 1, generator=generator)))
            place = place + walks[chosen[-1]]
        return chosen
