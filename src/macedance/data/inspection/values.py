"""Whether single values of a sample are as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

_LARGEST = 1e12
"""Of what a json may tell: seconds, frames, frames per second."""


def number_of(value: Any) -> float | None:
    """A finite positive number, or None for anything else.

    >>> number_of(30), number_of("30"), number_of(True), number_of(float("nan"))
    (30.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 < value <= _LARGEST else None


def check_shape(name: str, array: np.ndarray, shape: tuple[int | None, ...]) -> None:
    """Refuse an array of another shape, or of anything but numbers; None stands for any length but 0.

    Raises:
        ValueError: The shape is another.

    >>> check_shape("music", np.zeros((3, 36)), (None, 35))
    Traceback (most recent call last):
    ValueError: music must be (any, 35), is (3, 36)
    """
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must hold numbers, holds {array.dtype}")
    fits = array.ndim == len(shape) and all(
        length > 0 if wanted is None else length == wanted
        for length, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{name} must be ({wanted}{',' * (len(shape) == 1)}), is {array.shape}")


def check_about(about: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the values of a sample's json, as far as anything here uses them."""
    if "fps" not in about:
        yield "it does not tell fps"
    for name in ("fps", "num_frames", "duration_seconds"):
        if name in about and number_of(about[name]) is None:
            yield f"{name} must be a positive number, is {_short(about[name])}"
    for name in ("subset", "genre"):
        if not isinstance(about.get(name), (str, type(None))):
            yield f"{name} must be a name or null, is {_short(about[name])}"
    if about.get("up_axis", "y") not in ("y", "z"):
        yield f"up_axis must be 'y' or 'z', is {_short(about['up_axis'])}"
    beats = about.get("beats_seconds", [])
    if not isinstance(beats, list) or not all(_is_time(beat) for beat in beats):
        yield f"beats_seconds must be a list of finite numbers, is {_short(beats)}"


def non_finite(value: Any) -> Iterator[str]:
    """Where a decoded member holds NaN or infinite numbers."""
    named = value.items() if isinstance(value, dict) else [("", value)]
    for name, array in named:
        num_bad = _num_non_finite(array)
        if num_bad:
            yield f"{name + ' ' if name else ''}holds {num_bad} NaN or infinite numbers"


def _num_non_finite(array: Any) -> int:
    if isinstance(array, torch.Tensor):
        # Not every type of 8 bits has isfinite.
        return int((~torch.isfinite(array.float())).sum()) if array.is_floating_point() else 0
    if isinstance(array, np.ndarray) and array.dtype.kind in "fc":
        return int(array.size - np.isfinite(array).sum())
    return 0


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
