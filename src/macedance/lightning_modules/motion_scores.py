"""Scoring batches of dances, and showing the scores of a test.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from macedance.data.motion_clips import MOTION_FPS
from macedance.geometry.motion import Motion
from macedance.geometry.representation import decode_motion, representation_joints, representation_poses
from macedance.metrics import MotionMetrics
from macedance.metrics.scores import GROUND_TRUTH, ScoreRow
from macedance.render.score_tables import print_score_tables


def score_batch(metrics: MotionMetrics, features: Tensor, batch: dict[str, Any]) -> None:
    """Take dances (B, T, 151) in natural units into the metrics, beside the batch's own as ground truth."""
    metrics.update_reference(representation_joints(batch["motion"]).cpu(), MOTION_FPS)
    metrics.update(
        joints=representation_joints(features).cpu(),
        music_beats=[beats.cpu() for beats in batch["beats"]],
        poses=representation_poses(features).cpu(),
        fps=MOTION_FPS,
    )


def motions_by_key(keys: list[str], features: Tensor) -> dict[str, Motion]:
    """The motions of features (B, T, 151) in natural units, by their clips' keys."""
    return {key: decode_motion(clip.cpu(), fps=MOTION_FPS) for key, clip in zip(keys, features, strict=True)}


def scores_of(metrics: MotionMetrics) -> dict[str, float]:
    """The scores over all ranks' dances by name."""
    return {name: float(value) for name, value in metrics.compute().items()}


def print_scores(scores: Mapping[str, Mapping[str, float]], *, title: str) -> None:
    """Print a row of scores for each set of dances."""
    print_score_tables({name: _row(name, values) for name, values in scores.items()}, title=title)


def _row(name: str, scores: Mapping[str, float]) -> ScoreRow:
    num_clips = int(scores["bas_num_clips"] + scores["bas_num_excluded"])
    if name == GROUND_TRUTH:  # its distance to itself is 0 by definition
        scores = {key: value for key, value in scores.items() if key not in ("fid_k", "fid_g")}
    return ScoreRow(num_clips, scores, {"bas_gap": (scores["bas_gap_low"], scores["bas_gap_high"])})
