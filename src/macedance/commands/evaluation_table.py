"""What ``macedance evaluate`` prints."""

from __future__ import annotations

from rich.console import Console

from macedance.metrics.motion_evaluation import MotionEvaluation
from macedance.render.score_tables import score_tables

MIN_WIDTH = 120


def print_evaluation(evaluation: MotionEvaluation) -> None:
    """Print the tables, and the warnings below them."""
    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    form = evaluation.protocol
    console.print(score_tables(evaluation.rows, title=f"Protocol {form.name}: {form.summary}"))
    if form.published_fps is not None:
        checked = ", ".join(sorted(form.checked)) or "nothing"
        console.print(f"checked against published code: {checked}", style="dim")
    for warning in evaluation.warnings:
        console.print(f"warning: {warning}", style="yellow", soft_wrap=True)
