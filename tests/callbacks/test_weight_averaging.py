from __future__ import annotations

from pathlib import Path

import pytest
import torch

from macedance.callbacks import ExponentialMovingAverage

from .toy_training import GOOD, Toy, batches, toy_trainer


def test_the_average_is_that_of_the_formula(tmp_path: Path) -> None:
    module = Toy()
    seen: list[torch.Tensor] = []
    module.on_before_zero_grad = lambda optimizer: seen.append(module.weight.detach().clone())
    trainer = toy_trainer(tmp_path, ExponentialMovingAverage(0.3))
    trainer.fit(module, batches(*[GOOD] * 5))
    checkpoint = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    after = [*seen[1:], checkpoint["current_model_state"]["weight"]]
    expected = after[0]
    for number, weight in enumerate(after[1:], start=1):
        decay = min(0.3, (1 + number) / (10 + number))
        expected = decay * expected + (1 - decay) * weight
    torch.testing.assert_close(checkpoint["state_dict"]["weight"], expected)
    assert torch.equal(module.weight, checkpoint["state_dict"]["weight"]), (
        "after training the average is left"
    )


def test_frozen_weights_are_not_averaged(tmp_path: Path) -> None:
    module = Toy()
    module.frozen = torch.nn.Parameter(torch.ones(3), requires_grad=False)
    average = ExponentialMovingAverage(0.3)
    trainer = toy_trainer(tmp_path, average)
    sizes = []
    module.on_train_end = lambda: sizes.extend(tensor.shape for tensor in average._average)
    trainer.fit(module, batches(GOOD))
    assert sizes == [(2,)]


def test_weights_whose_average_would_not_move_are_refused(tmp_path: Path) -> None:
    trainer = toy_trainer(tmp_path, ExponentialMovingAverage(), precision="bf16-true")
    with pytest.raises(ValueError, match=r"use --trainer\.precision bf16-mixed"):
        trainer.fit(Toy(), batches(GOOD))
