"""The mathematics of the metrics, without state."""

from macedance.metrics.functional.beat_alignment import beat_alignment, beat_timing, motion_beats
from macedance.metrics.functional.beat_alignment_gap import (
    alignment_gap,
    alignment_gap_interval,
    paired_beat_alignment,
)
from macedance.metrics.functional.diversity import average_pairwise_distance
from macedance.metrics.functional.foot_skating import foot_skating
from macedance.metrics.functional.frechet import frechet_distance, normalize_features
from macedance.metrics.functional.geometric_features import geometric_features
from macedance.metrics.functional.jerk import motion_jerk
from macedance.metrics.functional.kinetic_features import kinetic_features
from macedance.metrics.functional.protocols import PROTOCOLS, MotionProtocol, motion_protocol
from macedance.metrics.functional.resampling import mean_interval

__all__ = [
    "PROTOCOLS",
    "MotionProtocol",
    "alignment_gap",
    "alignment_gap_interval",
    "average_pairwise_distance",
    "beat_alignment",
    "beat_timing",
    "foot_skating",
    "frechet_distance",
    "geometric_features",
    "kinetic_features",
    "mean_interval",
    "motion_beats",
    "motion_jerk",
    "motion_protocol",
    "normalize_features",
    "paired_beat_alignment",
]
