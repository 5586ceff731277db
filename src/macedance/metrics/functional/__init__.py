"""The mathematics of the metrics, without state."""

from macedance.metrics.functional.beat_alignment import beat_alignment, beat_timing, motion_beats
from macedance.metrics.functional.beat_alignment_gap import (
    alignment_gap,
    alignment_gap_interval,
    paired_beat_alignment,
)
from macedance.metrics.functional.color_drift import SegmentColors, color_drift
from macedance.metrics.functional.color_statistics import ColorSums, color_statistics
from macedance.metrics.functional.diversity import average_pairwise_distance
from macedance.metrics.functional.foot_skating import foot_skating
from macedance.metrics.functional.frame_consistency import frame_consistency
from macedance.metrics.functional.frechet import (
    frechet_distance,
    frechet_distance_of_moments,
    normalize_features,
)
from macedance.metrics.functional.geometric_features import geometric_features
from macedance.metrics.functional.identity_similarity import identity_similarity
from macedance.metrics.functional.jerk import motion_jerk
from macedance.metrics.functional.keypoint_accuracy import keypoint_accuracy
from macedance.metrics.functional.kinetic_features import kinetic_features
from macedance.metrics.functional.lab_color import rgb_to_lab
from macedance.metrics.functional.motion_smoothness import kept_and_dropped, motion_smoothness
from macedance.metrics.functional.peak_signal_to_noise_ratio import peak_signal_to_noise_ratio
from macedance.metrics.functional.protocols import PROTOCOLS, MotionProtocol, motion_protocol
from macedance.metrics.functional.resampling import mean_interval
from macedance.metrics.functional.structural_similarity import structural_similarity
from macedance.metrics.functional.temporal_flickering import temporal_flickering

__all__ = [
    "PROTOCOLS",
    "ColorSums",
    "MotionProtocol",
    "SegmentColors",
    "alignment_gap",
    "alignment_gap_interval",
    "average_pairwise_distance",
    "beat_alignment",
    "beat_timing",
    "color_drift",
    "color_statistics",
    "foot_skating",
    "frame_consistency",
    "frechet_distance",
    "frechet_distance_of_moments",
    "geometric_features",
    "identity_similarity",
    "kept_and_dropped",
    "keypoint_accuracy",
    "kinetic_features",
    "mean_interval",
    "motion_beats",
    "motion_jerk",
    "motion_protocol",
    "motion_smoothness",
    "normalize_features",
    "paired_beat_alignment",
    "peak_signal_to_noise_ratio",
    "rgb_to_lab",
    "structural_similarity",
    "temporal_flickering",
]
