from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn


@pytest.fixture
def noise_frames() -> Callable[..., Tensor]:
    def draw(*shape: int, seed: int = 0) -> Tensor:
        return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)

    return draw


@pytest.fixture
def torchscript_file(tmp_path: Path) -> Callable[..., Path]:
    def save(module: nn.Module, **extra_files: str) -> Path:
        path = tmp_path / f"{type(module).__name__}.pt"
        torch.jit.script(module).save(str(path), _extra_files=extra_files)
        return path

    return save
