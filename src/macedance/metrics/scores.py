"""Scores of sets of dances and videos, and how they are named, ordered and written in tables, plots and documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

GROUND_TRUTH = "ground truth"
GENERATED = "generated"
CHANCE = "truth, by chance"


@dataclass(frozen=True)
class ScoreRow:
    """The scores of one set of dances or videos.

    Attributes:
        num_clips: Clips that were scored.
        scores: Values by the names of :data:`SCORE_COLUMNS`, those of networks other than the published ones with
            the network's in brackets; what is missing or NaN is left blank in tables.
        intervals: Lower and upper bounds of 95 % intervals by the same names, may be empty.
    """

    num_clips: int
    scores: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def num_clips_in(self, group: str) -> int:
        """Clips that scores of a group are of: for rhythm, those whose music has beats."""
        return int(self.scores["bas_num_clips"]) if group == "rhythm" else self.num_clips


@dataclass(frozen=True)
class ScoreColumn:
    """One score of :class:`~macedance.metrics.MotionMetrics` or :class:`~macedance.metrics.VideoMetrics`.

    Attributes:
        name: Its key.
        heading: What people call it.
        group: Table that it stands in.
        unit: Unit in which it is shown, may be empty.
        scale: Factor from the score to that unit.
        decimals: Digits after the point.
        signed: Whether a plus sign is written.
        has_small_values: Whether values too small for ``decimals`` are written with two digits that count.
    """

    name: str
    heading: str
    group: str
    unit: str = ""
    scale: float = 1.0
    decimals: int = 3
    signed: bool = False
    has_small_values: bool = False

    @property
    def title(self) -> str:
        """Heading with the unit."""
        return f"{self.heading}, {self.unit}" if self.unit else self.heading

    def write(self, value: float) -> str:
        """The score in its unit.

        >>> ScoreColumn("floor_float", "float", "feet", "cm", 100, 1).write(0.0123)
        '1.2'
        """
        if value != value:
            return "–"
        if self.has_small_values and 0 < abs(value * self.scale) < 10**-self.decimals * 10:
            return f"{value * self.scale:.2g}"
        return f"{value * self.scale:{'+' if self.signed else ''}.{self.decimals}f}"


SCORE_COLUMNS = (
    ScoreColumn("fid_k", "FID_k", "distribution", decimals=2),
    ScoreColumn("fid_g", "FID_g", "distribution", decimals=2),
    ScoreColumn("div_k", "DIV_k", "distribution", decimals=2),
    ScoreColumn("div_g", "DIV_g", "distribution", decimals=2),
    ScoreColumn("bas_own", "BAS own music", "rhythm"),
    ScoreColumn("bas_shuffled", "BAS other music", "rhythm"),
    ScoreColumn("bas_gap", "BAS own − other", "rhythm", signed=True),
    ScoreColumn("pfc", "PFC", "feet"),
    ScoreColumn("fsr", "FSR", "feet"),
    ScoreColumn("jerk", "jerk", "body", "m/s³", decimals=0),
    ScoreColumn("floor_penetration", "under floor", "feet", "cm", 100, 2),
    ScoreColumn("floor_float", "above floor", "feet", "cm", 100, 2),
    ScoreColumn("self_intersection", "self-intersecting", "body", "%", 100, 2),
    ScoreColumn("joint_limits", "joints over limit", "body", "%", 100, 2),
    ScoreColumn("fid", "FID", "likeness", decimals=2, has_small_values=True),
    ScoreColumn("fvd", "FVD", "likeness", decimals=2, has_small_values=True),
    ScoreColumn("ssim", "SSIM", "likeness"),
    ScoreColumn("psnr", "PSNR", "likeness", "dB", decimals=2),
    ScoreColumn("lpips", "LPIPS", "likeness"),
    ScoreColumn("identity", "identity", "dancer"),
    ScoreColumn("pck", "PCK@0.2", "dancer", "%", 100, 1),
    ScoreColumn("subject_consistency", "subject", "dancer", decimals=4),
    ScoreColumn("background_consistency", "background", "dancer", decimals=4),
    ScoreColumn("motion_smoothness", "smoothness", "steadiness", decimals=4),
    ScoreColumn("temporal_flickering", "flickering", "steadiness", decimals=4),
    ScoreColumn("color_drift", "colour drift", "steadiness", "ΔE", decimals=2),
    ScoreColumn("imaging_quality", "imaging", "quality"),
    ScoreColumn("aesthetic_quality", "aesthetic", "quality"),
)
SCORE_GROUPS = ("distribution", "rhythm", "feet", "body", "likeness", "dancer", "steadiness", "quality")


def score_columns(names: Iterable[str]) -> list[ScoreColumn]:
    """The columns of scores of these names, in the order of :data:`SCORE_COLUMNS`.

    >>> [column.heading for column in score_columns(["ssim", "fvd[random]"])]
    ['FVD[random]', 'SSIM']
    """
    by_base: dict[str, list[str]] = {}
    for name in names:
        by_base.setdefault(name.partition("[")[0], []).append(name)
    return [
        replace(column, name=name, heading=column.heading + name[len(column.name) :])
        for column in SCORE_COLUMNS
        for name in by_base.get(column.name, [])
    ]
