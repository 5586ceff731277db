"""Validates a cascade on as many ranks as are asked for: SHARDS CHECKPOINT OUTPUT NUM_RANKS."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import lightning as L

from macedance.datamodules import CascadeData
from macedance.lightning_modules import Cascade


def main(shards: str, checkpoint: str, output: str, num_ranks: str) -> None:
    trainer = L.Trainer(
        accelerator="cpu",
        devices=int(num_ranks),
        strategy="ddp" if int(num_ranks) > 1 else "auto",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        use_distributed_sampler=False,
    )
    model = Cascade(checkpoint, size_px=(32, 32), fps=10.0, extractors="random", output=output)
    trainer.validate(model, CascadeData(shards))
    if trainer.is_global_zero:
        scores = {name: float(value) for name, value in trainer.callback_metrics.items()}
        (Path(output) / "logged.json").write_text(json.dumps(scores))


if __name__ == "__main__":
    main(*sys.argv[1:])
