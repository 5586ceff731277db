"""The published checkpoint's min–max scaler, read without its class.

Its fields are those that scikit-learn's ``MinMaxScaler`` has, and copies of it in torch: ``normalised = scale_ * x +
min_``, and the ``data_min_`` and ``data_max_`` that these came from, which it maps to the ends of ``feature_range``.
"""

from __future__ import annotations

import math
import reprlib
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from macedance.models.inert_checkpoint import InertObject, is_plain

AFFINE = ("scale_", "min_")
RANGE = ("data_min_", "data_max_")
_TOLERANCE = 1e-4
"""In metres and entries of rotations, by which both pairs of fields may differ; rounding is a tenth of it."""


def scaler_range(normalizer: Any, num_channels: int, where: str) -> tuple[Tensor, Tensor]:
    """The values (C,) of each channel that the scaler maps to -1 and to 1.

    They follow from what it computes with, ``scale_`` and ``min_``, if it has these. Of a channel that never changed
    they are then one apart, as it was trained. Else they follow from ``data_min_``, ``data_max_`` and
    ``feature_range``, which is -1 to 1 if it is missing, as in the published code.

    Args:
        normalizer: What the checkpoint holds: the scaler, or what holds it.
        num_channels: How many channels C it must be of.
        where: What to call the file in an error.

    Raises:
        ValueError: There is no scaler or more than one, or its fields are of another shape, not finite, or
            contradict one another.
    """
    found = [fields for fields in _mappings(normalizer) if _holds(fields, AFFINE) or _holds(fields, RANGE)]
    if len(found) != 1:
        raise ValueError(
            f"{where} must hold one min-max scaler under 'normalizer', with scale_ and min_, or data_min_ and "
            f"data_max_; it holds {len(found) or 'none'}"
        )
    fields = {
        name: _vector(found[0][name], num_channels, f"{where}: the scaler's {name}")
        for name in (*AFFINE, *RANGE)
        if name in found[0]
    }
    lowest, highest = _feature_range(found[0].get("feature_range", (-1, 1)), where)
    if not _holds(fields, AFFINE):
        return _stretched(fields["data_min_"], fields["data_max_"], lowest, highest, where)
    scale, offset = fields["scale_"], fields["min_"]
    if (scale <= 0).any():
        raise ValueError(f"{where}: the scaler's scale_ must be above 0, its least is {float(scale.min()):g}")
    if _holds(fields, RANGE):
        _require_agreement(fields, lowest, highest, where)
    return ((-1 - offset) / scale).float(), ((1 - offset) / scale).float()


def _mappings(root: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in a tree of plain values and inert objects, each once."""
    seen: set[int] = set()
    rest = [root]
    while rest:
        node = rest.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, InertObject):
            rest.append(node.state)
        elif isinstance(node, Mapping):
            yield node
            rest.extend(node.values())
        elif isinstance(node, list | tuple):
            rest.extend(node)


def _holds(fields: Mapping[str, Any], names: tuple[str, str]) -> bool:
    return all(name in fields for name in names)


def _vector(value: Any, num_channels: int, what: str) -> Tensor:
    try:
        found = torch.as_tensor(value, dtype=torch.float64 if isinstance(value, list | tuple) else None)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{what} must be numbers, is a {type(value).__name__}") from error
    if found.shape != (num_channels,):
        raise ValueError(f"{what} must have the shape ({num_channels},), has {tuple(found.shape)}")
    if not is_plain(found):
        raise ValueError(
            f"{what} must be a dense tensor of real numbers, is {found.layout} of {found.dtype}".replace(
                "torch.", ""
            )
        )
    vector = found.detach().double()
    if not vector.isfinite().all():
        raise ValueError(f"{what} must be finite, and is not in {int((~vector.isfinite()).sum())} channels")
    return vector


def _feature_range(value: Any, where: str) -> tuple[float, float]:
    try:
        lowest, highest = map(float, value if len(value) == 2 else ())
    except (TypeError, ValueError, RuntimeError, OverflowError):
        lowest, highest = math.nan, math.nan
    if not (math.isfinite(lowest) and math.isfinite(highest) and lowest < highest):
        told = textwrap.shorten(reprlib.repr(value), 60, placeholder=" …")
        raise ValueError(
            f"{where}: the scaler's feature_range must be two finite numbers in ascending order, is {told}"
        )
    return lowest, highest


def _stretched(
    minimum: Tensor, maximum: Tensor, lowest: float, highest: float, where: str
) -> tuple[Tensor, Tensor]:
    """What the scaler maps to -1 and 1 if it maps ``minimum`` to ``lowest`` and ``maximum`` to ``highest``."""
    if (minimum > maximum).any():
        raise ValueError(f"{where}: the scaler's data_min_ must not be above its data_max_, and is somewhere")
    per_step = (maximum - minimum) / (highest - lowest)
    return (minimum + (-1 - lowest) * per_step).float(), (maximum + (1 - highest) * per_step).float()


def _require_agreement(fields: Mapping[str, Tensor], lowest: float, highest: float, where: str) -> None:
    """Refuse a scaler that does not map the range of its data to the range that it says."""
    minimum, maximum = fields["data_min_"], fields["data_max_"]
    low_error = ((lowest - fields["min_"]) / fields["scale_"] - minimum).abs()
    high_error = ((highest - fields["min_"]) / fields["scale_"] - maximum).abs()
    error = torch.maximum(low_error, high_error.where(maximum - minimum > _TOLERANCE, 0.0))
    if (error > _TOLERANCE * (1 + maximum.abs())).any():
        raise ValueError(
            f"{where}: the scaler's scale_ and min_ must follow from its data_min_ and data_max_, and are off by up "
            f"to {float(error.max()):g} in channel {int(error.argmax())}; the file is damaged, or of another layout"
        )
