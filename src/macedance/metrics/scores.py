"""How scores are named, ordered and written, in tables, plots and documents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoreColumn:
    """One score of :class:`~macedance.metrics.MotionMetrics`.

    Attributes:
        name: Its key.
        heading: What people call it.
        group: Table that it stands in.
        unit: Unit in which it is shown, may be empty.
        scale: Factor from the score to that unit.
        decimals: Digits after the point.
        signed: Whether a plus sign is written.
    """

    name: str
    heading: str
    group: str
    unit: str = ""
    scale: float = 1.0
    decimals: int = 3
    signed: bool = False

    @property
    def title(self) -> str:
        """Heading with the unit."""
        return f"{self.heading}, {self.unit}" if self.unit else self.heading

    def write(self, value: float) -> str:
        """The score in its unit.

        >>> ScoreColumn("floor_float", "float", "physics", "cm", 100, 1).write(0.0123)
        '1.2'
        """
        if value != value:
            return "–"
        return f"{value * self.scale:{'+' if self.signed else ''}.{self.decimals}f}"


SCORE_COLUMNS = (
    ScoreColumn("fid_k", "FID_k", "distribution", decimals=2),
    ScoreColumn("fid_g", "FID_g", "distribution", decimals=2),
    ScoreColumn("div_k", "DIV_k", "distribution", decimals=2),
    ScoreColumn("div_g", "DIV_g", "distribution", decimals=2),
    ScoreColumn("bas_own", "BAS own music", "rhythm"),
    ScoreColumn("bas_shuffled", "BAS other music", "rhythm"),
    ScoreColumn("bas_gap", "own − other", "rhythm", signed=True),
    ScoreColumn("pfc", "PFC", "physics"),
    ScoreColumn("fsr", "FSR", "physics"),
    ScoreColumn("jerk", "jerk", "physics", "m/s³", decimals=0),
    ScoreColumn("floor_penetration", "under floor", "physics", "cm", 100, 2),
    ScoreColumn("floor_float", "above floor", "physics", "cm", 100, 2),
    ScoreColumn("self_intersection", "self-intersecting", "physics", "%", 100, 2),
    ScoreColumn("joint_limits", "joints over limit", "physics", "%", 100, 2),
)
SCORE_GROUPS = ("distribution", "rhythm", "physics")
