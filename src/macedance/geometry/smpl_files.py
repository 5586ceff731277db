"""Reading SMPL bodies from npz files, and from the official pickles without running what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from macedance.geometry.npz_files import load_npz
from macedance.geometry.restricted_pickle import InertArray, read_array_pickle
from macedance.geometry.skeleton import NUM_JOINTS

Shape = tuple[str | int, ...]
REQUIRED: dict[str, Shape] = {
    "v_template": ("V", 3),
    "f": ("F", 3),
    "weights": ("V", NUM_JOINTS),
    "J_regressor": (NUM_JOINTS, "V"),
    "kintree_table": (2, NUM_JOINTS),
    "shapedirs": ("V", 3, "S"),
    "posedirs": ("V", 3, 9 * (NUM_JOINTS - 1)),
}
OPTIONAL: dict[str, Shape] = {"J": (NUM_JOINTS, 3), "colors": ("V", 3)}
"""Arrays by name, and their shapes, in which V, F and S stand for any numbers."""


def read_smpl_file(path: str | Path) -> dict[str, np.ndarray]:
    """The dense arrays of an SMPL body with 24 joints, by their names in the file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is neither npz nor pkl, lacks an array or has one of another shape, or its pickle holds more
            than plain arrays.
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
    if arrays["weights"].ndim == 2 and arrays["weights"].shape[1] != NUM_JOINTS:
        raise ValueError(
            f"path: {str(path)!r} has {arrays['weights'].shape[-1]} joints, must have {NUM_JOINTS}; "
            "give SMPL, not SMPL-H or SMPL-X"
        )
    _check_shapes(arrays, path)
    return arrays


def _check_shapes(arrays: dict[str, np.ndarray], path: Path) -> None:
    sizes: dict[str | int, int] = {}
    for name, shape in (REQUIRED | OPTIONAL).items():
        if name not in arrays:
            continue
        found = arrays[name].shape
        wanted = tuple(sizes.get(side, side) for side in shape)
        if len(found) != len(wanted) or any(
            isinstance(side, int) and side != there for side, there in zip(wanted, found, strict=True)
        ):
            raise ValueError(
                f"path: {name!r} in {str(path)!r} must be ({', '.join(map(str, wanted))}), is {found}; "
                "give an SMPL body"
            )
        sizes |= {side: there for side, there in zip(shape, found, strict=True) if isinstance(side, str)}


def _read_pickle(path: Path) -> dict[str, np.ndarray]:
    content = read_array_pickle(path)
    return {name: _dense(content[name], name, path) for name in (*REQUIRED, *OPTIONAL) if name in content}


def _dense(value: Any, name: str, path: Path) -> np.ndarray:
    if isinstance(value, InertArray):
        value = value.stored
    if scipy.sparse.issparse(value):
        value.check_format(full_check=True)  # indices out of range would be read as they are
        value = value.toarray()
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"path: {name!r} in {str(path)!r} must hold numbers, not {array.dtype}; convert it")
    return array
