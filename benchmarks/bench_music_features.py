"""Speed of the music features as a multiple of real time, on generated sound."""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from macedance.data.music_features import music_features


def generated_song(seconds: float, sample_rate: int) -> np.ndarray:
    """A tone and two noise bursts a second, float32 (N,)."""
    generator = np.random.default_rng(0)
    time_seconds = np.arange(int(seconds * sample_rate), dtype=np.float32) / sample_rate
    bursts = generator.standard_normal(len(time_seconds), dtype=np.float32) * np.exp(
        -8 * (2 * time_seconds % 1)
    )
    return 0.1 * (bursts + np.sin(2 * np.pi * 220 * time_seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, nargs="+", default=[10, 60, 240], help="lengths of the songs"
    )
    parser.add_argument("--sample-rate", type=int, default=44_100)
    arguments = parser.parse_args()
    start = time.perf_counter()
    music_features(generated_song(2, arguments.sample_rate), arguments.sample_rate)
    print(f"first call, with librosa's compilation: {time.perf_counter() - start:.1f} s")
    for seconds in arguments.seconds:
        samples = generated_song(seconds, arguments.sample_rate)
        start, start_cpu = time.perf_counter(), time.process_time()
        music_features(samples, arguments.sample_rate)
        wall, cpu = time.perf_counter() - start, time.process_time() - start_cpu
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{seconds:6.0f} s of sound: {wall:6.2f} s wall ({seconds / wall:.0f} x real time), "
            f"{cpu:6.2f} s processor ({seconds / cpu:.0f} x), peak memory {peak_mib:.0f} MiB"
        )


if __name__ == "__main__":
    main()
