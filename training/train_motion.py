"""Train Motion Experts for given minutes each, one after the other on one GPU, while their data are still being made.

    macedance data synthesize --out data/default --clips 24000 --seconds 30 --seed 1 --no-audio &
    python training/train_motion.py training/default_motion.yaml --shards data/default --out runs/default

Every run has its folder in ``--out``: ``curve.jsonl``, ``state.pt`` to go on from, and at the end ``expert``, as
``macedance export`` writes it. Start it again after a cut, and it goes on. ``--only`` names runs, so that several
GPUs can share a plan.
"""

from __future__ import annotations

import argparse
import gc
import json
from dataclasses import asdict
from pathlib import Path

import torch
import yaml
from graph_training import NUM_CLIPS_OF_RANGE, GraphTraining
from recipes import Recipe, recipes
from window_bank import ShardFollower, WindowBank

from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_classes import DEFAULT_CLASS_PATH
from macedance.lightning_modules.expert_files import StoredExpert
from macedance.lightning_modules.exporting import write_expert


def train(recipe: Recipe, bank: WindowBank, folder: Path) -> None:
    """Train a run to its end, or go on with it, and export its averaged weights."""
    training = GraphTraining(recipe, bank, folder)
    training.run()
    weights = training.averaged_weights()
    stored = StoredExpert(recipe.name, DEFAULT_CLASS_PATH, dict(recipe.expert), weights)
    device = torch.cuda.get_device_name(bank.device) if bank.device.type == "cuda" else "CPU"
    told = {
        "steps": training.step,
        "seconds": training.seconds,
        "num_clips": bank.num_clips,
        "device": device,
    }
    (folder / "recipe.json").write_text(json.dumps({**asdict(recipe), **told}, indent=1))
    write_expert(stored, MotionExpert, folder / "expert", f"# {recipe.name}\n")


def main() -> None:
    """Train what the arguments name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", type=Path, help="YAML file of the runs")
    parser.add_argument("--shards", required=True, help="folder of shards; more may arrive meanwhile")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--only", nargs="+", metavar="RUN", help="these runs, in this order; all if left out")
    parser.add_argument("--capacity", type=int, default=20_000, help="clips that the GPU holds at most")
    parser.add_argument("--readers", type=int, default=4, help="processes that read shards")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_float32_matmul_precision("high")
    try:
        found = recipes(yaml.safe_load(args.plan.read_text()))
        _train_all(found, args)
    except (OSError, ValueError, FloatingPointError, yaml.YAMLError) as error:
        parser.error(str(error))


def _train_all(found: dict[str, Recipe], args: argparse.Namespace) -> None:
    unknown = [name for name in args.only or () if name not in found]
    if unknown:
        raise ValueError(f"--only must name some of {', '.join(found)}, got {', '.join(unknown)}")
    device = torch.device(args.device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    bank = WindowBank(ShardFollower(args.shards, args.readers), args.capacity, device)
    try:
        for name in args.only or found:
            folder = args.out / name
            if (folder / "done").is_file():
                print(f"{name}: done already")
                continue
            bank.wait_for(min(NUM_CLIPS_OF_RANGE, args.capacity))
            train(found[name], bank, folder)
            (folder / "done").touch()
            gc.collect()
    finally:
        bank.follower.close()


if __name__ == "__main__":
    main()
