from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.plugins.precision import MixedPrecision

from macedance.callbacks import NonFiniteGuard
from macedance.data.shards.order import sample_seed

from ..distributed.recorded_run import Run
from ..forks import Forks
from .toy_training import GOOD, NAN_GRADIENT, NAN_LOSS, OTHER, Toy, batches, toy_trainer


def train(
    folder: Path, *values: tuple[float, float], guard: L.Callback | None = None, **options: Any
) -> L.Trainer:
    trainer = toy_trainer(folder, guard or NonFiniteGuard(), **options)
    trainer.fit(Toy(), batches(*values))
    return trainer


def told(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "non_finite.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("bad", [NAN_LOSS, NAN_GRADIENT])
def test_a_bad_step_leaves_everything_as_it_was(tmp_path: Path, bad: tuple[float, float]) -> None:
    """Weight decay and Adam's moments and step count included."""
    trainer = train(tmp_path / "bad", GOOD, bad, OTHER)
    expected = train(tmp_path / "good", GOOD, OTHER)
    one, other = (
        [run.model.weight, *run.optimizers[0].state[run.model.weight].values()] for run in (trainer, expected)
    )
    torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert trainer.global_step == 3
    assert trainer.logged_metrics["train/skipped_steps"] == 1
    assert told(tmp_path / "bad") == [
        {
            "step": 1,
            "epoch": 0,
            "loss_of_ranks": [0] if math.isnan(bad[0]) else [],
            "gradients_of": ["weight"],
            "keys_of_ranks": [["clip1"]],
        }
    ]


def test_finite_steps_are_taken(tmp_path: Path) -> None:
    large = (1e30, 1e30)  # whose square is infinite
    trainer = train(tmp_path, large, gradient_clip_val=None)
    assert trainer.logged_metrics["train/skipped_steps"] == 1, "its loss is infinite"
    trainer = train(tmp_path / "good", GOOD)
    assert not (tmp_path / "good/non_finite.jsonl").exists()
    assert trainer.logged_metrics["train/skipped_steps"] == 0


def test_all_batches_of_a_step_are_named(tmp_path: Path) -> None:
    train(tmp_path, GOOD, OTHER, NAN_LOSS, GOOD, GOOD, OTHER, accumulate_grad_batches=2)
    (line,) = told(tmp_path)
    assert line["keys_of_ranks"] == [["clip2", "clip3"]]
    assert line["step"] == 1


def test_too_many_in_a_row_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="not finite in 2 steps in a row, and limit_in_a_row of NonFiniteGuard"
    ):
        train(tmp_path, GOOD, NAN_LOSS, NAN_LOSS, OTHER, guard=NonFiniteGuard(limit_in_a_row=2))
    train(tmp_path / "apart", GOOD, NAN_LOSS, GOOD, NAN_LOSS, guard=NonFiniteGuard(limit_in_a_row=2))


def test_too_many_in_all_end_the_run_that_is_resumed(tmp_path: Path) -> None:
    train(tmp_path, NAN_LOSS, GOOD, NAN_LOSS, GOOD, guard=NonFiniteGuard(limit=3))
    again = toy_trainer(tmp_path, NonFiniteGuard(limit=3), max_epochs=2)
    with pytest.raises(ValueError, match=r"not finite in 3 steps in all, and limit of .*non_finite\.jsonl"):
        again.fit(Toy(), batches(GOOD, NAN_LOSS, GOOD), ckpt_path=tmp_path / "checkpoints/last.ckpt")


@pytest.mark.parametrize(("bad", "num_skipped"), [(NAN_GRADIENT, 0), (NAN_LOSS, 1)])
def test_infinite_gradients_are_the_scalers_business(
    tmp_path: Path, bad: tuple[float, float], num_skipped: int
) -> None:
    scaling = MixedPrecision("16-mixed", "cpu", torch.amp.GradScaler("cpu", init_scale=1.0))
    trainer = train(tmp_path, GOOD, bad, plugins=[scaling])
    assert trainer.logged_metrics["train/skipped_steps"] == num_skipped
    assert trainer.model.weight.isfinite().all()


@pytest.mark.parametrize("limits", [{"limit": 0}, {"limit_in_a_row": -1}])
def test_limits_must_be_positive(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        NonFiniteGuard(**limits)


@pytest.mark.distributed
@pytest.mark.parametrize(
    ("trouble", "loss_of_ranks"),
    [(("--nan-at", 1, 2), [1]), (("--nan-gradient-at", 1, 2, "--strategy", "fsdp2"), [])],
)
def test_both_ranks_skip_what_is_bad_on_one(
    forks: Forks, motion_shards: Path, tmp_path: Path, trouble: tuple, loss_of_ranks: list[int]
) -> None:
    """A batch of the second rank, or a gradient in its part of the weights."""
    run = Run(forks, tmp_path / "run", motion_shards, *trouble, num_ranks=2).train(4)
    weights = run.weights()
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert {float(weights[name]) for name in weights if name.endswith(".step")} == {2.0}
    lines = told(run.folder)
    assert [(line["step"], line["loss_of_ranks"]) for line in lines] == [
        (1, loss_of_ranks),
        (2, loss_of_ranks),
    ]
    batches = run.batches()
    for line in lines:
        seeds = batches[line["epoch"], line["step"]][1]
        keys = sum(line["keys_of_ranks"], [])  # noqa: RUF017 - two short lists
        for key, seed in zip(keys, seeds, strict=True):
            assert seed in [sample_seed(0, line["epoch"], f"{key}/{repeat}") for repeat in range(3)]
        assert [len(keys) for keys in line["keys_of_ranks"]] == [2, 2]
        assert line["gradients_of"]


class TwoOptimizers(Toy):
    """Two networks of one loss, each with its own optimizer."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.scale = torch.nn.Parameter(torch.tensor(1.0))

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        self.manual_backward(super().training_step(batch, batch_idx) * self.scale)
        for optimizer in self.optimizers():
            optimizer.step()
            optimizer.zero_grad()

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        return [torch.optim.AdamW([parameter]) for parameter in (self.weight, self.scale)]


def test_a_batch_of_several_optimizers_counts_once(tmp_path: Path) -> None:
    guard, module = NonFiniteGuard(limit_in_a_row=3), TwoOptimizers()
    trainer = toy_trainer(tmp_path, guard, gradient_clip_val=None)
    with pytest.raises(ValueError, match="limit_in_a_row of NonFiniteGuard is 3"):
        trainer.fit(module, batches(GOOD, NAN_LOSS, NAN_LOSS, NAN_LOSS, GOOD))
    assert guard.num_skipped == 3
    assert [line["keys_of_ranks"] for line in told(tmp_path)] == [[["clip1"]], [["clip2"]], [["clip3"]]]
    assert all(parameter.isfinite().all() for parameter in module.parameters())
