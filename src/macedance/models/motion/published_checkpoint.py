"""The published Motion Expert's checkpoint, read without running any of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from torch import Tensor

from macedance.geometry.representation import MOTION_DIM
from macedance.models.inert_checkpoint import is_plain, read_inert_checkpoint
from macedance.models.motion.published import from_published, published_sizes
from macedance.models.motion.published_scaler import scaler_range

StoredWeights = Literal["ema", "model"]

_OF_SEVERAL_RANKS = "module."


class PublishedMotion(NamedTuple):
    """A published Motion Expert.

    Attributes:
        sizes: Arguments of the :class:`~macedance.models.motion.MotionDenoiser`.
        state: Its weights in float32, those of the music's own path left out.
        minimum: The value (151,) of each channel that the network knows as -1, in the published layout.
        maximum: The same for 1.
    """

    sizes: dict[str, Any]
    state: dict[str, Tensor]
    minimum: Tensor
    maximum: Tensor


def read_published(
    path: str | Path,
    *,
    weights: StoredWeights = "ema",
    num_heads: int = 8,
    heads_name: str = "num_heads",
) -> PublishedMotion:
    """The Motion Expert in a file with ``ema_state_dict``, ``model_state_dict`` and ``normalizer``.

    Args:
        path: The file.
        weights: Those averaged over training, or the last ones.
        num_heads: Attention heads, which no shape tells.
        heads_name: What to call their number in an error.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file has another content; what is wrong is told.
    """
    content = read_inert_checkpoint(path)
    key = f"{weights}_state_dict"
    missing = [
        name for name in (key, "normalizer") if not isinstance(content, Mapping) or name not in content
    ]
    if missing:
        raise ValueError(f"{path} must hold a published Motion Expert, and has no {' and no '.join(missing)}")
    where = f"{key} of {path}"
    stored = _weights(content[key], where)
    sizes = published_sizes(stored, num_heads, where, heads_name)
    state = {name: value.detach().float() for name, value in stored.items()}
    _require_finite(state, where)
    minimum, maximum = scaler_range(content["normalizer"], MOTION_DIM, str(path))
    return PublishedMotion(sizes, from_published(state), minimum, maximum)


def _weights(stored: Any, where: str) -> dict[str, Tensor]:
    """Weights without the prefix that training on several ranks puts before each name."""
    if not isinstance(stored, Mapping) or not stored:
        raise ValueError(f"{where} must be weights by name, is {type(stored).__name__}")
    wrong = [name for name, value in stored.items() if not _is_weight(name, value)]
    if wrong:
        raise ValueError(f"{where} must hold plain floating-point tensors alone, and {wrong[0]} is none")
    return {str(name).removeprefix(_OF_SEVERAL_RANKS): value for name, value in stored.items()}


def _is_weight(name: Any, value: Any) -> bool:
    return (
        isinstance(name, str) and isinstance(value, Tensor) and value.is_floating_point() and is_plain(value)
    )


def _require_finite(state: Mapping[str, Tensor], where: str) -> None:
    for name, value in state.items():
        if not value.isfinite().all():
            raise ValueError(
                f"{where} must be finite numbers in float32, and {int((~value.isfinite()).sum())} of the "
                f"{value.numel()} of {name} are not; training had failed, or the file is damaged"
            )
