r"""Put a trained expert into the package as the default Motion Expert, with its card.

    python training/ship_default.py runs/default/heard --recipe runs/default/default/recipe.json \
        --scores training/scores.json --scores-told "On 48 songs of 30 s kept aside." \
        --temperature 0.5 --sampler dpm --steps 20

Weights are rounded to bfloat16, normalisation stays as it is. The card's settings and figures are those of the files.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from score_table import table_lines

from macedance.default_expert import DEFAULT, default_folder
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_classes import DEFAULT_CLASS_PATH
from macedance.lightning_modules.expert_files import StoredExpert, read_expert
from macedance.lightning_modules.exporting import write_expert

CARD = """\
---
library_name: macedance
license: apache-2.0
tags:
- macedance
- motion-expert
- music-to-dance
---

# The default Motion Expert of macedance

From music to 3D dance in SMPL parameters, at 30 frames a second: {num_parameters:.1f} million parameters, the form of
`configs/motion/small.yaml`. It dances in `macedance generate` unless `--motion` names another, and in Python as
`macedance.load_expert("default")`.

## Training

* Data: {num_clips:,} made-up songs of 30 s and the choreographer's dances to them, by `macedance data synthesize`. No
  recording, no motion capture, nobody's work but this project's.
* {steps:,} steps in {minutes:.0f} minutes on one {device}, in bf16: {stages}. AdamW, learning rate
  {learning_rate:g} with a cosine to zero, weights averaged with a decay of {ema_decay:g}.
* Then the music encoder alone was taught to hear recordings as it hears made-up songs: distillation on
  {num_pairs:,} songs, clean and with other sounds, rooms, equalizers and compressors ({hearing_minutes:g} minutes on
  a CPU); its error on songs kept aside fell from {error_before:.2f} to {error_after:.2f} of the variance.
* Sampling: `{sampler}`, {num_steps} steps, temperature {temperature:g}.

## Scores

{scores_told}

{table}

## Limits

* All that it knows are the choreographer's moves: steps, grooves, arms, turns and jumps of many styles. No floor
  work, no partner, and the phrasing of a program rather than that of a person.
* It has heard made-up songs only; docs/default-model.md tells how it dances to recordings.
* Fingers and face do not move; the body is SMPL's mean shape.

## Licence

Apache-2.0, as the package.
"""


def main() -> None:
    """Write the package's folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("expert", type=Path, help="exported folder of teach_hearing.py")
    parser.add_argument("--recipe", type=Path, required=True, help="recipe.json of the training before")
    parser.add_argument("--scores", type=Path, required=True, help="scores of score_table.py")
    parser.add_argument(
        "--scores-told", required=True, help="a sentence on what was scored, and on how many clips"
    )
    parser.add_argument("--temperature", type=float, required=True)
    parser.add_argument("--sampler", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--out", type=Path, default=default_folder())
    args = parser.parse_args()
    try:
        _ship(args)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    except KeyError as error:
        parser.error(
            f"{args.recipe} or {args.expert}/hearing.json or {args.scores} lacks {error}; train again, or score again"
        )


def _ship(args: argparse.Namespace) -> None:
    recipe: dict[str, Any] = json.loads(args.recipe.read_text())
    hearing: dict[str, Any] = json.loads((args.expert / "hearing.json").read_text())
    stored = read_expert(args.expert)
    weights = {
        name: value.to(torch.bfloat16) if name.startswith("network.") else value
        for name, value in stored.weights.items()
    }
    arguments = {
        **stored.arguments,
        "temperature": args.temperature,
        "sampler": args.sampler,
        "num_sampling_steps": args.steps,
    }
    card = CARD.format(
        num_parameters=sum(w.numel() for name, w in weights.items() if name.startswith("network.")) / 1e6,
        num_clips=recipe["num_clips"],
        device=recipe["device"],
        steps=recipe["steps"],
        minutes=recipe["seconds"] / 60,
        stages=", then ".join(_told(stage) for stage in recipe["stages"]),
        learning_rate=recipe["learning_rate"],
        ema_decay=recipe["expert"]["ema_decay"],
        num_pairs=hearing["songs"],
        hearing_minutes=hearing["minutes"],
        error_before=hearing["error_before"],
        error_after=hearing["error_after"],
        sampler=args.sampler,
        num_steps=args.steps,
        temperature=args.temperature,
        scores_told=args.scores_told,
        table="\n".join(table_lines(json.loads(args.scores.read_text()))),
    )
    write_expert(StoredExpert(DEFAULT, DEFAULT_CLASS_PATH, arguments, weights), MotionExpert, args.out, card)
    print(f"wrote {args.out}")


def _told(stage: dict[str, Any]) -> str:
    size = f"{stage['batch_size']} windows of {stage['window_frames']} frames"
    return f"{stage['share']:.0%} of the time in batches of {size}"


if __name__ == "__main__":
    main()
