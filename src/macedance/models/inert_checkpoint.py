"""Reading what ``torch.save`` wrote without running any of it, objects of unknown classes included."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, ClassVar
from zipfile import ZIP_STORED, ZipFile, is_zipfile

import numpy as np
import torch
from torch import Tensor
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

_DTYPES = {type(np.dtype(name)) for name in ("f2", "f4", "f8", "i4", "i8", "b1")}
_ARRAY_GLOBALS = [
    (np.ndarray, "numpy.ndarray"),
    (np.dtype, "numpy.dtype"),
    *((dtype, f"numpy.dtypes.{dtype.__name__}") for dtype in _DTYPES),
    *((np.ones(1).__reduce__()[0], f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
    *((np.float32(1).__reduce__()[0], f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
]
"""What NumPy's arrays and numbers are rebuilt with, by the names that pickles call it."""


_PICKLE_LIMIT = 64 * 2**20
"""Bytes of names and plain values; those of a network with a thousand tensors are a hundred times fewer."""


class InertObject:
    """Stands in for an object of a class that is not imported: it holds the pickled state and does nothing.

    Attributes:
        origin: What the pickle calls the class, or function.
        state: What the object held: mostly a dictionary of its attributes; None if it held nothing.
    """

    origin: ClassVar[str] = ""
    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        """Refuse to stand in for a call, which is no object's state."""
        raise ValueError(f"it calls {self.origin}")

    def __setstate__(self, state: Any) -> None:
        self.state = state


def read_inert_checkpoint(path: str | Path) -> Any:
    """What a file of ``torch.save`` holds: plain values, tensors on the CPU, arrays, and :class:`InertObject`.

    torch's own reading of weights alone does it, which builds tensors and is told of arrays; every other name in the
    pickle, be it a class or a function, means a class of inert objects instead, and to call it is refused. The file
    is not mapped into memory, for then torch would not look whether a tensor's part of it is as long as it says.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such file or of torch's old format, is compressed or damaged, or rebuilds something by
            calling a function.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}; give the path of a file that torch.save wrote")
    if not is_zipfile(path):
        raise ValueError(
            f"{path} must be a whole zip file, as torch.save writes since torch 1.6; if it is older, load it where "
            "it comes from and save it anew"
        )
    unknown: list[str] = []
    try:
        _check_parts(path)
        with safe_globals(_ARRAY_GLOBALS):
            unknown += sorted(get_unsafe_globals_in_checkpoint(path))
            with safe_globals([(_inert(name), name) for name in unknown]):
                return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        names = f"; beside tensors it names {', '.join(unknown)}" if unknown else ""
        raise ValueError(
            f"{path} must hold tensors, arrays, plain values and objects that hold such ({_reason(error)}){names}; "
            "nothing of it was run"
        ) from error


def _inert(name: str) -> type[InertObject]:
    """A class of objects that stand in for those of the class of that name."""
    return type("InertObject", (InertObject,), {"origin": name})


def is_plain(tensor: Tensor) -> bool:
    """Whether a tensor is dense, of real numbers, and has memory for each of its elements.

    A tensor in a file may say that it repeats few elements very often; a copy of it would fill the memory.
    """
    if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.is_complex():
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def _check_parts(path: Path) -> None:
    """Refuse a zip file that would take far more memory than it is long."""
    with ZipFile(path) as file:
        parts = file.infolist()
    for part in parts:
        if part.compress_type != ZIP_STORED:
            raise ValueError(
                f"its part {part.filename} is compressed; load the file and save it anew by torch.save"
            )
        if part.filename.lower().endswith("/data.pkl") and part.file_size > _PICKLE_LIMIT:
            raise ValueError(f"its part {part.filename} is larger than {_PICKLE_LIMIT >> 20} MB")
    if sum(part.file_size for part in parts) > path.stat().st_size:
        raise ValueError("its parts overlap")


def _reason(error: Exception) -> str:
    """What was wrong, in one line, without torch's advice to read the file with less care."""
    if type(error) is ValueError:
        return str(error)
    first = str(error).rpartition("WeightsUnpickler error:")[2].strip().partition("\n")[0]
    return textwrap.shorten(f"{type(error).__name__}: {first}", 200, placeholder=" …")
