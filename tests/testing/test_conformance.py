"""The kits tell experts that break the contract what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from macedance.geometry.motion import Motion
from macedance.geometry.representation import MOTION_DIM, decode_motion
from macedance.render.video_renderer import Video
from macedance.testing import AppearanceExpertConformance, MotionExpertConformance, TinyShards
from macedance.testing.motion_conformance import require_dance


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
        return decode_motion(self.layer(music[:num_frames]))


class CountsInVain(Linear):
    num_batches = 0

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
        self.num_batches += 1
        return super().training_step(batch, batch_idx) * self.num_batches


class NeverSteps(Linear):
    automatic_optimization = False


class DrawsFromElsewhere(Linear):
    def generate(self, music, *, num_frames=None, genre=None, temperature=None, generator=None) -> Motion:
        motion = super().generate(music, num_frames=num_frames)
        return Motion(motion.poses + torch.randn(3), motion.trans)


class Misunderstands:
    def generate(self, music, *, num_frames, style): ...


def kit(expert: type, **attributes: Any) -> MotionExpertConformance:
    return type("Kit", (MotionExpertConformance,), {"expert_class": expert, **attributes})()


class DancesOnly(TinyShards):
    def motion(self) -> str:
        return str(self.folder)


@pytest.fixture
def shards(motion_shards: Path) -> TinyShards:
    return DancesOnly(motion_shards)


def test_another_signature() -> None:
    with pytest.raises(
        AssertionError, match=r"generate: num_frames must have the default None; it must take g"
    ):
        kit(Misunderstands).test_is_called_as_the_protocol_says()
    with pytest.raises(AssertionError, match="Motion must have a method generate"):
        kit(Motion).test_is_called_as_the_protocol_says()
    kit(Linear).test_is_called_as_the_protocol_says()


def test_state_that_a_checkpoint_does_not_hold(shards: TinyShards, tmp_path: Path) -> None:
    tests = kit(CountsInVain)
    checkpoint = tests._train(shards, tmp_path, num_steps=4)
    with pytest.raises(
        AssertionError, match=r"after a resume layer\.bias, layer\.weight differ; keep all state"
    ):
        tests.test_a_run_that_was_resumed_equals_one_that_was_not(checkpoint, shards, tmp_path)


def test_training_that_counts_no_steps(shards: TinyShards, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="global_step is 0: a run ends by steps of the optimizer"):
        kit(NeverSteps)._train(shards, tmp_path, num_steps=2)


def test_chance_from_elsewhere(shards: TinyShards) -> None:
    tests, expert = kit(DrawsFromElsewhere), DrawsFromElsewhere()
    made = tests.outcome(expert, shards, 0)
    with pytest.raises(AssertionError, match="must draw all chance from its generator"):
        tests.test_equal_seeds_make_the_same(expert, made, shards)


def test_chance_where_there_is_none(shards: TinyShards) -> None:
    tests, expert = kit(Linear), Linear()
    made = tests.outcome(expert, shards, 0)
    tests.test_equal_seeds_make_the_same(expert, made, shards)
    with pytest.raises(AssertionError, match="set is_deterministic = True"):
        tests.test_another_seed_makes_something_else(expert, made, shards)


@pytest.mark.parametrize(
    ("dance", "message"),
    [
        (torch.zeros(3, 72), "must return a macedance.Motion, got Tensor"),
        (Motion(torch.zeros(2, 24, 3), torch.zeros(2, 3)), "must have 3 frames"),
        (Motion(torch.zeros(3, 24, 3), torch.zeros(3, 3), fps=60), "must be at 30 fps, got 60"),
        (Motion(torch.zeros(3, 24, 3), torch.zeros(3, 3, requires_grad=True)), r"put @torch.no_grad\(\)"),
    ],
)
def test_what_is_no_dance(dance: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        require_dance(dance, 3)


BLACK = np.zeros((64, 48, 3), np.uint8)


@pytest.mark.parametrize(
    ("video", "message"),
    [
        ([BLACK], "must return a Video, got list"),
        (Video([BLACK], 1, 25.0), "must be at 30 fps, as asked for, got 25"),
        (Video([BLACK] * 4, 4, 30.0), "must last as long as the dance, 2 frames, got 4"),
        (Video([BLACK], 2, 30.0), r"says 2, but video\.frames gave 1"),
        (Video([BLACK.swapaxes(0, 1)] * 2, 2, 30.0), r"must be \(H, W, 3\) = \(64, 48, 3\)"),
        (Video([BLACK / 255] * 2, 2, 30.0), "must be uint8, 0 to 255, got float64"),
    ],
)
def test_what_is_no_video(video: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        AppearanceExpertConformance().frames_of(video, 2, 30.0)
