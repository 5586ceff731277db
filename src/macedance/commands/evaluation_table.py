"""What ``macedance evaluate`` prints."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from macedance.metrics.motion_evaluation import MotionEvaluation
from macedance.metrics.video_evaluation import VideoEvaluation
from macedance.render.score_tables import print_score_tables


def print_motion_evaluation(evaluation: MotionEvaluation, inputs: dict[str, str]) -> None:
    """Print what was compared, the tables, and the warnings below them.

    Args:
        evaluation: What was found.
        inputs: A description of each side's dances, by its name.
    """
    form = evaluation.protocol
    console = print_score_tables(evaluation.rows, title=f"Protocol {form.name}: {form.summary}")
    lines = [f"{name}: {text}" for name, text in inputs.items()]
    if form.published_fps is not None:
        lines.append(f"checked against published code: {', '.join(sorted(form.checked)) or 'nothing'}")
    _print_below(console, lines, evaluation.warnings)


def print_video_evaluation(
    evaluation: VideoEvaluation, lines: Iterable[str], warnings: Iterable[str]
) -> None:
    """Print the tables, what was compared, in lines, and the warnings below them."""
    console = print_score_tables(evaluation.rows, title="What is seen", what="videos")
    _print_below(console, lines, warnings)


def _print_below(console: Console, lines: Iterable[str], warnings: Iterable[str]) -> None:
    for line in lines:
        console.print(line, style="dim", markup=False, soft_wrap=True)
    for warning in warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
