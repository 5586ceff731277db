"""How well the beats of a motion and the beats of its music coincide (BAS).

The score comes from AIST++ (Li et al., ICCV 2021) and Bailando (Siyao et al., CVPR 2022). It is no referee
by itself: white noise in place of a motion has so many speed minima that it scores higher than real dance.
Always look at the gap between a clip's own music and other clips' music.

Axis letters: T frames, J joints.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from scipy.signal import argrelmin
from torch import Tensor

from macedance.metrics.functional.joint_positions import check_joint_positions
from macedance.metrics.functional.protocols import Direction, motion_protocol


class BeatTiming(NamedTuple):
    """Widths of the two Gaussians of the score."""

    sigma_seconds: float
    smoothing_seconds: float


_DEFAULT_TIMING = BeatTiming(sigma_seconds=0.05, smoothing_seconds=5 / 60)


def beat_timing(protocol: str, fps: float) -> BeatTiming:
    """Widths that a protocol uses at a frame rate.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`. ``"default"`` is fixed in
            time (50 ms and 83.3 ms, Bailando's widths at its 60 fps); the published ones are fixed in frames.
        fps: Frames per second of the motion.

    Raises:
        ValueError: There is no such protocol.

    >>> beat_timing("lodge", fps=30.0).sigma_seconds
    0.1
    """
    form = motion_protocol(protocol)
    sigma, smoothing = _DEFAULT_TIMING
    return BeatTiming(
        sigma if form.sigma_frames is None else form.sigma_frames / fps,
        smoothing if form.smoothing_frames is None else form.smoothing_frames / fps,
    )


def motion_beats(
    joints: Tensor, fps: float, smoothing_seconds: float = _DEFAULT_TIMING.smoothing_seconds
) -> Tensor:
    """Times at which the body's mean joint speed is at a local minimum, in seconds, float64, ascending.

    A minimum between frames t and t + 1 counts as time t / fps, as published. Minima are strict, so a body at
    rest has no beats; neither has a clip of fewer than four frames or one that holds NaN throughout.

    Args:
        joints: (T, J, 3) positions, or (T, J, 2) in an image.
        fps: Frames per second.
        smoothing_seconds: Standard deviation of the Gaussian that smooths the speed first.

    Raises:
        ValueError: ``joints`` is no clip, or ``fps`` is not positive.

    >>> angle = (torch.arange(60) - 0.5) * torch.pi / 30
    >>> swing = torch.cos(angle)[:, None, None].expand(60, 1, 3)  # turns round between frames 30 and 31
    >>> motion_beats(swing, fps=30.0)
    tensor([1.], dtype=torch.float64)
    """
    speed = smooth_speed(joints, fps, smoothing_seconds)
    if len(speed) < 3:
        return torch.empty(0, dtype=torch.float64, device=joints.device)
    (frames,) = argrelmin(speed)
    return torch.from_numpy(frames).to(joints.device, torch.float64) / fps


def smooth_speed(joints: Tensor, fps: float, smoothing_seconds: float) -> np.ndarray:
    """Mean joint speed per second from each frame to the next, smoothed by a Gaussian, float64 (T − 1,).

    Args:
        joints: (T, J, 3) positions, or (T, J, 2) in an image.
        fps: Frames per second.
        smoothing_seconds: Standard deviation of the Gaussian.

    Raises:
        ValueError: ``joints`` is no clip, or ``fps`` is not positive.
    """
    check_joint_positions(joints, fps, dimensions=(2, 3))
    speed = joints.detach().double().diff(dim=0).norm(dim=-1).mean(dim=-1) * fps
    return gaussian_filter1d(speed.cpu().numpy(), smoothing_seconds * fps)


def nearest_beat_distance(beats: Tensor, reference_beats: Tensor) -> Tensor:
    """Distance from each beat to the nearest reference beat, same shape as ``beats``.

    Args:
        beats: Any shape.
        reference_beats: One axis, not empty, ascending.

    >>> nearest_beat_distance(torch.tensor([0.0, 1.5, 9.0]), torch.tensor([1.0, 2.5]))
    tensor([1.0000, 0.5000, 6.5000])
    """
    after = torch.searchsorted(reference_beats, beats.contiguous()).clamp(max=len(reference_beats) - 1)
    before = (after - 1).clamp(min=0)
    return torch.minimum((beats - reference_beats[before]).abs(), (beats - reference_beats[after]).abs())


def beat_alignment(
    music_beats: Tensor,
    motion_beats: Tensor,
    sigma_seconds: float = _DEFAULT_TIMING.sigma_seconds,
    direction: Direction = "music_to_motion",
) -> Tensor:
    """Mean of exp(−Δ² / 2σ²) over beats, Δ being the distance to the nearest beat of the other kind; 0 to 1.

    Returns a float64 scalar, NaN when either side has no beats.

    Args:
        music_beats: (number of beats,) seconds.
        motion_beats: (number of beats,) seconds.
        sigma_seconds: Tolerance σ.
        direction: ``"music_to_motion"`` averages over music beats (Bailando, LODGE), ``"motion_to_music"``
            over motion beats (AIST++'s paper).

    Raises:
        ValueError: ``direction`` is unknown or ``sigma_seconds`` not positive.

    >>> beat_alignment(torch.tensor([0.5, 1.0]), torch.tensor([0.5, 1.05]))
    tensor(0.8033, dtype=torch.float64)
    """
    check_direction(direction)
    check_sigma(sigma_seconds)
    beats, reference = music_beats.double(), motion_beats.double()
    if direction == "motion_to_music":
        beats, reference = reference, beats
    if len(reference) == 0:
        return beats.new_tensor(torch.nan)
    return closeness(nearest_beat_distance(beats, reference.sort().values), sigma_seconds).mean()


def closeness(distance_seconds: Tensor, sigma_seconds: float) -> Tensor:
    """exp(−Δ² / 2σ²): 1 for coinciding beats, towards 0 for distant ones."""
    return torch.exp(-(distance_seconds**2) / (2 * sigma_seconds**2))


def check_sigma(sigma_seconds: float) -> None:
    """Refuse a tolerance of nothing.

    Raises:
        ValueError: ``sigma_seconds`` is not positive.
    """
    if not sigma_seconds > 0:
        raise ValueError(f"sigma_seconds must be positive, got {sigma_seconds}; 0.05 is the default")


def check_direction(direction: str) -> None:
    """Refuse an unknown direction.

    Raises:
        ValueError: ``direction`` is unknown.
    """
    if direction not in get_args(Direction):
        raise ValueError(f"direction must be one of {', '.join(get_args(Direction))}, got {direction!r}")
