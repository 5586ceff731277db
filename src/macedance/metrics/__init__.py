"""Metrics of generated dance: classes that hold state; their mathematics is in ``functional``."""

from macedance.metrics.beat_alignment import BeatAlignmentScore
from macedance.metrics.floor_contact import FloorFloat, FloorPenetration
from macedance.metrics.foot_skating import FootSkatingRatio
from macedance.metrics.frechet_motion_distance import FrechetMotionDistance
from macedance.metrics.jerk import MotionJerk
from macedance.metrics.joint_limits import JointLimitViolations
from macedance.metrics.motion_diversity import MotionDiversity
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.physical_foot_contact import PhysicalFootContact
from macedance.metrics.self_intersection import SelfIntersectionRatio

__all__ = [
    "BeatAlignmentScore",
    "FloorFloat",
    "FloorPenetration",
    "FootSkatingRatio",
    "FrechetMotionDistance",
    "JointLimitViolations",
    "MotionDiversity",
    "MotionJerk",
    "MotionMetrics",
    "PhysicalFootContact",
    "SelfIntersectionRatio",
]
