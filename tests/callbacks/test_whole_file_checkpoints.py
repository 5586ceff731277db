from __future__ import annotations

import errno
import os
import pathlib
from pathlib import Path
from typing import Any

import pytest
import torch

from macedance.callbacks import WholeFileCheckpointIO

from .full_disk import FullDisk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def checkpoint(value: float) -> dict[str, Any]:
    return {"weights": torch.full((20_000,), value), "step": 3}


@pytest.mark.parametrize("num_bytes", [0, 100, 40_000, 80_000])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, disk: FullDisk, num_bytes: int, number: int
) -> None:
    """Wherever in the file it becomes full: torch's writer has an error of its own for each place."""
    path = tmp_path / "new" / "last.ckpt"
    io = WholeFileCheckpointIO()
    io.save_checkpoint(checkpoint(1.0), path)
    disk.fill(num_bytes, number)
    with pytest.raises(OSError, match=r"last\.ckpt") as caught:
        io.save_checkpoint(checkpoint(2.0), path)
    assert caught.value.errno == number
    assert [file.name for file in path.parent.iterdir()] == ["last.ckpt"]
    assert torch.equal(io.load_checkpoint(path, weights_only=True)["weights"], torch.ones(20_000))


def test_it_is_the_systems_own_full_disk(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    path = tmp_path / "last.ckpt"
    (tmp_path / f".{os.getpid()}.last.ckpt").symlink_to(full)
    io = WholeFileCheckpointIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("macedance.callbacks.whole_file_checkpoints._remove_remains", lambda path: None)
        with pytest.raises(OSError, match="No space left") as caught:
            io.save_checkpoint(checkpoint(1.0), path)
    assert caught.value.errno == errno.ENOSPC
    assert not list(tmp_path.iterdir())


def test_other_errors_of_torch_are_told_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="pickle"):
        WholeFileCheckpointIO().save_checkpoint({"function": lambda: None}, tmp_path / "last.ckpt")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    remains = tmp_path / ".123.step=0000007.ckpt"
    others = tmp_path / ".123.step=0000008.ckpt"
    for path in (remains, others):
        path.write_text("half")
    WholeFileCheckpointIO().save_checkpoint(checkpoint(1.0), tmp_path / "step=0000007.ckpt")
    assert not remains.exists()
    assert others.exists()


def test_remote_places_are_written_as_lightning_does() -> None:
    io = WholeFileCheckpointIO()
    io.save_checkpoint(checkpoint(4.0), "memory://run/last.ckpt")
    assert io.load_checkpoint("memory://run/last.ckpt", weights_only=True)["step"] == 3
    assert not pathlib.Path("memory:").exists()
