"""Music features of made-up songs, clean and as recorded, to teach hearing with.

    python training/hearing_pairs.py --out data/hearing --songs 1600 --seconds 30 --seed 5

Writes parts ``NNNN.npz`` of 32 songs with ``clean`` and ``recorded`` (N, T, 35), float16, and ``genre`` (N,). Run it
again after a cut, and it goes on.
"""

from __future__ import annotations

import argparse
import functools
import json
from pathlib import Path

import numpy as np
from recordings import as_recorded
from tqdm import tqdm

from macedance.data.genres import genre_index
from macedance.data.music_features import music_features
from macedance.data.song_styles import STYLES
from macedance.data.songs import make_song
from macedance.data.worker_processes import default_num_workers, map_in_processes
from macedance.whole_files import renamed_when_complete

SONGS_IN_A_PART = 32


def write_part(folder: Path, seconds: float, seed: int, part: int) -> None:
    """Write the part of that number."""
    clean, recorded, genre = [], [], []
    for number in range(part * SONGS_IN_A_PART, (part + 1) * SONGS_IN_A_PART):
        song_seed, effect_seed = np.random.SeedSequence((seed, number)).spawn(2)
        song = make_song(seconds, np.random.default_rng(song_seed))
        sound = as_recorded(song.samples, song.sample_rate, np.random.default_rng(effect_seed))
        clean.append(music_features(song.samples, song.sample_rate).astype(np.float16))
        recorded.append(music_features(sound, song.sample_rate).astype(np.float16))
        genre.append(genre_index(STYLES[song.style].genre))
    arrays = {"clean": np.stack(clean), "recorded": np.stack(recorded), "genre": np.array(genre)}
    with renamed_when_complete(folder / f"{part:04d}.npz") as partial, partial.open("wb") as file:
        np.savez(file, **arrays)


def main() -> None:
    """Make what is not there yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--songs", type=int, default=1600, help="rounded up to whole parts")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--workers", type=int, default=default_num_workers())
    args = parser.parse_args()
    settings = {"seconds": args.seconds, "seed": args.seed}
    mark = args.out / "settings.json"
    if mark.is_file() and json.loads(mark.read_text()) != settings:
        parser.error(f"{args.out} holds songs of other settings, {mark.read_text()}; choose another folder")
    args.out.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(settings))
    num_parts = -(-args.songs // SONGS_IN_A_PART)
    missing = [part for part in range(num_parts) if not (args.out / f"{part:04d}.npz").is_file()]
    make = functools.partial(write_part, args.out, args.seconds, args.seed)
    for _ in tqdm(map_in_processes(make, missing, args.workers), total=len(missing), desc="parts of songs"):
        pass


if __name__ == "__main__":
    main()
