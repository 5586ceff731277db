"""Samples a second from shards: our reader, plain webdataset, and tars read from end to end without decoding.

The members, decoders, window making, workers and cache state (files in the page cache) are the same; the three take
turns, and the best of some rounds counts. Also: how long a manifest of 10,000 shards keeps a loader from starting.

Run: ``python benchmarks/bench_data.py``; ``--shards FOLDER`` reads a set of yours in place of a made-up one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import webdataset
from torch.utils.data import DataLoader

from macedance.data.motion_clips import MOTION_MEMBERS, MotionWindow
from macedance.data.shards import encode_sample, locate_shards, write_manifest, write_shard
from macedance.data.shards.members import decode_member
from macedance.datamodules import MotionData

BATCH_SIZE, WINDOW_FRAMES = 32, 240
NUM_SHARDS, CLIPS_PER_SHARD, NUM_FRAMES, SOUND_SECONDS = 16, 64, 300, 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shards", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        shards = args.shards or make_set(Path(folder) / "set")
        for num_workers in (0, 1, 2):
            compare(shards, num_workers, args.rounds)
        start_up(Path(folder) / "large")


def make_set(folder: Path) -> Path:
    """Clips of noise as large as real ones: ten seconds of motion, music features and sound at 44.1 kHz."""
    random = np.random.default_rng(0)
    about = {"fps": 30, "genre": "Jazz", "num_frames": NUM_FRAMES, "up_axis": "y"}

    def clip(key: str) -> dict[str, Any]:
        poses = 0.3 * random.standard_normal((NUM_FRAMES, 24, 3), dtype=np.float32)
        trans = random.standard_normal((NUM_FRAMES, 3), dtype=np.float32)
        motion = {"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)}
        music = random.standard_normal((NUM_FRAMES, 35), dtype=np.float32)
        sound = (1000 * random.standard_normal(44_100 * SOUND_SECONDS)).astype(np.int16)
        return encode_sample(key, about, motion=motion, music=music, audio=(sound, 44_100))

    for shard in range(NUM_SHARDS):
        keys = (f"clip{shard}-{number}" for number in range(CLIPS_PER_SHARD))
        write_shard(folder / f"train-{shard:06d}.tar", map(clip, keys))
    write_manifest(folder, statistics={}, settings={})
    return folder


def ours(shards: Path, num_workers: int) -> Iterator[Any]:
    data = MotionData(str(shards), BATCH_SIZE, WINDOW_FRAMES, num_workers=num_workers)
    yield from data.train_dataloader()


def plain_webdataset(shards: Path, num_workers: int) -> Iterator[Any]:
    paths = [shard.url for shard in locate_shards(shards, "train")]
    window = MotionWindow(WINDOW_FRAMES)
    wanted = set(MOTION_MEMBERS)

    def prepare(sample: dict[str, Any]) -> dict[str, Any]:
        decoded = {name: decode_member(name, data) for name, data in sample.items() if name in wanted}
        return window({**sample, **decoded}, 0)

    dataset = webdataset.WebDataset(
        paths, shardshuffle=100, seed=0, select_files=lambda name: name.partition(".")[2] in wanted
    )
    loader = DataLoader(
        dataset.shuffle(8 * CLIPS_PER_SHARD).map(prepare), BATCH_SIZE, num_workers=num_workers, drop_last=True
    )
    yield from loader


def sequential_tars(shards: Path, num_workers: int) -> Iterator[Any]:
    """The bytes of the tars in one process, a megabyte at a time: what no reader of all members can pass."""
    for shard in locate_shards(shards, "train"):
        with Path(shard.url).open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
        yield shard.num_samples


def sequential_members(shards: Path, num_workers: int) -> Iterator[Any]:
    """The wanted members' bytes by plain webdataset in one process, undecoded."""
    paths = [shard.url for shard in locate_shards(shards, "train")]
    wanted = set(MOTION_MEMBERS)
    files = webdataset.WebDataset(
        paths, shardshuffle=False, select_files=lambda name: name.partition(".")[2] in wanted
    )
    for _ in files:
        yield 1


def rate(read: Callable[[Path, int], Iterator[Any]], shards: Path, num_workers: int) -> float:
    """Samples a second, from the first batch on: starting processes is not reading."""
    num_samples, began = 0, None
    for batch in read(shards, num_workers):
        if began is None:
            began = time.perf_counter()
            continue
        num_samples += len(batch["seed"]) if isinstance(batch, dict) else batch
    assert began is not None
    return num_samples / (time.perf_counter() - began)


def compare(shards: Path, num_workers: int, num_rounds: int) -> None:
    readers = {
        "macedance": ours,
        "plain webdataset": plain_webdataset,
        "tars sequentially, undecoded": sequential_tars,
        "members sequentially, undecoded": sequential_members,
    }
    best = dict.fromkeys(readers, 0.0)
    for _ in range(num_rounds):
        for name, read in readers.items():
            best[name] = max(best[name], rate(read, shards, num_workers))
    print(f"{num_workers} workers")
    for name, samples in best.items():
        print(
            f"  {name:<32} {samples:10.0f} samples/s   {samples / best['plain webdataset']:8.2f} x webdataset"
        )


def start_up(folder: Path) -> None:
    """Time from a manifest of 10,000 shards to a loader, and to the sample order's first and last place."""
    folder.mkdir()
    names = [f"train-{number:06d}.tar" for number in range(10_000)]
    entries = [
        {"name": name, "num_samples": 1000 + number % 7, "num_bytes": 10**9, "sha256": f"{number:064x}"}
        for number, name in enumerate(names)
    ]
    for name in names:
        (folder / name).touch()
    manifest = {"schema_version": 1, "shards": entries, "statistics": {}, "settings": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    began = time.perf_counter()
    loader = MotionData(str(folder), 128).train_dataloader()
    order = loader.dataset.order
    draws = order.draw(0, 0), order.draw(3, len(order) - 1)
    seconds = time.perf_counter() - began
    print(
        f"start-up on 10,000 shards, {len(order):,} samples: {seconds:.3f} s (first and last draw {draws[0][:2]})"
    )


if __name__ == "__main__":
    main()
