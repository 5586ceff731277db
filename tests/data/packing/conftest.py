from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from macedance.data.packing import (
    PackReport,
    PackSettings,
    Source,
    WindowLengths,
    list_tracks,
    make_plan,
    pack,
)
from macedance.data.packing import sound as packing_sound
from macedance.data.shards import OpenShard
from macedance.geometry import Motion

SAMPLE_RATE = 22_050


def make_motion(num_frames: int, fps: float, seed: int = 0, up_axis: str = "y") -> Motion:
    """A smooth random motion."""
    random = np.random.default_rng(seed)
    seconds = np.arange(num_frames)[:, None, None] / fps
    phases, speeds = random.uniform(0, 6, (24, 3)), random.uniform(0.5, 4, (24, 3))
    poses = 0.6 * np.sin(speeds * seconds + phases)
    trans = np.sin(seconds[:, 0] * [1.0, 0.3, 0.7] + [0, 1, 0])
    betas = torch.from_numpy(random.normal(size=10))
    return Motion(torch.from_numpy(poses), torch.from_numpy(trans), fps=fps, up_axis=up_axis, betas=betas)


def write_aistpp_pickle(path: Path, motion: Motion, scaling: float = 93.7, protocol: int = 4) -> None:
    """A dance as AIST++ publishes it: translation in its own unit, at 60 fps."""
    content = {
        "smpl_poses": motion.poses.reshape(-1, 72).numpy(),
        "smpl_scaling": np.array([scaling], np.float32),
        "smpl_trans": motion.trans.numpy() * np.float32(scaling),
        "smpl_loss": 1.5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol=protocol))


def write_song(path: Path, seconds: float, seed: int = 0, channels: int = 1) -> np.ndarray:
    """Noise bursts twice a second, as 16-bit sound; returns it (N, channels)."""
    times = np.arange(round(seconds * SAMPLE_RATE))[:, None] / SAMPLE_RATE
    noise = np.random.default_rng(seed).normal(0, 0.2, (len(times), channels))
    samples = np.clip(noise * np.exp(-8 * (times % 0.5)), -1, 1)
    numbers = np.round(samples * 32767).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, numbers, SAMPLE_RATE, subtype="PCM_16")
    return numbers


def settings_of(shortest: float = 8, longest: float = 10, **others: Any) -> PackSettings:
    return PackSettings(subset="test", window_lengths=WindowLengths.from_seconds(shortest, longest), **others)


def packed(
    folder: Path,
    source: Source,
    settings: PackSettings | None = None,
    *,
    split_file: Path | None = None,
    skip_damaged: bool = False,
    **options: Any,
) -> PackReport:
    """List, plan and pack."""
    settings = settings or settings_of()
    listing = list_tracks(source, skip_damaged=skip_damaged)
    plan = make_plan(source, listing, settings, split_file)
    return pack(folder, source, plan, listing, settings, skip_damaged=skip_damaged, **options)


def clips_in(folder: Path) -> dict[str, dict[str, Any]]:
    """The decoded clips of a folder by key; each with its ``split``."""
    clips = {}
    for path in sorted(folder.glob("*.tar")):
        shard = OpenShard(path)
        for number, key in enumerate(shard.keys):
            assert key not in clips
            clips[key] = {**shard.read(number), "split": path.name.split("-")[0]}
        shard.close()
    return clips


def cropped(motion: Motion, about: dict[str, Any]) -> Motion:
    """The part of a motion at 30 fps that a clip's json tells of."""
    start = round(about["start_seconds"] * 30)
    return motion.crop(start, start + about["num_frames"])


@pytest.fixture
def quick_features(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Music features that take no time: each row tells its number; the list fills with the songs' lengths."""
    extracted: list[int] = []

    def extract(samples: np.ndarray, sample_rate: int) -> np.ndarray:
        extracted.append(len(samples))
        features = np.zeros((len(samples) * 30 // sample_rate, 35), np.float32)
        features[:, 0] = np.arange(len(features))
        features[::15, 34] = 1
        return features

    monkeypatch.setattr(packing_sound, "music_features", extract)
    packing_sound._kept_features.clear()
    return extracted


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """What the tests of this folder make and read with."""
    return SimpleNamespace(
        make_motion=make_motion,
        write_aistpp_pickle=write_aistpp_pickle,
        write_song=write_song,
        settings=settings_of,
        pack=packed,
        clips=clips_in,
        cropped=cropped,
        sample_rate=SAMPLE_RATE,
    )
