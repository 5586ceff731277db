"""Reading and writing npz files without pickles and without half-written files."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path

import numpy as np

from macedance.whole_files import renamed_when_complete


def save_npz(path: str | Path, **arrays: np.ndarray) -> None:
    """Write arrays to an npz file of exactly this name, whole or not at all; missing folders are made."""
    with renamed_when_complete(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_npz(path: str | Path, names: Collection[str]) -> dict[str, np.ndarray]:
    """Those of the named arrays that an npz file holds, read without unpickling anything.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no npz archive, or a named array could only be read by unpickling.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: there is no file {str(path)!r}; give the path of an npz file")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if name in names}
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"path: {str(path)!r} must be an npz of plain arrays ({reason}); write it with numpy.savez"
        ) from error
