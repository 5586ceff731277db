"""Frozen models of transformers, from folders or the hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from macedance.hub_loading import hub_loading


def load_pretrained(kind: Any, path: str, device: str | torch.device = "cpu", **arguments: Any) -> Any:
    """The model of a class of transformers, float32, in eval mode, frozen.

    Args:
        kind: A model class.
        path: Folder, or hub id.
        device: Where to put it.
        arguments: For its ``from_pretrained``.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: It lacks weights that this class has, which would be left random.
    """
    with hub_loading("model", kind, path), _without_reports():
        model, info = kind.from_pretrained(path, output_loading_info=True, dtype=torch.float32, **arguments)
    if info["missing_keys"] or info["mismatched_keys"]:
        lacking = sorted(str(key) for key in [*info["missing_keys"], *info["mismatched_keys"]])
        raise ValueError(
            f"model: {path!r} is no {kind.__name__}: it lacks {len(lacking)} of its weights, such as {lacking[0]}"
        )
    return model.to(device).eval().requires_grad_(False)


def load_tokenizer(kind: Any, path: str) -> Any:
    """The tokenizer of a class of transformers.

    Raises:
        FileNotFoundError: There is none.
    """
    with hub_loading("model", kind, path):
        return kind.from_pretrained(path)


@contextmanager
def _without_reports() -> Iterator[None]:
    """Without transformers' reports of weights that a file has and a part of the model does not need."""
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
