"""Scoring batches of dances, and showing the scores of a test.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from torch import Tensor

from macedance.data.motion_clips import MOTION_FPS
from macedance.geometry.representation import representation_joints, representation_poses
from macedance.metrics import MotionMetrics
from macedance.metrics.scores import ScoreRow
from macedance.render.score_tables import score_tables
from macedance.whole_files import renamed_when_complete

MIN_WIDTH = 120


def score_batch(metrics: MotionMetrics, features: Tensor, batch: dict[str, Any]) -> None:
    """Take dances (B, T, 151) in natural units into the metrics, beside the batch's own as ground truth."""
    metrics.update_reference(representation_joints(batch["motion"]).cpu(), MOTION_FPS)
    metrics.update(
        joints=representation_joints(features).cpu(),
        music_beats=[beats.cpu() for beats in batch["beats"]],
        poses=representation_poses(features).cpu(),
        fps=MOTION_FPS,
    )


def scores_of(metrics: MotionMetrics) -> dict[str, float]:
    """The scores over all ranks' dances by name."""
    return {name: float(value) for name, value in metrics.compute().items()}


def print_scores(scores: Mapping[str, Mapping[str, float]], *, title: str) -> None:
    """Print a row of scores for each set of dances."""
    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    console.print(score_tables({name: _row(values) for name, values in scores.items()}, title=title))


def write_scores(path: Path, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Write the scores of each set of dances as JSON."""
    with renamed_when_complete(path) as partial:
        partial.write_text(json.dumps(scores, indent=2) + "\n")


def _row(scores: Mapping[str, float]) -> ScoreRow:
    num_clips = int(scores["bas_num_clips"] + scores["bas_num_excluded"])
    return ScoreRow(num_clips, scores, {"bas_gap": (scores["bas_gap_low"], scores["bas_gap_high"])})
