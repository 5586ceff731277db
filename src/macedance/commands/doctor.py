"""``macedance doctor``: what this machine has for macedance, and what is missing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.commands.doctoring.finding import Finding, Probe

EXAMPLE = """\
Marks are ok, missing (for what can be done without) and problem; an arrow leads
to what can be done about it. The network is not used. The exit code is 1 if
something has a problem that every dance needs, on the CPU too, and 0 otherwise.

examples:
  macedance doctor
  macedance doctor --json > doctor.json"""

WIDTH = 100
"""Of the screen where there is no terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Look at everything and tell what was found."""
    from macedance.commands.doctoring.finding import can_dance, examined

    findings = examined(probes())
    if args.json:
        told = {"can_dance": can_dance(findings), "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(told, indent=2))
    else:
        _show(findings)
    return 0 if can_dance(findings) else 1


def _show(findings: Sequence[Finding]) -> None:
    """Print a screen, or plain lines where what draws it is among what is missing."""
    try:
        from rich.console import Console

        from macedance.commands.doctoring.screen import screen
    except ImportError:
        from macedance.commands.doctoring.plain_lines import plain_lines

        print(*plain_lines(findings), sep="\n")
        return
    console = Console()
    console.width = console.width if console.is_terminal else WIDTH
    console.print(screen(findings))


def probes() -> list[Probe]:
    """All there is to look at."""
    from macedance.commands.doctoring import kernels, machine, media, models, packages
    from macedance.commands.doctoring.finding import Probe

    return [
        Probe("machine", "software", machine.software, is_needed=True),
        Probe("machine", "processor", machine.processor, is_needed=True),
        Probe("machine", "GPUs", machine.gpus),
        Probe("machine", "disks", machine.disks, is_needed=True),
        Probe("kernels", "selective scan", kernels.selective_scan, is_needed=True),
        Probe("kernels", "for GPUs", kernels.gpu_packages),
        Probe("pictures", "renderer", media.renderer, is_needed=True),
        Probe("pictures", "video encoders", media.encoders, is_needed=True),
        Probe("sound", "songs", media.sound_files, is_needed=True),
        Probe("sound", "features", media.music_features, is_needed=True),
        Probe("packages", "dependencies", packages.dependencies, is_needed=True),
        Probe("packages", "extras", packages.extras),
        Probe("packages", "experts", packages.experts),
        Probe("models", "default", models.default_motion, is_needed=True),
        Probe("models", "trained", models.trained),
        Probe("models", "hub", models.hub_cache),
        Probe("models", "Wan-Animate", models.backbone),
        Probe("models", "key-points", models.detectors),
        Probe("models", "metric networks", models.metric_networks),
        Probe("models", "metric files", models.weight_files),
        Probe("models", "bodies", models.bodies),
    ]
