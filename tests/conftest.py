from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.data.choreography import choreograph
from macedance.data.music_features import BEAT, MUSIC_DIM, ONSET_STRENGTH
from macedance.data.shards import encode_sample, write_shard
from macedance.data.songs import make_song
from macedance.geometry.representation import encode_motion

from .browser import CHROMIUM, Browser
from .forks import Forks

FIXTURES = Path(__file__).parent / "fixtures"
SECONDS, FPS = 8, 30


@pytest.fixture(autouse=True, scope="session")
def _single_threaded() -> None:
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser in which a page can be tried; the test is skipped where there is none."""
    if CHROMIUM is None or os.name != "posix":
        pytest.skip("no Chromium here")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Starts Python processes that need not import what others have imported."""
    forks = Forks(tmp_path_factory.mktemp("forks"))
    try:
        yield forks
    finally:
        forks.close()


@pytest.fixture(scope="session")
def motion_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dances with music features that hold nothing but the known beats; made in a second, without librosa."""
    folder = tmp_path_factory.mktemp("motion-shards")
    for split, first, count in (("train", 0, 6), ("val", 100, 2), ("test", 200, 3)):
        write_shard(
            folder / f"{split}-000000.tar", (_sample(f"{split}{n}", n) for n in range(first, first + count))
        )
    return folder


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a tiny Motion Expert with random weights and the statistics of a standing body."""
    from macedance.lightning_modules import MotionExpert

    arguments = {"width": 16, "num_dance_layers": 1, "num_music_layers": 1, "num_heads": 2, "state_size": 4}
    torch.manual_seed(0)
    expert = MotionExpert(**arguments)
    standing = encode_motion(torch.zeros(2, 24, 3), torch.tensor([[0.0, 1.2, 0.0]] * 2))[0]
    expert.normalizer.set_range(standing - 0.1, standing + 0.1)
    path = tmp_path_factory.mktemp("tiny") / "last.ckpt"
    torch.save({"hyper_parameters": arguments, "state_dict": expert.state_dict()}, path)
    return path


def _sample(key: str, seed: int) -> dict:
    song = make_song(SECONDS, seed, sample_rate=8000)
    poses, trans = choreograph(song, seed, fps=FPS)
    music = np.zeros((len(poses), MUSIC_DIM), np.float32)
    beats = np.minimum(np.round(song.beats * FPS).astype(int), len(poses) - 1)
    music[beats, BEAT] = 1
    music[beats, ONSET_STRENGTH] = 5
    about = {"fps": FPS, "genre": "Hiphop", "beats_seconds": song.beats.tolist(), "num_frames": len(poses)}
    arrays = {"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)}
    return encode_sample(key, about, motion=arrays, music=music)
