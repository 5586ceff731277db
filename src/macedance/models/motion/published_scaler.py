"""The published checkpoint's min–max scaler, read without its class.

Its fields are those that scikit-learn's ``MinMaxScaler`` has, and copies of it in torch: ``normalised = scale_ * x +
min_``, and the ``data_min_`` and ``data_max_`` that these came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from macedance.models.inert_checkpoint import InertObject

AFFINE = ("scale_", "min_")
RANGE = ("data_min_", "data_max_")
_TOLERANCE = 1e-4
"""In metres and entries of rotations, by which both pairs of fields may differ; rounding is a tenth of it."""


def scaler_range(normalizer: Any, num_channels: int, where: str) -> tuple[Tensor, Tensor]:
    """The values (C,) of each channel that the scaler maps to -1 and to 1.

    They follow from what it computes with, ``scale_`` and ``min_``, if it has these. Of a channel that never changed
    they are then one apart, as it was trained; else they are ``data_min_`` and ``data_max_``.

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
    if not _holds(fields, AFFINE):
        return _ordered(fields["data_min_"], fields["data_max_"], where)
    scale, offset = fields["scale_"], fields["min_"]
    if (scale <= 0).any():
        raise ValueError(f"{where}: the scaler's scale_ must be above 0, its least is {float(scale.min()):g}")
    if _holds(fields, RANGE):
        _require_agreement(fields, found[0].get("feature_range", (-1, 1)), where)
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
        vector = torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{what} must be numbers, is a {type(value).__name__}") from error
    if vector.shape != (num_channels,):
        raise ValueError(f"{what} must have the shape ({num_channels},), has {tuple(vector.shape)}")
    if not vector.isfinite().all():
        raise ValueError(f"{what} must be finite, and is not in {int((~vector.isfinite()).sum())} channels")
    return vector


def _ordered(minimum: Tensor, maximum: Tensor, where: str) -> tuple[Tensor, Tensor]:
    if (minimum > maximum).any():
        raise ValueError(f"{where}: the scaler's data_min_ must not be above its data_max_, and is somewhere")
    return minimum.float(), maximum.float()


def _require_agreement(fields: Mapping[str, Tensor], feature_range: Any, where: str) -> None:
    """Refuse a scaler that does not map the range of its data to the range that it says."""
    lowest, highest = map(float, feature_range)
    minimum, maximum = fields["data_min_"], fields["data_max_"]
    low_error = ((lowest - fields["min_"]) / fields["scale_"] - minimum).abs()
    high_error = ((highest - fields["min_"]) / fields["scale_"] - maximum).abs()
    error = torch.maximum(low_error, high_error.where(maximum - minimum > _TOLERANCE, 0.0))
    if (error > _TOLERANCE * (1 + maximum.abs())).any():
        raise ValueError(
            f"{where}: the scaler's scale_ and min_ must follow from its data_min_ and data_max_, and are off by up "
            f"to {float(error.max()):g} in channel {int(error.argmax())}; the file is damaged, or of another layout"
        )
