"""Checkpoint files that a full disk cannot harm."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from macedance.distributed.sharded_checkpoint import (
    as_os_error,
    is_sharded_checkpoint,
    put_aside,
    read_sharded_checkpoint,
    remove_checkpoint,
)
from macedance.whole_files import renamed_when_complete


class WholeFileCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside the one that it replaces, and renames it when it lies on the disk as a whole.

    Lightning's own class copies from ``/tmp`` over what is there, which a full disk leaves cut off. Remote places are
    written as Lightning does.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        """Write a file.

        Raises:
            OSError: The disk is full, or cannot be written; what was at ``path`` is still there.
        """
        if storage_options is not None or "://" in str(path):
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        path = Path(path)
        _remove_remains(path)
        replaced = None
        with renamed_when_complete(path) as partial:
            try:
                with partial.open("wb") as file:
                    torch.save(checkpoint, file)
                    file.flush()
                    os.fsync(file.fileno())
            except (OSError, RuntimeError) as error:
                raise as_os_error(error, path) from error
            if path.is_dir():  # of a run whose weights were sharded before
                replaced = put_aside(path)
        if replaced:
            remove_checkpoint(replaced)

    def load_checkpoint(self, path: str | Path, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Read a file, or the folder of a run with sharded weights."""
        if is_sharded_checkpoint(path):
            return read_sharded_checkpoint(path)
        return super().load_checkpoint(path, *args, **kwargs)


def _remove_remains(path: Path) -> None:
    """Of processes that were killed while they wrote this file."""
    for remains in path.parent.glob(f".*.{glob.escape(path.name)}"):
        if remains.is_file():
            remains.unlink(missing_ok=True)
