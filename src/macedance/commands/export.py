"""``macedance export``: a checkpoint as a folder to share."""

from __future__ import annotations

import argparse

EXAMPLE = """\
example:
  macedance export --checkpoint runs/motion-tiny/version_0/checkpoints/last.ckpt --out my-expert"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--checkpoint", help="checkpoint of a run; the newest of runs/ if left out")
    parser.add_argument(
        "--out", required=True, help="folder to write: config.yaml, model.safetensors, README.md"
    )


def run(args: argparse.Namespace) -> int:
    """Export the averaged weights."""
    from macedance.lightning_modules.loading import export_expert, newest_checkpoint

    checkpoint = args.checkpoint or newest_checkpoint(include_exports=False)
    print(f"exported {checkpoint} to {export_expert(checkpoint, args.out)}")
    return 0
