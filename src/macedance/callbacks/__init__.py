"""What happens around training: averaging, seeding, checkpoints, stopping, guards, pictures, predictions."""

from macedance.callbacks.hang_watchdog import HangWatchdog
from macedance.callbacks.motion_samples import MotionSampleLogger
from macedance.callbacks.non_finite_guard import NonFiniteGuard
from macedance.callbacks.prediction_writer import PredictionWriter
from macedance.callbacks.preemption import PreemptionCheckpoint
from macedance.callbacks.run_checkpoint import RunCheckpoint
from macedance.callbacks.seeding import StepSeeding
from macedance.callbacks.skipped_samples import SkippedSampleReport
from macedance.callbacks.video_samples import VideoSampleLogger
from macedance.callbacks.weight_averaging import ExponentialMovingAverage
from macedance.callbacks.whole_file_checkpoints import WholeFileCheckpointIO

__all__ = [
    "ExponentialMovingAverage",
    "HangWatchdog",
    "MotionSampleLogger",
    "NonFiniteGuard",
    "PredictionWriter",
    "PreemptionCheckpoint",
    "RunCheckpoint",
    "SkippedSampleReport",
    "StepSeeding",
    "VideoSampleLogger",
    "WholeFileCheckpointIO",
]
