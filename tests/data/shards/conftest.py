from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from macedance.data.shards import encode_sample, write_shard


def _encoded(key: str, num_frames: int = 20) -> dict[str, object]:
    rng = np.random.default_rng(list(key.encode()))
    motion = {
        "poses": rng.standard_normal((num_frames, 24, 3)).astype(np.float32),
        "trans": rng.standard_normal((num_frames, 3)).astype(np.float32),
        "betas": np.zeros(10, np.float32),
    }
    music = rng.standard_normal((num_frames, 35)).astype(np.float32)
    sound = (3000 * rng.standard_normal(2400)).astype(np.int16)
    return encode_sample(key, {"fps": 30, "genre": None}, motion=motion, music=music, audio=(sound, 24000))


def _write_set(folder: Path, sizes: tuple[int, ...]) -> list[Path]:
    paths = [folder / f"train-{number:06d}.tar" for number in range(len(sizes))]
    for number, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        write_shard(path, (_encoded(f"clip{number}-{index}") for index in range(size)))
    return paths


@pytest.fixture(scope="session")
def encoded() -> Callable[..., dict[str, object]]:
    """Makes an encoded sample of a key."""
    return _encoded


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes a shard of each size; keys are clipSHARD-NUMBER."""
    return lambda *sizes: _write_set(tmp_path / "set", sizes)


@pytest.fixture
def shard(write_set: Callable[..., list[Path]]) -> Path:
    return write_set(2)[0]
