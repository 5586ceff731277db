"""What happens around training: averaging, seeding, checkpoints, pictures, predictions, skipped samples."""

from macedance.callbacks.motion_samples import MotionSampleLogger
from macedance.callbacks.prediction_writer import PredictionWriter
from macedance.callbacks.run_checkpoint import RunCheckpoint
from macedance.callbacks.seeding import StepSeeding
from macedance.callbacks.skipped_samples import SkippedSampleReport
from macedance.callbacks.video_samples import VideoSampleLogger
from macedance.callbacks.weight_averaging import ExponentialMovingAverage

__all__ = [
    "ExponentialMovingAverage",
    "MotionSampleLogger",
    "PredictionWriter",
    "RunCheckpoint",
    "SkippedSampleReport",
    "StepSeeding",
    "VideoSampleLogger",
]
