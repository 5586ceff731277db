from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.plugins.environments import SLURMEnvironment
from torch.utils.data import DataLoader

from macedance.callbacks import PreemptionCheckpoint

from .toy_training import GOOD, Toy, batches, toy_trainer

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)


class Sender(L.Callback):
    """Sends signals to its own process in the middle of a step."""

    def __init__(self, at_batch: int, *numbers: int) -> None:
        self.at_batch, self.numbers = at_batch, numbers

    def on_before_backward(self, trainer: L.Trainer, *args: Any) -> None:
        if trainer.fit_loop.batch_idx == self.at_batch:
            for number in self.numbers:
                os.kill(os.getpid(), number)


class Raiser(L.Callback):
    def on_train_batch_end(self, *args: Any) -> None:
        raise RuntimeError("as was asked for")


@pytest.fixture
def handlers():
    """Handlers of the test's own; gives what stands there afterwards."""
    own = {number: (lambda *_: None) for number in SIGNALS}
    before = {number: signal.signal(number, handler) for number, handler in own.items()}
    yield own
    for number, handler in before.items():
        signal.signal(number, handler)


def saved_step(folder: Path) -> int:
    return int(torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["global_step"])


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGUSR1,), (signal.SIGTERM, signal.SIGTERM)])
def test_a_signal_ends_the_run_with_the_step_in_progress(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, numbers: tuple[int, ...], handlers: dict
) -> None:
    module = Toy()
    trainer = toy_trainer(tmp_path, Sender(2, *numbers), PreemptionCheckpoint(), limit_val_batches=1.0)
    with caplog.at_level(logging.INFO):
        trainer.fit(module, batches(*[GOOD] * 8), batches(GOOD))
    assert trainer.global_step == saved_step(tmp_path) == 3
    assert module.num_validations == 0, "there is no time for a validation"
    path = tmp_path / "checkpoints/last.ckpt"
    assert (
        f"stopped by a signal after step 3: the same command goes on with --ckpt_path {path}" in caplog.text
    )
    assert {number: signal.getsignal(number) for number in SIGNALS} == handlers


def test_an_unfinished_run_goes_on_and_validates_again(tmp_path: Path) -> None:
    trainer = toy_trainer(tmp_path, Sender(2, signal.SIGTERM), PreemptionCheckpoint(), limit_val_batches=1.0)
    module = Toy()
    data = batches(*[GOOD] * 8), batches(GOOD)
    trainer.fit(module, *data)
    trainer.fit(module, *data, ckpt_path=tmp_path / "checkpoints/last.ckpt")
    assert (trainer.global_step, module.num_validations) == (8, 1)


@pytest.mark.parametrize("minimum", [{"min_epochs": 3}, {"min_steps": 7}])
def test_a_minimum_of_training_is_no_reason_to_stay(tmp_path: Path, minimum: dict[str, int]) -> None:
    trainer = toy_trainer(
        tmp_path, Sender(2, signal.SIGUSR1), PreemptionCheckpoint(), max_epochs=3, **minimum
    )
    trainer.fit(Toy(), batches(*[GOOD] * 8))
    assert trainer.global_step == saved_step(tmp_path) == 3
    assert {name: getattr(trainer, name) for name in minimum} == minimum


def test_before_the_first_step_there_is_nothing_to_save(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = toy_trainer(
        tmp_path, Sender(0, signal.SIGTERM), PreemptionCheckpoint(), accumulate_grad_batches=4
    )
    with caplog.at_level(logging.INFO):
        trainer.fit(Toy(), batches(*[GOOD] * 8))
    assert trainer.global_step == 0
    assert "nothing has been trained yet that could be saved; the same command begins anew" in caplog.text


def test_a_failure_leaves_the_handlers_that_stood_there(tmp_path: Path, handlers: dict) -> None:
    with pytest.raises(RuntimeError, match="as was asked for"):
        toy_trainer(tmp_path, PreemptionCheckpoint(), Raiser()).fit(Toy(), batches(GOOD))
    assert {number: signal.getsignal(number) for number in SIGNALS} == handlers


def test_nothing_is_installed_outside_training(tmp_path: Path, handlers: dict) -> None:
    seen = []

    class Look(L.Callback):
        def on_validation_start(self, *args: Any) -> None:
            seen.append(signal.getsignal(signal.SIGUSR1))

    toy_trainer(tmp_path, PreemptionCheckpoint(), Look(), limit_val_batches=1.0).validate(
        Toy(), batches(GOOD)
    )
    assert seen == [handlers[signal.SIGUSR1]]


def test_slurm_requeues_nothing_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lightning would save in the middle of a step and call ``scontrol``."""
    told = {"NTASKS": "1", "PROCID": "0", "LOCALID": "0", "NODEID": "0", "JOB_ID": "7", "JOB_NAME": "train"}
    for name, value in told.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    trainer = toy_trainer(
        tmp_path,
        Sender(2, signal.SIGUSR1, signal.SIGTERM),
        PreemptionCheckpoint(),
        plugins=[SLURMEnvironment(auto_requeue=True)],
    )
    trainer.fit(Toy(), batches(*[GOOD] * 8))
    assert trainer.global_step == saved_step(tmp_path) == 3
    assert not list(tmp_path.rglob("hpc_ckpt*"))


def test_a_thread_trains_without_handlers(tmp_path: Path, handlers: dict) -> None:
    trainer = toy_trainer(tmp_path, PreemptionCheckpoint())
    thread = threading.Thread(target=trainer.fit, args=(Toy(), batches(GOOD, GOOD)))
    thread.start()
    thread.join()
    assert trainer.global_step == saved_step(tmp_path) == 2


def test_what_saves_is_required(tmp_path: Path) -> None:
    trainer = L.Trainer(
        accelerator="cpu", logger=False, enable_checkpointing=False, callbacks=[PreemptionCheckpoint()]
    )
    with pytest.raises(ValueError, match=r"trainer\.callbacks must hold macedance\.callbacks\.RunCheckpoint"):
        trainer.fit(Toy(), batches(GOOD))


def test_early_stopping_that_saw_no_validation_does_not_fail(tmp_path: Path, handlers: dict) -> None:
    stopping = EarlyStopping("val/loss")
    callbacks = (Sender(2, signal.SIGTERM), stopping, PreemptionCheckpoint())
    trainer = toy_trainer(tmp_path, *callbacks, limit_val_batches=1.0)
    trainer.fit(Toy(), batches(*[GOOD] * 8), batches(GOOD))
    assert saved_step(tmp_path) == 3
    assert stopping.strict


class GroupSender(L.Callback):
    """Sends a signal, in a validation, to whatever is left in the group of the loader's processes."""

    def on_validation_batch_end(self, *args: Any) -> None:
        workers = multiprocessing.active_children()
        assert workers
        assert all(os.getpgid(worker.pid or 0) != os.getpgid(0) for worker in workers)
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_to_the_group_spares_the_workers_of_a_validation(tmp_path: Path, handlers: dict) -> None:
    trainer = toy_trainer(
        tmp_path, GroupSender(), PreemptionCheckpoint(), limit_val_batches=1.0, max_epochs=9
    )
    loader = DataLoader(batches(GOOD, GOOD).dataset, batch_size=1, num_workers=1)
    trainer.fit(Toy(), batches(*[GOOD] * 2), loader)
    assert saved_step(tmp_path) == 3
