"""Reading and writing npz and npy without pickles, without half-written files and without believing headers."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO

import numpy as np

from macedance.whole_files import renamed_when_complete

MAX_ARRAY_BYTES = 4 * 2**30
"""What one array of a motion or body file may take: more than days of motion."""

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


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
        with path.open("rb") as file:
            return parse_npz(file, names)
    except ValueError as error:
        raise ValueError(
            f"path: {str(path)!r} must be an npz of plain arrays ({error}); write it with numpy.savez"
        ) from error


def npz_shapes(path: str | Path) -> dict[str, tuple[int, ...]]:
    """The shapes of an npz file's arrays by their names, told by the headers alone.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no npz archive.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: there is no file {str(path)!r}; give the path of an npz file")
    shapes = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    shapes[entry.filename.removesuffix(".npy")] = read_npy_shape(file)
    except (*_DAMAGES, ValueError) as error:
        raise ValueError(
            f"path: {str(path)!r} must be an npz of plain arrays ({error}); write it with numpy.savez"
        ) from error
    return shapes


def read_npy_shape(file: IO[bytes]) -> tuple[int, ...]:
    """The shape that the header of an npy file tells.

    Raises:
        ValueError: It is not the header of an npy file.
    """
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"npy version {version} is not supported")
    return tuple(_HEADERS[version](file)[0])


def parse_npz(
    source: IO[bytes], names: Collection[str] | None = None, max_bytes: int = MAX_ARRAY_BYTES
) -> dict[str, np.ndarray]:
    """The arrays of an npz archive, or those of them that are named.

    Args:
        source: The archive, open for reading.
        names: Arrays to read; all if None.
        max_bytes: Largest unpacked size of one array. Checked before unpacking.

    Raises:
        ValueError: It is no npz archive, is damaged, holds objects, or unpacks to more than ``max_bytes``.
    """
    arrays = {}
    try:
        with zipfile.ZipFile(source) as archive:
            for entry in archive.infolist():
                name = entry.filename.removesuffix(".npy")
                if names is not None and name not in names:
                    continue
                if entry.file_size > max_bytes:
                    raise ValueError(f"{name} would take {entry.file_size} bytes, more than {max_bytes}")
                arrays[name] = parse_npy(archive.read(entry))
    except _DAMAGES as error:
        raise ValueError(f"it is no whole npz archive: {error or type(error).__name__}") from error
    return arrays


def parse_npy(data: bytes) -> np.ndarray:
    """The array of an npy file's bytes; its header must fit the bytes that follow.

    Raises:
        ValueError: The header is not one, promises another size than there is, or the array holds objects.
    """
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"npy version {version} is not supported")
    shape, is_fortran, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which are never loaded")
    num_bytes, expected = len(data) - file.tell(), math.prod(shape) * dtype.itemsize
    if num_bytes != expected:
        raise ValueError(f"its header promises {expected} bytes and {num_bytes} follow")
    flat = np.frombuffer(data, dtype, offset=file.tell()) if num_bytes else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if is_fortran else "C").copy()
