"""How many times faster than real time each step of making a synthetic clip runs on one core.

Prints the processor time of the median clip. Run: ``OMP_NUM_THREADS=1 python benchmarks/bench_synthesis.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from macedance.data.choreography import choreograph
from macedance.data.music_features import music_features
from macedance.data.shards import encode_sample
from macedance.data.songs import make_song


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args()
    times: dict[str, list[float]] = {
        name: [] for name in ("song", "choreography", "music features", "encoding")
    }
    for seed in range(-1, args.clips):
        spent = time_clip(max(seed, 0), args.seconds)
        if seed >= 0:  # the first one fills caches
            for name, seconds in spent.items():
                times[name].append(seconds)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    report("song + choreography", args.seconds, medians["song"] + medians["choreography"])
    report("all", args.seconds, sum(medians.values()))
    for name, seconds in medians.items():
        report(name, args.seconds, seconds)


def time_clip(seed: int, clip_seconds: float) -> dict[str, float]:
    spent: dict[str, float] = {}

    def timed(name: str, function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        start = time.process_time()
        result = function(*values, **named)
        spent[name] = time.process_time() - start
        return result

    song = timed("song", make_song, clip_seconds, seed)
    poses, trans = timed("choreography", choreograph, song, seed)
    music = timed("music features", music_features, song.samples, song.sample_rate)
    motion = {"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)}
    sound = (song.samples, song.sample_rate)
    timed("encoding", encode_sample, "clip", {"bpm": song.bpm}, motion=motion, music=music, audio=sound)
    return spent


def report(name: str, clip_seconds: float, seconds: float) -> None:
    print(f"{name:<20} {clip_seconds / seconds:8.0f} x real time   {1000 * seconds:8.1f} ms a clip")


if __name__ == "__main__":
    main()
