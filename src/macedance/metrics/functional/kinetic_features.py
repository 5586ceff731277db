"""How fast and how abruptly each joint moves: the kinetic features of dance evaluation.

After Onuma et al., "FMDistance" (Eurographics 2008), as AIST++ (Li et al., ICCV 2021) and its successors
compute them: for each joint mean squared horizontal speed, mean squared vertical speed and mean norm of
acceleration, velocities and accelerations being averaged over five frames.

Axis letters: T frames, J joints, D dimensions of space.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, pad

from macedance.metrics.functional.feature_joints import feature_joints
from macedance.metrics.functional.keypoints import hip_centre
from macedance.metrics.functional.protocols import MotionProtocol, motion_protocol

_REACH = 2


def kinetic_features(joints: Tensor, fps: float, protocol: str = "default") -> Tensor:
    """Mean v², mean vertical v² and mean |a| of each joint, float64 (3 · joints,).

    The order is joint by joint. In world units: (m/s)², (m/s)², m/s²; pixels in ``"mace-2d"``, torso lengths
    scaled to metres in ``"default-2d"``. Windows reach two frames to either side and differ in how:

    * ``"window"`` (AIST++, Bailando, EDGE, LODGE and the default): the mean over the frames of the window
      that exist; averages run over frames 1 … T − 1.
    * ``"wrapped_window"`` (FlowerDance): the same, but acceleration is taken of the averaged velocity and
      averaged again, the difference before frame 0 reaches to the last frame, and averages run over T.
    * ``"box"`` (MEGADance, MACE-Dance): a box of five over velocities, zeros beyond the ends, acceleration
      taken of that and averaged again; the first difference is repeated once, averages run over T.

    The default first resamples to 60 Hz by cubic splines, so that windows last as long at any frame rate, and
    uses true time; it has no precedence slip.

    Args:
        joints: (T, J, 3) positions in metres, y up, SMPL's order, or (T, K, 2) key-points in pixels for a 2D
            protocol.
        fps: Frames per second.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.

    Raises:
        ValueError: ``joints`` is no such clip, shorter than four frames or not finite, ``fps`` is not positive,
            or there is no such protocol.

    >>> walking = torch.zeros(60, 24, 3)
    >>> walking[:, :, 0] = torch.arange(60)[:, None] / 30.0  # one metre a second
    >>> kinetic_features(walking, fps=30.0)[:3].round(decimals=3)
    tensor([1., 0., 0.], dtype=torch.float64)
    """
    form = motion_protocol(protocol)
    positions, fps = feature_joints(joints, fps, form)
    if form.root == "hips":
        positions = positions - hip_centre(positions)
    return kinetic_features_of(positions[:, : form.num_joints].contiguous(), fps, form)


def kinetic_features_of(positions: Tensor, fps: float, form: MotionProtocol) -> Tensor:
    """The features of joints that :func:`feature_joints` has prepared; float64 (3 · J,)."""
    seconds = 1 / fps if form.frame_seconds is None else form.frame_seconds
    if form.averaging == "window":
        velocity = _window_mean(positions.diff(dim=0), len(positions)) / seconds
        acceleration = _window_mean(
            _second_differences(positions, seconds, form.precedence_slip), len(positions)
        )
    elif form.averaging == "wrapped_window":
        velocity = _wrapped_window_mean(positions) / seconds
        acceleration = _wrapped_window_mean(velocity) / seconds
    else:
        velocity = _box_mean(_padded_difference(positions)) / seconds
        acceleration = _box_mean(_padded_difference(velocity)) / seconds
    horizontal = velocity[..., [0, 2] if velocity.shape[-1] == 3 else [0]].square().sum(dim=-1)
    per_frame = (horizontal, velocity[..., 1].square(), acceleration.norm(dim=-1))
    return torch.stack([values.mean(dim=0) for values in per_frame], dim=-1).flatten()


def _second_differences(positions: Tensor, seconds: float, precedence_slip: bool) -> Tensor:
    """Acceleration (T − 2, J, D) at frames 1 … T − 2."""
    before, now, after = positions[:-2], positions[1:-1], positions[2:]
    if precedence_slip:
        return ((after - now) / seconds - (now - before / seconds)) / seconds
    return (after - 2 * now + before) / seconds**2


def _window_mean(differences: Tensor, num_frames: int) -> Tensor:
    """Means (T − 1, J, D) over those differences that exist within two frames of frames 1 … T − 1.

    Row 0 of ``differences`` belongs to frame 1, whether they are first or second differences.
    """
    frame = torch.arange(1, num_frames)
    start = (frame - 1 - _REACH).clamp(min=0)
    return _range_means(differences, start, (frame + _REACH).clamp(max=len(differences)))


def _wrapped_window_mean(values: Tensor) -> Tensor:
    """Means (T, J, D) of differences over the window, row 0 zero; frame 0's predecessor is the last frame."""
    differences = values - values.roll(1, dims=0)
    frame = torch.arange(len(values))
    means = _range_means(
        differences, (frame - _REACH).clamp(min=0), (frame + _REACH + 1).clamp(max=len(values))
    )
    return torch.cat([torch.zeros_like(means[:1]), means[1:]])


def _range_means(values: Tensor, start: Tensor, stop: Tensor) -> Tensor:
    """Mean of values[start[i]:stop[i]] for every i."""
    sums = torch.cat([torch.zeros_like(values[:1]), values.cumsum(dim=0)])
    return (sums[stop] - sums[start]) / (stop - start)[:, None, None]


def _padded_difference(values: Tensor) -> Tensor:
    """Differences (T, J, D), the first one twice."""
    differences = values.diff(dim=0)
    return torch.cat([differences[:1], differences])


def _box_mean(values: Tensor) -> Tensor:
    """Means over five frames, those beyond the ends counting as zero."""
    rows = values.flatten(1).T
    return avg_pool1d(pad(rows, (_REACH, _REACH)), 2 * _REACH + 1, stride=1).T.reshape(values.shape)
