"""``macedance configs``: what configurations there are."""

from __future__ import annotations

import argparse

EXAMPLE = """\
example:
  macedance fit --config configs/motion/tiny.yaml --trainer.max_steps 5000"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: none."""


def run(args: argparse.Namespace) -> int:
    """Print the configurations by the names that ``--config`` takes."""
    from macedance.config_files import list_configs

    print("\n".join(f"configs/{path}" for path in list_configs()))
    return 0
