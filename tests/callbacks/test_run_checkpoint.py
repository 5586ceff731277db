from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from macedance.callbacks import RunCheckpoint, WholeFileCheckpointIO
from macedance.cli import main
from macedance.distributed.sharded_checkpoint import put_aside, write_sharded_checkpoint

from .full_disk import FullDisk
from .toy_training import GOOD, Toy, batches, toy_trainer


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


class Fill(L.Callback):
    """Fills the disk after a step; may raise an exception there."""

    def __init__(self, disk: FullDisk, step: int, num_bytes: int, exception: Exception | None = None) -> None:
        self.disk, self.step, self.num_bytes, self.exception = disk, step, num_bytes, exception

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        if trainer.global_step == self.step:
            self.disk.fill(self.num_bytes)
            if self.exception:
                raise self.exception


def steps(folder: Path) -> dict[str, int]:
    """Of every file there, each of which loads."""
    return {path.name: torch.load(path, weights_only=True)["global_step"] for path in folder.iterdir()}


@pytest.mark.parametrize("num_bytes", [0, 1500])
@pytest.mark.parametrize("num_complete", [0, 1])
def test_a_full_disk_harms_no_checkpoint(
    tmp_path: Path, disk: FullDisk, num_bytes: int, num_complete: int
) -> None:
    """Whether it becomes full in the checkpoint of a step or in ``last.ckpt``, which comes after it."""
    folder = tmp_path / "checkpoints"
    toy_trainer(tmp_path, max_steps=1, max_epochs=-1).fit(Toy(), batches(GOOD))
    size = (folder / "last.ckpt").stat().st_size
    saving = RunCheckpoint(dirpath=folder, every_n_train_steps=1, enable_version_counter=False)
    trainer = toy_trainer(tmp_path, Fill(disk, 4, num_complete * 3 * size // 2 + num_bytes))
    trainer.callbacks[-1] = saving
    with pytest.raises(OSError, match=r"\.ckpt") as caught:
        trainer.fit(Toy(), batches(*[GOOD] * 8))
    assert caught.value.errno == errno.ENOSPC
    newest = 3 + num_complete
    names = {f"step={step:07d}.ckpt": step for step in (newest - 1, newest)}
    assert steps(folder) == {**names, "last.ckpt": 3}


def test_a_full_disk_hides_no_other_failure(
    tmp_path: Path, disk: FullDisk, caplog: pytest.LogCaptureFixture
) -> None:
    filling = Fill(disk, 2, 100, RuntimeError("as was asked for"))
    with pytest.raises(RuntimeError, match="as was asked for"):
        toy_trainer(tmp_path, filling).fit(Toy(), batches(GOOD, GOOD, GOOD))
    assert "the last steps could not be saved (OSError: [Errno 28] No space left" in caplog.text


@pytest.mark.slow
def test_the_command_says_that_the_disk_is_full(
    motion_shards: Path,
    tmp_path: Path,
    disk: FullDisk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["macedance"])
    options = {
        "trainer.accelerator": "cpu",
        "trainer.max_steps": 4,
        "trainer.val_check_interval": 2,
        "data.init_args.shards": motion_shards,
        "data.init_args.batch_size": 4,
        "data.init_args.window_frames": 40,
        "model.init_args.width": 16,
        "model.init_args.num_validation_sampling_steps": 1,
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    validate = "macedance.lightning_modules.MotionExpert.on_validation_epoch_end"
    monkeypatch.setattr(validate, lambda self: disk.fill(3000) if self.global_step == 4 else None)
    assert main(["fit", "--config", "configs/motion/tiny.yaml", *flags]) == 2
    path = "runs/motion-tiny/version_0/checkpoints/step=0000004.ckpt"
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"macedance: no space left on the disk at {path}; free some space and run the same command again"
    )
    assert steps(Path(path).parent) == {"step=0000002.ckpt": 2, "last.ckpt": 4}


def test_whoever_chose_how_to_write_is_asked(tmp_path: Path) -> None:
    class Chosen(TorchCheckpointIO):
        pass

    for plugins, expected in (([], WholeFileCheckpointIO), ([Chosen()], Chosen)):
        trainer = toy_trainer(tmp_path, plugins=plugins)
        trainer.fit(Toy(), batches(GOOD))
        assert type(trainer.strategy.checkpoint_io) is expected


class Stopper(L.Callback):
    """Wants to stop early, and counts checkpoints."""

    num_saved = 0

    def on_train_batch_end(self, trainer: L.Trainer, *args: Any) -> None:
        trainer.should_stop = True

    def on_save_checkpoint(self, *args: Any) -> None:
        self.num_saved += 1


def test_a_run_that_may_not_stop_yet_saves_no_more_often(tmp_path: Path) -> None:
    stopper = Stopper()
    trainer = toy_trainer(tmp_path, stopper, min_epochs=2, max_epochs=5)
    trainer.fit(Toy(), batches(*[GOOD] * 4))
    assert steps(tmp_path / "checkpoints")["last.ckpt"] == trainer.global_step
    assert stopper.num_saved < trainer.global_step


def test_a_file_takes_the_place_of_a_folder_once_it_is_written(tmp_path: Path, disk: FullDisk) -> None:
    path, io = tmp_path / "last.ckpt", WholeFileCheckpointIO()
    write_sharded_checkpoint({"step": 1, "state_dict": {"weight": torch.ones(2)}}, path)
    assert io.load_checkpoint(path)["step"] == 1
    disk.fill(0, errno.ENOSPC)
    with pytest.raises(OSError, match="last"):
        io.save_checkpoint({"step": 2, "state_dict": {}}, path)
    assert io.load_checkpoint(path)["step"] == 1
    disk.num_bytes = None
    io.save_checkpoint({"step": 2, "state_dict": {}}, path)
    assert torch.load(path, weights_only=True)["step"] == 2
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]


def test_last_is_found_that_was_being_replaced(tmp_path: Path) -> None:
    toy_trainer(tmp_path).fit(Toy(), batches(*[GOOD] * 4))
    put_aside(tmp_path / "checkpoints" / "last.ckpt")
    trainer = toy_trainer(tmp_path, max_epochs=2)
    trainer.fit(Toy(), batches(*[GOOD] * 4), ckpt_path="last")
    assert trainer.global_step == 8
    assert steps(tmp_path / "checkpoints")["last.ckpt"] == 8
