"""Reading pickles of arrays, in which bodies and dances are published, without running what is in them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

ALLOWED_GLOBALS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("_codecs", "encode"),
    ("builtins", "object"),
    ("builtins", "set"),
    ("copyreg", "_reconstructor"),
}
SPARSE_CLASSES = {"csc_matrix", "csr_matrix"}


class InertArray:
    """Stands in for chumpy's array class: takes the pickled state and computes nothing."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.stored = state.get("x")


class _ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays, SciPy sparse matrices and inert stand-ins of chumpy arrays; refuses all else."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name, if it is a harmless one."""
        if (module, name) in ALLOWED_GLOBALS:
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        if module.startswith("scipy.sparse") and name in SPARSE_CLASSES:
            return super().find_class("scipy.sparse", name)
        if module.startswith("chumpy"):
            return InertArray
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")


def read_array_pickle(path: str | Path) -> dict[str, Any]:
    """The pickled dictionary of a file: plain values, arrays, sparse matrices, and stand-ins of chumpy arrays.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no pickle of a dictionary, or holds anything else; nothing of that was run.
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            content = _ArrayUnpickler(file, encoding="latin1").load()
        except Exception as error:
            raise ValueError(
                f"path: {str(path)!r} must be a pickle of plain arrays ({error}); convert it to .npz elsewhere"
            ) from error
    if not isinstance(content, dict):
        raise ValueError(f"path: {str(path)!r} must hold a dictionary, holds a {type(content).__name__}")
    return content
