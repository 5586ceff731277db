"""Metrics of generated dance: classes that hold state; their mathematics is in ``functional``."""

from macedance.metrics.aesthetic_quality import AestheticQuality
from macedance.metrics.background_consistency import BackgroundConsistency
from macedance.metrics.beat_alignment import BeatAlignmentScore
from macedance.metrics.color_drift import ColorDrift
from macedance.metrics.floor_contact import FloorFloat, FloorPenetration
from macedance.metrics.foot_skating import FootSkatingRatio
from macedance.metrics.frechet_feature_distance import FrechetFeatureDistance
from macedance.metrics.frechet_inception_distance import FrechetInceptionDistance
from macedance.metrics.frechet_motion_distance import FrechetMotionDistance
from macedance.metrics.frechet_video_distance import FrechetVideoDistance
from macedance.metrics.identity_similarity import IdentitySimilarity
from macedance.metrics.imaging_quality import ImagingQuality
from macedance.metrics.jerk import MotionJerk
from macedance.metrics.joint_limits import JointLimitViolations
from macedance.metrics.keypoint_accuracy import KeypointAccuracy
from macedance.metrics.learned_perceptual_similarity import LearnedPerceptualSimilarity
from macedance.metrics.motion_diversity import MotionDiversity
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.motion_smoothness import MotionSmoothness
from macedance.metrics.physical_foot_contact import PhysicalFootContact
from macedance.metrics.self_intersection import SelfIntersectionRatio
from macedance.metrics.subject_consistency import SubjectConsistency
from macedance.metrics.temporal_flickering import TemporalFlickering
from macedance.metrics.video_measurements import VideoMeasurements
from macedance.metrics.video_metrics import VideoMetrics
from macedance.metrics.video_peak_signal_noise_ratio import VideoPeakSignalNoiseRatio
from macedance.metrics.video_structural_similarity import VideoStructuralSimilarity

__all__ = [
    "AestheticQuality",
    "BackgroundConsistency",
    "BeatAlignmentScore",
    "ColorDrift",
    "FloorFloat",
    "FloorPenetration",
    "FootSkatingRatio",
    "FrechetFeatureDistance",
    "FrechetInceptionDistance",
    "FrechetMotionDistance",
    "FrechetVideoDistance",
    "IdentitySimilarity",
    "ImagingQuality",
    "JointLimitViolations",
    "KeypointAccuracy",
    "LearnedPerceptualSimilarity",
    "MotionDiversity",
    "MotionJerk",
    "MotionMetrics",
    "MotionSmoothness",
    "PhysicalFootContact",
    "SelfIntersectionRatio",
    "SubjectConsistency",
    "TemporalFlickering",
    "VideoMeasurements",
    "VideoMetrics",
    "VideoPeakSignalNoiseRatio",
    "VideoStructuralSimilarity",
]
