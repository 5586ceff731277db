from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from macedance.data.motion_clips import MotionClip, read_motion_clips
from macedance.data.shards import ShardReader, locate_shards
from macedance.data.synthesis import SynthesisSettings, synthesize
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_files import StoredExpert
from macedance.lightning_modules.exporting import write_expert

from .tiny_training import CLASS_PATH, TINY

sys.path.append(str(Path(__file__).parents[2] / "training"))  # the scripts import each other by their names


@pytest.fixture(scope="session")
def made_up_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic set of short clips with sound: 4 to train with in two shards, 4 to test with."""
    folder = tmp_path_factory.mktemp("made-up")
    settings = SynthesisSettings({"train": 4, "val": 1, "test": 4}, seconds=8, seed=7, clips_per_shard=2)
    synthesize(folder, settings)
    return folder


@pytest.fixture(scope="session")
def training_clips(made_up_set: Path) -> list[MotionClip]:
    return list(read_motion_clips(ShardReader(locate_shards(made_up_set, "train"))))


@pytest.fixture(scope="session")
def expert_folder(training_clips: list[MotionClip], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported expert that hears the music, with random weights and the range of real dances."""
    torch.manual_seed(1)
    expert = MotionExpert(**TINY)
    torch.nn.init.normal_(expert.network.music_injection.weight, std=0.3)
    motion = torch.cat([clip.encoded() for clip in training_clips])
    expert.normalizer.set_range(motion.amin(dim=0), motion.amax(dim=0))
    folder = tmp_path_factory.mktemp("expert") / "tiny"
    stored = StoredExpert("tiny", CLASS_PATH, TINY, expert.state_dict())
    write_expert(stored, MotionExpert, folder, "# tiny\n")
    return folder
