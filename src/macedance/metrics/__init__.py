"""Metrics of generated dance: classes that hold state; their mathematics is in ``functional``."""

from macedance.metrics.beat_alignment import BeatAlignmentScore
from macedance.metrics.foot_skating import FootSkatingRatio
from macedance.metrics.frechet_motion_distance import FrechetMotionDistance
from macedance.metrics.jerk import MotionJerk
from macedance.metrics.motion_diversity import MotionDiversity

__all__ = [
    "BeatAlignmentScore",
    "FootSkatingRatio",
    "FrechetMotionDistance",
    "MotionDiversity",
    "MotionJerk",
]
