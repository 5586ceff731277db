"""Filling a hole in a picture from its surroundings. H, W height and width; C channels."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve


def harmonic_fill(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A picture (H, W, C) with each pixel of the mask (H, W) the mean of its neighbours inside the picture.

    Some pixel must be outside the mask.
    """
    number = np.full(mask.shape, -1)
    number[mask] = np.arange(mask.sum())
    rows, columns, known = [], [], np.zeros((mask.sum(), picture.shape[-1]))
    degree = np.zeros(mask.sum())
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        here, there = _neighbours(mask.shape, axis, step)
        inside = mask[here]
        index, other = number[here][inside], number[there][inside]
        degree += np.bincount(index, minlength=len(degree))
        is_unknown = other >= 0
        rows.append(index[is_unknown])
        columns.append(other[is_unknown])
        np.add.at(known, index[~is_unknown], picture[there][inside][~is_unknown])
    diagonal = np.arange(len(degree))
    values = np.concatenate([degree, -np.ones(sum(map(len, rows)))])
    system = coo_matrix(
        (values, (np.concatenate([diagonal, *rows]), np.concatenate([diagonal, *columns])))
    ).tocsc()
    filled = picture.astype(np.float32)
    filled[mask] = spsolve(system, known).reshape(known.shape)
    return filled


def _neighbours(
    shape: tuple[int, ...], axis: int, step: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of all pixels that have a neighbour one step along an axis, and of those neighbours."""
    here, there = [slice(None)] * 2, [slice(None)] * 2
    here[axis] = slice(0, -1) if step > 0 else slice(1, None)
    there[axis] = slice(1, None) if step > 0 else slice(0, -1)
    return (here[0], here[1]), (there[0], there[1])
