"""A disk that becomes full while checkpoints are written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest


class _Limited:
    """An open file that takes so many bytes more."""

    def __init__(self, file: Any, disk: FullDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self._disk.num_bytes is not None:
            if size > self._disk.num_bytes:
                self._file.write(memoryview(data).cast("B")[: self._disk.num_bytes])
                self._disk.num_bytes = 0
                raise OSError(self._disk.number, os.strerror(self._disk.number))
            self._disk.num_bytes -= size
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Limited:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


class FullDisk:
    """Limits what is written to files that end in ``.ckpt``, once it is filled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.num_bytes: int | None = None
        self.number = errno.ENOSPC
        whole_open = Path.open

        def limited_open(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            file = whole_open(path, mode, *args, **kwargs)
            return _Limited(file, self) if path.suffix == ".ckpt" and "w" in mode else file

        monkeypatch.setattr(Path, "open", limited_open)

    def fill(self, num_bytes: int, number: int = errno.ENOSPC) -> None:
        """From now on it takes so many bytes and fails with an error of that number."""
        self.num_bytes, self.number = num_bytes, number
