"""Reading SMPL bodies from npz files, and from the official pickles without running what is in them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from macedance.geometry.npz_files import load_npz
from macedance.geometry.skeleton import NUM_JOINTS

REQUIRED = ("v_template", "f", "weights", "J_regressor", "kintree_table", "shapedirs", "posedirs")
OPTIONAL = ("J", "colors")

ALLOWED_GLOBALS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("_codecs", "encode"),
    ("builtins", "object"),
    ("builtins", "set"),
    ("copyreg", "_reconstructor"),
}
SPARSE_CLASSES = {"csc_matrix", "csr_matrix"}


def read_smpl_file(path: str | Path) -> dict[str, np.ndarray]:
    """The dense arrays of an SMPL body with 24 joints, by their names in the file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is neither npz nor pkl, lacks an array, or its pickle holds more than plain arrays.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: there is no file {str(path)!r}; give an SMPL body (.npz or .pkl)")
    if path.suffix == ".npz":
        arrays = load_npz(path, {*REQUIRED, *OPTIONAL})
    elif path.suffix == ".pkl":
        arrays = _read_pickle(path)
    else:
        raise ValueError(f"path: must end in .npz or .pkl, is {str(path)!r}; give an SMPL body")
    missing = [name for name in REQUIRED if name not in arrays]
    if missing:
        raise ValueError(f"path: {str(path)!r} lacks {', '.join(missing)}; give an SMPL body with 24 joints")
    if arrays["weights"].shape[-1] != NUM_JOINTS:
        raise ValueError(
            f"path: {str(path)!r} has {arrays['weights'].shape[-1]} joints, must have {NUM_JOINTS}; "
            "give SMPL, not SMPL-H or SMPL-X"
        )
    return arrays


class _InertArray:
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
            return _InertArray
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")


def _read_pickle(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file:
            content = _ArrayUnpickler(file, encoding="latin1").load()
    except Exception as error:
        raise ValueError(
            f"path: {str(path)!r} must be a pickle of plain arrays ({error}); convert it to .npz elsewhere"
        ) from error
    if not isinstance(content, dict):
        raise ValueError(f"path: {str(path)!r} must hold a dictionary, holds a {type(content).__name__}")
    return {name: _dense(content[name], name, path) for name in (*REQUIRED, *OPTIONAL) if name in content}


def _dense(value: Any, name: str, path: Path) -> np.ndarray:
    if isinstance(value, _InertArray):
        value = value.stored
    if scipy.sparse.issparse(value):
        value.check_format(full_check=True)  # indices out of range would be read as they are
        value = value.toarray()
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"path: {name!r} in {str(path)!r} must hold numbers, not {array.dtype}; convert it")
    return array
