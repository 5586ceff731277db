"""What ``macedance evaluate`` prints."""

from __future__ import annotations

from macedance.metrics.motion_evaluation import MotionEvaluation
from macedance.render.score_tables import print_score_tables


def print_evaluation(evaluation: MotionEvaluation, inputs: dict[str, str]) -> None:
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
    for line in lines:
        console.print(line, style="dim", markup=False, soft_wrap=True)
    for warning in evaluation.warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
