"""Reading what ``torch.save`` wrote without running any of it, objects of unknown classes included."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from zipfile import is_zipfile

import numpy as np
import torch
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
    pickle, be it a class or a function, means a class of inert objects instead, and to call it is refused.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no such file or of torch's old format, or rebuilds something by calling a function.
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
        with safe_globals(_ARRAY_GLOBALS):
            unknown += sorted(get_unsafe_globals_in_checkpoint(path))
            with safe_globals([(_inert(name), name) for name in unknown]):
                return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        told = str(error) if type(error) is ValueError else f"{type(error).__name__}"
        names = f"; beside tensors it names {', '.join(unknown)}" if unknown else ""
        raise ValueError(
            f"{path} must hold tensors, arrays, plain values and objects that hold such ({told}){names}; nothing of "
            "it was run"
        ) from error


def _inert(name: str) -> type[InertObject]:
    """A class of objects that stand in for those of the class of that name."""
    return type("InertObject", (InertObject,), {"origin": name})
