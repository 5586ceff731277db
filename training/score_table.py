"""Score the default model and the runs of `train_motion.py` on held-out clips, and print a table.

    macedance data synthesize --out data/held-out --clips 1 --val-clips 64 --test-clips 96 --seconds 30 --seed 77
    python training/score_table.py runs/default --shards data/held-out --out runs/default/scores.json
    python training/score_table.py --table training/scores.json

The default model is the one of the package. "Before hearing" is the run ``default``, of which teach_hearing.py made
it; runs called ``VARIANT-SEED`` are ablations. ``--select`` scores the default model on the val clips, with several
temperatures and samplers, to choose from. Rows are scored by processes of their own, on all GPUs in turn; rows that
``--out`` holds already are not scored again. In the table, round brackets are 95 % intervals over songs, and square
ones smallest and largest of the seeds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from macedance.default_expert import DEFAULT
from macedance.whole_files import renamed_when_complete

SCRIPT = Path(__file__).with_name("score_motion.py")
COLUMNS = {
    "bas_num_clips": ("clips", 0),
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
    before = [str(runs / "default/expert"), "--sampler", "ddim", "--steps", "50", "--temperature"]
    rows = {
        "ground truth": ["ground-truth"],
        **{f"default, temperature {t}": [DEFAULT, "--temperature", t] for t in ("0.3", "0.5", "0.75", "1")},
        "default, temperature 0.5, other music": [DEFAULT, "--temperature", "0.5", "--shuffled"],
        "default, temperature 0.5, as recorded": [DEFAULT, "--temperature", "0.5", "--as-recorded"],
        **{f"before hearing, temperature {t}": [*before, t] for t in ("0.5", "0.75", "1")},
        "before hearing, temperature 0.75, other music": [*before, "0.75", "--shuffled"],
        "untrained": [*before, "0.75", "--untrained"],
    }
    for folder in sorted(runs.glob("*-[0-9]*/expert")):
        rows[folder.parent.name] = [str(folder), *before[1:], "0.75"]
    return rows


def selection_rows() -> dict[str, list[str]]:
    """Ways to sample the default model."""
    samplers = {
        "ddim, 50 steps": ["--sampler", "ddim", "--steps", "50"],
        "dpm, 20 steps": ["--sampler", "dpm", "--steps", "20"],
    }
    return {
        f"{name}, temperature {temperature}": [DEFAULT, *options, "--temperature", temperature]
        for name, options in samplers.items()
        for temperature in ("0.3", "0.5", "0.75", "1")
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
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr[-3000:]}")
        return dict(json.loads(done.stdout))

    with ThreadPoolExecutor(num_jobs) as threads:
        running = {
            name: threads.submit(score, *item)
            for name, item in zip(rows, enumerate(rows.values()), strict=True)
        }
        return {name: job.result() for name, job in tqdm(running.items(), desc="scoring")}


def table_lines(scores: Scores) -> list[str]:
    """A Markdown table: a line for each row, one for all seeds of a variant."""
    head = [
        f"| dances | {' | '.join(heading for heading, _ in COLUMNS.values())} |",
        f"| --- |{' ---: |' * len(COLUMNS)}",
    ]
    return head + [
        f"| {name}{f' ({len(rows)} seeds)' if len(rows) > 1 else ''} | "
        f"{' | '.join(_cell(column, rows, name) for column in COLUMNS)} |"
        for name, rows in _grouped(scores).items()
    ]


def _grouped(scores: Scores) -> dict[str, list[dict[str, float]]]:
    groups: dict[str, list[dict[str, float]]] = {}
    for name, row in scores.items():
        variant, _, seed = name.rpartition("-")
        groups.setdefault(variant if variant and seed.isdigit() else name, []).append(row)
    return groups


def _cell(column: str, rows: list[dict[str, float]], name: str) -> str:
    if name == "ground truth" and column.startswith("fid"):  # 0 by definition
        return "–"
    decimals = COLUMNS[column][1]
    values = np.array([row[column] for row in rows])
    sign = "+" if column == "bas_gap" else ""
    text = f"{values.mean():{sign}.{decimals}f}"
    if values.min() < values.max():
        return f"{text} [{values.min():{sign}.{decimals}f} … {values.max():{sign}.{decimals}f}]"
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
        print("\n".join(table_lines(json.loads(args.table.read_text()))))
        return
    if not args.runs or not args.shards:
        parser.error("give the folder of the runs and --shards, or --table")
    rows = selection_rows() if args.select else table_rows(args.runs)
    known: Scores = json.loads(args.out.read_text()) if args.out and args.out.is_file() else {}
    missing = {name: arguments for name, arguments in rows.items() if name not in known}
    try:
        scored = score_all(missing, args.shards, "val" if args.select else "test", args.jobs)
    except RuntimeError as error:
        parser.error(str(error))
    scores = {name: {**known, **scored}[name] for name in rows}
    if args.out:
        with renamed_when_complete(args.out) as partial:
            partial.write_text(json.dumps({**scores, **known}, indent=1))
    print("\n".join(table_lines(scores)))


if __name__ == "__main__":
    main()
