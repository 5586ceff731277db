from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macedance.data import mixing
from macedance.data.mixing import DanceSource, Mixture, mix
from macedance.data.packing import PackReport
from macedance.data.packing import sound as packing_sound
from macedance.data.shards import encode_sample
from macedance.data.synthesis import SynthesisSettings

from ..packing.conftest import make_motion, write_song

SETTINGS = SynthesisSettings({"train": 6, "val": 2, "test": 2}, seconds=10, seed=3, clips_per_shard=4)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Made-up clips and music features that take no time; the list fills with the clips that were made."""
    made = []

    def make_quickly(settings: SynthesisSettings, split: str, number: int) -> dict[str, Any]:
        made.append((split, number))
        arrays = {"poses": np.zeros((240, 24, 3), np.float32), "trans": np.ones((240, 3), np.float32)}
        about = {"subset": "synthetic", "fps": 30, "num_frames": 240, "genre": "Jazz"}
        music = np.zeros((240, 35), np.float32)
        return encode_sample(f"{split}{number:07d}", about, motion=arrays, music=music)

    def extract(samples: np.ndarray, sample_rate: int) -> np.ndarray:
        return np.zeros((len(samples) * 30 // sample_rate, 35), np.float32)

    monkeypatch.setattr(mixing, "make_clip", make_quickly)
    monkeypatch.setattr(packing_sound, "music_features", extract)
    packing_sound._kept_features.clear()
    return made


@pytest.fixture
def dances(tmp_path: Path) -> DanceSource:
    """Six motions of nine to 34 seconds, each to a song of its own: ten clips."""
    for number in range(6):
        make_motion(270 + 150 * number, 30, number).save(tmp_path / "in" / f"dance{number}.npz")
        write_song(tmp_path / "music" / f"dance{number}.wav", 9 + 5 * number, number)
    return DanceSource(tmp_path / "in", tmp_path / "music")


def mixed(
    folder: Path, source: DanceSource, settings: SynthesisSettings = SETTINGS, *, skip_damaged: bool = False,
    num_workers: int = 1, overwrite: bool = False, **options: Any,
) -> PackReport:  # fmt: skip
    mixture = Mixture.of(source, settings, skip_damaged=skip_damaged, **options)
    return mix(folder, mixture, skip_damaged=skip_damaged, num_workers=num_workers, overwrite=overwrite)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
