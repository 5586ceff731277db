"""What a page draws of a clip over time, in values that JSON knows. Axes: T frames, N sound samples, C channels."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from macedance.data.music_features import music_beats
from macedance.geometry.motion import Motion
from macedance.metrics.functional.beat_alignment import beat_timing, motion_beats
from macedance.render.camera import heading_radians

NUM_PEAKS = 480
FLOOR_PERCENTILE = 5.0
SOLE_METRES = 0.02


def sample_motion(sample: dict[str, Any], fps: float) -> Motion:
    """The motion of a decoded sample, y up.

    Raises:
        ValueError: It is none.
    """
    arrays = sample["motion.npz"]
    return Motion(
        torch.from_numpy(arrays["poses"]).float(),
        torch.from_numpy(arrays["trans"]).float(),
        fps=fps,
        up_axis=sample.get("json", {}).get("up_axis", "y"),
    ).to_up_axis("y")


def sample_music_beats(sample: dict[str, Any]) -> list[float]:
    """Seconds of the music's beats, as a decoded sample's json tells them, else its music features."""
    told = sample.get("json", {}).get("beats_seconds")
    if told is None:
        told = music_beats(sample["music.npy"]) if "music.npy" in sample else []
    return [round(float(beat), 3) for beat in told]


def figure(motion: Motion) -> dict[str, Any]:
    """Joint positions over the floor in steps of ``unit`` metres, int16, little-endian, in base64."""
    joints = motion.joints().numpy().astype(np.float64)
    heading = heading_radians(joints)
    joints[..., 1] -= np.percentile(joints[..., 1].min(axis=1), FLOOR_PERCENTILE) - SOLE_METRES
    joints[..., [0, 2]] -= joints[:, 0, [0, 2]].mean(axis=0)
    unit = max(float(np.abs(joints).max()), 1e-6) / 32767
    steps = np.round(joints / unit).astype("<i2")
    return {
        "fps": motion.fps,
        "unit": unit,
        "heading": heading,
        "joints": base64.b64encode(steps.tobytes()).decode("ascii"),
    }


def speed_and_beats(motion: Motion) -> dict[str, Any]:
    """Mean speed of the joints in metres a second, smoothed as motion beats want it, and those beats."""
    if motion.num_frames < 2:
        return {}
    joints = motion.joints()
    smoothing_seconds = beat_timing("default", motion.fps).smoothing_seconds
    speed = joints.diff(dim=0).norm(dim=-1).mean(dim=-1).double().numpy() * motion.fps
    smooth = gaussian_filter1d(speed, smoothing_seconds * motion.fps)
    beats = motion_beats(joints, motion.fps, smoothing_seconds)
    return {
        "fps": motion.fps,
        "speed": [round(float(value), 3) for value in smooth],
        "motionBeats": [round(float(beat), 3) for beat in beats],
    }


def sound_peaks(samples: np.ndarray) -> list[int]:
    """The loudest of each part of a sound (N,) or (N, C), in hundredths of the loudest of all."""
    loudness = np.abs(samples if samples.ndim == 1 else samples.mean(axis=1))
    peaks = np.array([part.max(initial=0.0) for part in np.array_split(loudness, NUM_PEAKS)])
    return np.round(100 * peaks / max(float(peaks.max()), 1e-6)).astype(int).tolist()
