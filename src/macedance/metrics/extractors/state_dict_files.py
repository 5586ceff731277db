"""State dicts from files of weights."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor


def load_state_dict(path: Path, way_out: str) -> dict[str, Tensor]:
    """The weights in a ``.pth`` file by their names, on the CPU.

    Args:
        path: Of the file, which is there.
        way_out: What the user can do if it is damaged, for the message.

    Raises:
        ValueError: It is damaged, or holds something else.
    """
    with path.open("rb") as file:
        try:
            weights = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # torch's many kinds: it depends on the byte that it stumbles over
            raise _damaged(path, way_out) from error
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise _damaged(path, way_out)
    return weights


def _damaged(path: Path, way_out: str) -> ValueError:
    return ValueError(f"{path} is damaged or no file of weights; {way_out}")
