"""Teach an expert's music encoder to hear recordings as it hears the clean songs that it was trained with.

    python training/teach_hearing.py runs/default/default/expert --pairs data/hearing --out runs/default/heard

A copy of the encoder learns to give, for the features of a song as recorded, what the expert's own gives for the
clean ones: distillation, under changes of the sound that leave its rhythm. The rest of the network stays as it is. A
CPU will do. The last part of the pairs is held out: the error before and after is printed.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from macedance.data.genres import GENRES
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_classes import DEFAULT_CLASS_PATH
from macedance.lightning_modules.expert_files import StoredExpert, read_expert
from macedance.lightning_modules.exporting import write_expert
from macedance.lightning_modules.loading import build_expert

CLEAN_SHARE, UNKNOWN_GENRE_SHARE = 0.2, 0.5
BATCH_SIZE, WINDOW_FRAMES = 4, 180

Pairs = tuple[Tensor, Tensor, Tensor]
"""Features as recorded and clean (N, T, 35), genre (N,)."""


def read_pairs(files: list[Path]) -> Pairs:
    """The pairs of some parts."""
    parts = [np.load(file, allow_pickle=False) for file in files]
    recorded, clean = (
        torch.from_numpy(np.concatenate([part[name] for part in parts])) for name in ("recorded", "clean")
    )
    return recorded, clean, torch.from_numpy(np.concatenate([part["genre"] for part in parts]))


def windows(pairs: Pairs, generator: torch.Generator) -> Iterator[Pairs]:
    """Random windows without end: some with the clean song on both sides, some of unknown genre."""
    recorded, clean, genre = pairs
    while True:
        songs = torch.randint(len(genre), (BATCH_SIZE,), generator=generator)
        start = int(torch.randint(recorded.shape[1] - WINDOW_FRAMES + 1, (), generator=generator))
        part = slice(start, start + WINDOW_FRAMES)
        draws = torch.rand(2, BATCH_SIZE, generator=generator)
        target = clean[songs, part].float()
        heard = torch.where(draws[0, :, None, None] < CLEAN_SHARE, target, recorded[songs, part].float())
        yield heard, target, genre[songs].masked_fill(draws[1] < UNKNOWN_GENRE_SHARE, len(GENRES))


def error(student: nn.Module, teacher: nn.Module, batch: Pairs) -> Tensor:
    """Squared error of encoded music over its variance; 1 is as good as a constant."""
    heard, clean, genre = batch
    with torch.no_grad():
        target = teacher.encode_music(clean, genre)
    variance = target.var(dim=(0, 1)).mean()
    return (student.encode_music(heard, genre) - target).square().mean() / variance


@torch.no_grad()
def held_out_error(student: nn.Module, teacher: nn.Module, pairs: Pairs) -> float:
    """Mean error over whole songs of unknown genre."""
    recorded, clean, genre = pairs
    unknown = torch.full_like(genre[:1], len(GENRES))
    errors = [
        error(student, teacher, (recorded[n : n + 1].float(), clean[n : n + 1].float(), unknown))
        for n in range(len(genre))
    ]
    return float(torch.stack(errors).mean())


def main() -> None:
    """Teach, and export the expert that hears."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("expert", help="a Motion Expert: checkpoint, exported folder or hub id")
    parser.add_argument("--pairs", type=Path, required=True, help="folder of hearing_pairs.py")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--out", type=Path, required=True, help="folder for the expert")
    args = parser.parse_args()
    files = sorted(args.pairs.glob("[0-9]*.npz"))
    if len(files) < 2:
        parser.error(f"--pairs must hold two parts at least, for the last is held out, got {len(files)}")
    try:
        stored = read_expert(args.expert)
    except (OSError, ValueError) as problem:
        parser.error(str(problem))
    expert: MotionExpert = build_expert(stored)
    teacher = copy.deepcopy(expert.network).requires_grad_(False)
    student = expert.network
    pairs, held_out = read_pairs(files[:-1]), read_pairs(files[-1:])
    if pairs[0].shape[1] < WINDOW_FRAMES:
        parser.error(
            f"songs must have {WINDOW_FRAMES} frames at least, got {pairs[0].shape[1]}; make longer ones"
        )
    before = held_out_error(student, teacher, held_out)
    parameters = [*student.music_projection.parameters(), *student.music_layers.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=args.learning_rate, weight_decay=0.02)
    batches, begin, num_steps = windows(pairs, torch.Generator().manual_seed(0)), time.monotonic(), 0
    with tqdm(total=round(60 * args.minutes), unit="s", desc="hearing") as bar:
        while (seconds := time.monotonic() - begin) < 60 * args.minutes:
            for group in optimizer.param_groups:
                group["lr"] = args.learning_rate * (1 + math.cos(math.pi * seconds / (60 * args.minutes))) / 2
            loss = error(student, teacher, next(batches))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            num_steps += 1
            bar.update(round(seconds) - bar.n)
            bar.set_postfix(loss=f"{float(loss.detach()):.3f}")
    report = {
        "songs": len(pairs[2]),
        "steps": num_steps,
        "minutes": args.minutes,
        "error_before": before,
        "error_after": held_out_error(student, teacher, held_out),
    }
    print(json.dumps(report, indent=1))
    weights = {name: value.detach() for name, value in expert.state_dict().items()}
    heard = StoredExpert(stored.name, DEFAULT_CLASS_PATH, stored.arguments, weights)
    write_expert(heard, MotionExpert, args.out, f"# {args.out.name}\n")
    (args.out / "hearing.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
