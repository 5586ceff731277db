"""What happens around training: averaging, seeding, checkpoints, pictures, predictions, skipped samples."""

from macedance.callbacks.motion_samples import MotionSampleLogger
from macedance.callbacks.motion_writer import MotionWriter
from macedance.callbacks.run_checkpoint import RunCheckpoint
from macedance.callbacks.seeding import StepSeeding
from macedance.callbacks.skipped_samples import SkippedSampleReport
from macedance.callbacks.weight_averaging import ExponentialMovingAverage

__all__ = [
    "ExponentialMovingAverage",
    "MotionSampleLogger",
    "MotionWriter",
    "RunCheckpoint",
    "SkippedSampleReport",
    "StepSeeding",
]
