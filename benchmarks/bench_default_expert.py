"""How a Motion Expert dances to songs, in figures, beside the choreographer; with videos and pictures if asked for.

Each song gives up to ``--windows`` windows, and the expert dances to each with each seed. The figures:

* Beat alignment (BAS) with the dance's own music, and with the windows of all other songs. Beats are those that the
  music features track, which nobody has annotated: where the tracker is wrong, so is the score.
* The metrics of the body, with the floor at height 0, where the choreographer's is, and how far dances travel.
* The same of the first 8 s, as long as the windows of training, and of what follows.
* How far dances lie apart: mean distance of the joints, seen from the pelvis, without turning either body.

The choreographer's dances, to made-up songs of the same length, are measured in the same way. Run:
``OMP_NUM_THREADS=1 python benchmarks/bench_default_expert.py --music FOLDER --out FOLDER``. Without ``--music`` the
expert dances to made-up songs too.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dance_figures import Danced, DanceSet, clip_figures
from dance_tables import Rows, apart_rows, beat_rows, closest_two, figure_rows, part_rows
from music_windows import MusicWindow, made_tracks, read_tracks, sound_of, windows_of
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from macedance.commands.clip_progress import clip_progress
from macedance.commands.dancing import load_motion_expert
from macedance.commands.generate import STAGE_SIZE
from macedance.commands.output_files import check_output_file, check_output_folder
from macedance.data.choreography import choreograph
from macedance.data.music_features import MUSIC_FPS, music_features
from macedance.data.songs import make_song
from macedance.geometry.motion import Motion
from macedance.json_files import write_json
from macedance.render.contact_sheet import contact_sheet, fast_moments
from macedance.render.scene import render_motion
from macedance.render.video import write_video
from macedance.whole_files import renamed_when_complete

NUM_MADE_UP = 3
SHEET_MOMENTS = 16
SMALLEST = {"seeds": 1, "windows": 1, "clips": 2, "seconds": 2}
BEATS = {
    "scored": ("dances", 1, 0),
    "own": ("own", 1, 3),
    "other": ("other", 1, 3),
    "gap": ("own - other", 1, 3),
}
"""Heading, factor and decimals of each figure; so are those below."""
INTERVAL = {"gap_low": ("95 % from", 1, 3), "gap_high": ("to", 1, 3)}
FEET = {
    "fsr": ("FSR", 1, 3),
    "pfc": ("PFC", 1, 3),
    "floor_penetration": ("below floor, mm", 1000, 1),
    "floor_float": ("above floor, mm", 1000, 1),
}
BODY = {
    "jerk": ("jerk", 1, 0),
    "joint_limits": ("over limits, %", 100, 2),
    "self_intersection": ("self-crossing, %", 100, 1),
    "speed": ("joint speed, m/s", 1, 3),
}
TRAVEL = {
    "end": ("at the end", 1, 2),
    "farthest": ("farthest", 1, 2),
    "farthest_of_all": ("farthest of all dances", 1, 2),
}
PARTS = {"fsr": FEET["fsr"], "jerk": BODY["jerk"], **BEATS}
APART = {"mean": ("mean, cm", 100, 1), "least": ("least, cm", 100, 1), "pairs": ("pairs", 1, 0)}


def main() -> None:
    parser = make_parser()
    args = parser.parse_args()
    for name, least in SMALLEST.items():
        if not least <= getattr(args, name) < math.inf:
            parser.error(f"--{name} must be finite and at least {least}, got {getattr(args, name)}")
    num_frames = math.floor(args.seconds * MUSIC_FPS)
    try:
        check_output_file("--json", args.json, (".json",))
        check_output_folder("--out", args.out)
        expert, model = load_motion_expert(args)
        tracks = read_tracks(args.music, num_frames) if args.music else made_tracks(NUM_MADE_UP, num_frames)
    except (FileNotFoundError, ModuleNotFoundError, ValueError) as error:
        parser.error(str(error))
    windows = windows_of(tracks, num_frames, args.windows)
    danced = DanceSet(expert_dances(expert, windows, args.seeds), windows, tracks)
    again = dance(expert, windows[0], seed=0)
    made = choreographed(args.clips, num_frames)
    figures = clip_figures(danced.dances)
    tables = {
        "beats": beat_rows(danced, made),
        "figures": figure_rows(danced, figures, made),
        "parts": part_rows(danced, made),
        "apart": apart_rows(danced, again, made),
    }
    print_tables(danced, tables)
    if args.json:
        each = {"dance": danced.names, **{name: values.tolist() for name, values in figures.items()}}
        settings = {name: getattr(args, name) for name in SMALLEST}
        write_json(args.json, {"model": model, **settings, **tables, "each": each})
    if args.out:
        film(Path(args.out), danced)


def expert_dances(expert: Any, windows: list[MusicWindow], num_seeds: int) -> list[Danced]:
    dances = []
    seconds = len(windows[0].features) / MUSIC_FPS
    with clip_progress("dancing", len(windows) * num_seeds, seconds) as advance:
        for window in windows:
            for seed in range(num_seeds):
                dances.append(dance(expert, window, seed))
                advance(1)
    return dances


def dance(expert: Any, window: MusicWindow, seed: int) -> Danced:
    music, generator = torch.from_numpy(window.features), torch.Generator().manual_seed(seed)
    return Danced(expert.generate(music, generator=generator), window.features)


def choreographed(num_clips: int, num_frames: int) -> list[Danced]:
    """The choreographer's dances to made-up songs, whose beats are tracked as those of other songs are."""
    clips = []
    seconds = num_frames / MUSIC_FPS
    with clip_progress("choreographing", num_clips, seconds) as advance:
        for seed in range(num_clips):
            song = make_song(seconds, seed)
            poses, trans = choreograph(song, seed, fps=MUSIC_FPS)
            motion = Motion(torch.from_numpy(poses), torch.from_numpy(trans), MUSIC_FPS)
            clips.append(Danced(motion, music_features(song.samples, song.sample_rate)))
            advance(1)
    return clips


def print_tables(danced: DanceSet, tables: dict[str, Rows]) -> None:
    print(
        f"{len(danced.tracks)} songs, {len(danced.windows)} windows of "
        f"{len(danced.windows[0].features) / MUSIC_FPS:g} s, {danced.num_seeds} seeds; in brackets: windows x seeds"
    )
    title = "Beat alignment with own and with other music; its beats are tracked, not annotated"
    print_table(title, tables["beats"], BEATS | INTERVAL)
    print(
        "A song's interval, and that of all, is over its windows and the seeds, with the songs as they\n"
        "are, so it says nothing of other songs; with one window a song it is over the seeds alone.\n"
        "Songs drawn: the songs' means, with an interval over songs, as of the choreographer. All are\n"
        "too narrow where there is little to draw from."
    )
    print_table("Feet", tables["figures"], FEET)
    print_table("Bodies", tables["figures"], BODY)
    print_table("How far the pelvis is from where it began, m", tables["figures"], TRAVEL)
    if tables["parts"]:
        print_table("The first 8 s, and the rest", tables["parts"], PARTS)
    print_table("How far dances lie apart", tables["apart"], APART)
    if len(danced.dances) > 1:
        print(f"closest of all: {closest_two(danced)}")


def print_table(title: str, rows: Rows, columns: Mapping[str, tuple[str, float, int]]) -> None:
    table = Table()
    table.add_column("", overflow="fold")
    for heading, _, _ in columns.values():
        table.add_column(heading, justify="right", overflow="fold")
    for name, row in rows.items():
        cells = [
            f"{factor * row[figure]:.{digits}f}" if math.isfinite(row[figure]) else "–"
            for figure, (_, factor, digits) in columns.items()
        ]
        table.add_row(escape(name), *cells)
    print(f"\n{title}")
    Console().print(table)


def film(folder: Path, danced: DanceSet) -> None:
    """Write the dance to each song's first window with seed 0: a video with sound, and its fastest moments."""
    firsts = [int((danced.songs == song).nonzero()[0]) for song in range(len(danced.tracks))]
    num_frames = len(danced.windows[0].features)
    with clip_progress("filming", len(firsts) * num_frames, unit="frames") as advance:
        for window, track in zip(firsts, danced.tracks, strict=True):
            motion = danced.dances[window * danced.num_seeds].motion
            sound = sound_of(danced.windows[window], track)
            write_video(
                folder / f"{track.name}.mp4",
                counted(render_motion(motion, size_px=STAGE_SIZE), advance),
                fps=MUSIC_FPS,
                audio=sound.samples,
                sample_rate=sound.sample_rate,
            )
            sheet = contact_sheet(motion, frames=fast_moments(motion, SHEET_MOMENTS), title=track.name)
            with renamed_when_complete(folder / f"{track.name}.png") as partial:
                Image.fromarray(sheet).save(partial)


def counted(frames: Iterator[np.ndarray], advance: Callable[[int], None]) -> Iterator[np.ndarray]:
    for frame in frames:
        yield frame
        advance(1)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--motion", default="default", help="checkpoint, exported folder or hub id")
    parser.add_argument("--music", type=Path, help="folder of songs; made up if left out")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a window")
    parser.add_argument("--windows", type=int, default=3, help="windows of a song at most")
    parser.add_argument("--clips", type=int, default=24, help="dances of the choreographer")
    parser.add_argument("--device", help="a GPU if there is one")
    parser.add_argument("--json", help="also write all figures to this file")
    parser.add_argument("--out", help="folder for a video and a picture of each song")
    return parser


if __name__ == "__main__":
    main()
