"""Metrics of generated dance: classes that hold state; their mathematics is in ``functional``."""

from macedance.metrics.beat_alignment import BeatAlignmentScore
from macedance.metrics.foot_skating import FootSkatingRatio
from macedance.metrics.jerk import MotionJerk

__all__ = ["BeatAlignmentScore", "FootSkatingRatio", "MotionJerk"]
