"""``macedance convert``: published weights as files that this package and diffusers read."""

from __future__ import annotations

import argparse

from macedance.commands import convert_appearance, convert_motion

EXAMPLE = """\
examples:
  macedance convert reference-appearance --lora LoRA.safetensors --adapter Adapter.safetensors --out converted
  macedance convert reference-motion motion.pt --out my-expert"""
KINDS = {
    "reference-appearance": (
        convert_appearance,
        "the LoRA and the Body Adapter of an Appearance Expert, in DiffSynth's layout",
    ),
    "reference-motion": (convert_motion, "the checkpoint of a Motion Expert, as it was published"),
}
"""By name, what converts it and what it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be converted, each with its arguments."""
    kinds = parser.add_subparsers(title="what to convert", dest="kind", metavar="KIND", required=True)
    for name, (module, what) in KINDS.items():
        kind = kinds.add_parser(
            name,
            help=what,
            description=f"Convert {what}.",
            epilog=module.EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(kind)


def run(args: argparse.Namespace) -> int:
    """Read the published files, tell what they hold, write them anew."""
    KINDS[args.kind][0].run(args)
    return 0
