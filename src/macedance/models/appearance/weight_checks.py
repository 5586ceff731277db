"""What a LoRA and a Body Adapter must hold before they are written, or put into a transformer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from macedance.models.appearance.stages import BODY_ADAPTER

ADAPTER_NAMES = (f"{BODY_ADAPTER}.weight", f"{BODY_ADAPTER}.bias")

_IN_FILE = re.compile(r"transformer\.(blocks\.\d+\..+)\.lora_[AB]\.weight")


def lora_rank(lora: Mapping[str, Tensor], where: str) -> int:
    """The rank of a LoRA whose names and shapes are those of :class:`Lora`.

    Raises:
        ValueError: They are not; ``where`` says what is meant.
    """
    unknown = [name for name in lora if not _IN_FILE.fullmatch(name)]
    if unknown or not lora:
        raise ValueError(
            f"{where} must hold transformer.blocks.N.*.lora_A.weight and lora_B alone, got {few(unknown)}; "
            "'macedance convert reference-appearance' reads the layouts of other programs"
        )
    ranks = {}
    for module in lora_modules(lora):
        names = [f"transformer.{module}.lora_{side}.weight" for side in "AB"]
        missing = [name for name in names if name not in lora]
        if missing:
            raise ValueError(f"{where} must hold both halves of every pair, but lacks {few(missing)}")
        ranks[module] = _pair_rank(lora[names[0]], lora[names[1]], module, where)
    if len(set(ranks.values())) > 1:
        (first, rank), (other, another) = sorted(ranks.items(), key=lambda item: item[1])[:: len(ranks) - 1]
        raise ValueError(f"{where} must be of one rank, got {rank} at {first} and {another} at {other}")
    return next(iter(ranks.values()))


def check_adapter(adapter: Mapping[str, Tensor], where: str) -> None:
    """Refuse what is no Body Adapter: a Conv3d of 16 latent channels and kernel (1, 2, 2).

    Raises:
        ValueError: Something is missing, more than that, or of another shape; ``where`` says what is meant.
    """
    require_adapter(adapter, where)
    unknown = [name for name in adapter if name not in ADAPTER_NAMES]
    if unknown:
        raise ValueError(f"{where} must hold {' and '.join(ADAPTER_NAMES)} alone, got {few(unknown)} as well")
    weight, bias = (adapter[name] for name in ADAPTER_NAMES)
    if weight.ndim != 5 or tuple(weight.shape[1:]) != (16, 1, 2, 2) or tuple(bias.shape) != (len(weight),):
        raise ValueError(
            f"{where}: {BODY_ADAPTER} must have a weight of shape (width, 16, 1, 2, 2) and a bias of (width,), "
            f"got {tuple(weight.shape)} and {tuple(bias.shape)}"
        )


def require_adapter(names: Iterable[str], where: str) -> None:
    """Refuse names without those of the Body Adapter.

    Raises:
        ValueError: One of them is missing.
    """
    missing = [name for name in ADAPTER_NAMES if name not in set(names)]
    if missing:
        raise ValueError(f"{where} must hold {' and '.join(ADAPTER_NAMES)}, but lacks {few(missing)}")


def check_shape(name: str, tensor: Tensor, expected: tuple[int, ...]) -> None:
    """Refuse a tensor that does not fit the transformer.

    Raises:
        ValueError: Its shape is another.
    """
    if tuple(tensor.shape) != expected:
        raise ValueError(
            f"{name} must have the shape {expected} to fit this transformer, got {tuple(tensor.shape)}; "
            "use the backbone that it was trained on"
        )


def lora_modules(lora: Mapping[str, Tensor]) -> list[str]:
    """The transformer's layers that a LoRA changes, each once."""
    return list(dict.fromkeys(match[1] for name in lora if (match := _IN_FILE.fullmatch(name))))


def few(names: Iterable[str], limit: int = 3) -> str:
    """The first names of a list, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "nothing") + more


def _pair_rank(lora_a: Tensor, lora_b: Tensor, module: str, where: str) -> int:
    if lora_a.ndim != 2 or lora_b.ndim != 2 or len(lora_a) != lora_b.shape[1]:
        raise ValueError(
            f"{where}: {module} must have lora_A (rank, inputs) and lora_B (outputs, rank), "
            f"got {tuple(lora_a.shape)} and {tuple(lora_b.shape)}"
        )
    return len(lora_a)
