"""The mathematics of the metrics, without state."""

from macedance.metrics.functional.beat_alignment import beat_alignment, beat_timing, motion_beats
from macedance.metrics.functional.beat_alignment_gap import (
    alignment_gap,
    alignment_gap_interval,
    paired_beat_alignment,
)
from macedance.metrics.functional.foot_skating import foot_skating
from macedance.metrics.functional.jerk import motion_jerk

__all__ = [
    "alignment_gap",
    "alignment_gap_interval",
    "beat_alignment",
    "beat_timing",
    "foot_skating",
    "motion_beats",
    "motion_jerk",
    "paired_beat_alignment",
]
