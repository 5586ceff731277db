"""Score the runs of `train_motion.py` on held-out clips, and print the table of docs/default-model.md.

    macedance data synthesize --out data/held-out --clips 1 --val-clips 64 --test-clips 96 --seconds 30 --seed 77
    python training/score_table.py runs/default --shards data/held-out --out runs/default/scores.json
    python training/score_table.py --table training/scores.json

The default model is the run ``default``; runs called ``VARIANT-SEED`` are the ablations, of which the table has means
over seeds, smallest and largest. ``--select`` scores the default model on the val clips, with several temperatures
and samplers, to choose from. Rows are scored by processes of their own, on all GPUs in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

SCRIPT = Path(__file__).with_name("score_motion.py")
COLUMNS = {
    "bas_own": ("BAS own music", 3),
    "bas_gap": ("BAS own − other", 3),
    "fid_k": ("FID_k", 2),
    "fid_g": ("FID_g", 2),
    "div_k": ("DIV_k", 2),
    "div_g": ("DIV_g", 2),
    "pfc": ("PFC", 3),
    "fsr": ("FSR", 3),
    "jerk": ("jerk, m/s³", 0),
}
Scores = dict[str, dict[str, float]]


def table_rows(runs: Path) -> dict[str, list[str]]:
    """Arguments of `score_motion.py` by row."""
    default = str(runs / "default/expert")
    rows = {
        "ground truth": ["ground-truth"],
        "default, temperature 0.5": [default, "--temperature", "0.5"],
        "default, temperature 0.75": [default],
        "default, temperature 1": [default, "--temperature", "1"],
        "default, danced to other music": [default, "--shuffled"],
        "untrained": [default, "--untrained"],
    }
    for folder in sorted(runs.glob("*-[0-9]*/expert")):
        rows[folder.parent.name] = [str(folder)]
    return rows


def selection_rows(runs: Path) -> dict[str, list[str]]:
    """Ways to sample the default model."""
    default = str(runs / "default/expert")
    samplers = {
        "ddim, 50 steps": [],
        "ddim, 50 steps, eta 0": ["--eta", "0"],
        "dpm, 20 steps": ["--sampler", "dpm", "--steps", "20"],
    }
    return {
        f"{name}, temperature {temperature}": [default, *options, "--temperature", temperature]
        for name, options in samplers.items()
        for temperature in ("0.35", "0.5", "0.75", "1")
    }


def score_all(rows: Mapping[str, list[str]], shards: str, split: str, num_jobs: int) -> Scores:
    """Scores by row; every row is scored by a process of its own.

    Raises:
        RuntimeError: A process failed.
    """
    num_gpus = torch.cuda.device_count()

    def score(number: int, arguments: list[str]) -> dict[str, float]:
        device = ["--device", f"cuda:{number % num_gpus}"] if num_gpus else []
        command = [sys.executable, str(SCRIPT), *arguments, "--shards", shards, "--split", split, *device]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr[-3000:]}")
        return dict(json.loads(done.stdout))

    with ThreadPoolExecutor(num_jobs) as threads:
        running = {
            name: threads.submit(score, *item)
            for name, item in zip(rows, enumerate(rows.values()), strict=True)
        }
        return {name: job.result() for name, job in tqdm(running.items(), desc="scoring")}


def print_table(scores: Scores) -> None:
    """Print Markdown: a line for each row, one for all seeds of a variant."""
    print(f"| dances | {' | '.join(heading for heading, _ in COLUMNS.values())} |")
    print(f"| --- |{' ---: |' * len(COLUMNS)}")
    for name, rows in _grouped(scores).items():
        seeds = f" ({len(rows)} seeds)" if len(rows) > 1 else ""
        print(f"| {name}{seeds} | {' | '.join(_cell(column, rows) for column in COLUMNS)} |")


def _grouped(scores: Scores) -> dict[str, list[dict[str, float]]]:
    groups: dict[str, list[dict[str, float]]] = {}
    for name, row in scores.items():
        variant, _, seed = name.rpartition("-")
        groups.setdefault(variant if variant and seed.isdigit() else name, []).append(row)
    return groups


def _cell(column: str, rows: list[dict[str, float]]) -> str:
    decimals = COLUMNS[column][1]
    values = np.array([row[column] for row in rows])
    sign = "+" if column == "bas_gap" else ""
    text = f"{values.mean():{sign}.{decimals}f}"
    if len(rows) > 1:
        return f"{text} ({values.min():{sign}.{decimals}f} … {values.max():{sign}.{decimals}f})"
    if column == "bas_gap":
        return f"{text} ({rows[0]['bas_gap_low']:+.3f} … {rows[0]['bas_gap_high']:+.3f})"
    return text


def main() -> None:
    """Score, or print what was scored."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="?", help="folder of the runs")
    parser.add_argument("--shards", help="set of held-out clips of equal length")
    parser.add_argument(
        "--select", action="store_true", help="ways to sample the default model, on val clips"
    )
    parser.add_argument(
        "--jobs", type=int, default=2 * max(1, torch.cuda.device_count()), help="rows at a time"
    )
    parser.add_argument("--out", type=Path, help="JSON file for the scores")
    parser.add_argument("--table", type=Path, help="only print the table of such a file")
    args = parser.parse_args()
    if args.table:
        print_table(json.loads(args.table.read_text()))
        return
    if not args.runs or not args.shards:
        parser.error("give the folder of the runs and --shards, or --table")
    rows = selection_rows(args.runs) if args.select else table_rows(args.runs)
    scores = score_all(rows, args.shards, "val" if args.select else "test", args.jobs)
    if args.out:
        args.out.write_text(json.dumps(scores, indent=1))
    print_table(scores)


if __name__ == "__main__":
    main()
