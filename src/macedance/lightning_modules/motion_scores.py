"""How generated dances are scored beside the ground truth.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from torch import Tensor, nn

from macedance.geometry.representation import representation_joints
from macedance.metrics import BeatAlignmentScore, FootSkatingRatio, MotionJerk

COLUMNS = (
    ("num_clips", "clips", "{:.0f}"),
    ("bas_own", "BAS own music", "{:.3f}"),
    ("bas_shuffled", "BAS shuffled", "{:.3f}"),
    ("bas_gap", "own − shuffled", "{:+.3f}"),
    ("bas_interval", "95 % interval", "{}"),
    ("foot_skating_ratio", "FSR", "{:.3f}"),
    ("jerk", "jerk m/s³", "{:.0f}"),
)


class MotionScores(nn.Module):
    """Beat alignment with its shuffled control, foot skating and jerk of one set of dances."""

    def __init__(self) -> None:
        super().__init__()
        self.beat_alignment = BeatAlignmentScore()
        self.foot_skating = FootSkatingRatio()
        self.jerk = MotionJerk()

    def update(self, motion: Tensor, beats: Sequence[Tensor], fps: float) -> None:
        """Take in motion (B, T, 151) in natural units and each clip's beats in seconds."""
        joints = representation_joints(motion)
        self.beat_alignment.update(joints, beats, fps)
        self.foot_skating.update(joints, fps)
        self.jerk.update(joints, fps)

    def compute(self) -> dict[str, float]:
        """The scores over all ranks, by column name."""
        beats = {name: float(value) for name, value in self.beat_alignment.compute().items()}
        return {
            "num_clips": beats["num_clips"],
            "num_excluded": beats["num_excluded"],
            "bas_own": beats["own"],
            "bas_shuffled": beats["shuffled"],
            "bas_gap": beats["gap"],
            "bas_gap_low": beats["gap_low"],
            "bas_gap_high": beats["gap_high"],
            "foot_skating_ratio": float(self.foot_skating.compute()),
            "jerk": float(self.jerk.compute()),
        }

    def reset(self) -> None:
        """Forget everything."""
        for metric in (self.beat_alignment, self.foot_skating, self.jerk):
            metric.reset()


def scores_table(rows: Mapping[str, Mapping[str, float]], *, title: str) -> Table:
    """A table to print, a row for each set of dances."""
    table = Table(
        title=title, caption="BAS and FSR in their frame-rate-independent forms; jerk is the mean over joints"
    )
    table.add_column("dances")
    for _, heading, _ in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, scores in rows.items():
        interval = f"{scores['bas_gap_low']:+.3f} … {scores['bas_gap_high']:+.3f}"
        values = {**scores, "bas_interval": interval}
        table.add_row(name, *(template.format(values[column]) for column, _, template in COLUMNS))
    return table
