"""One motion of many windows. Axes: K windows, W frames of each, V frames that two share, T frames in all."""

from __future__ import annotations

import torch
from torch import Tensor

from macedance.geometry.motion import Motion
from macedance.geometry.representation import PELVIS_CHANNELS, representation_poses
from macedance.geometry.rotations import axis_angle_to_quaternion, quaternion_to_axis_angle, slerp
from macedance.geometry.skeleton import rest_pelvis


def joined(windows: Tensor, num_shared: int, *, fps: float) -> Motion:
    """The motion in which each window takes over from the one before while ``num_shared`` frames pass.

    Rotations go over by slerp and the pelvis in a straight line, after the window was moved along the floor to where
    the dancer is; so nothing jumps.

    Args:
        windows: Features (K, W, 151).
        num_shared: Frames V of the passage, fewer than W.
        fps: Of the windows.
    """
    rotations = axis_angle_to_quaternion(representation_poses(windows))
    places = windows[..., PELVIS_CHANNELS]
    weight = passage(num_shared).to(windows)
    turned, pelvis = rotations[0], places[0]
    for rotation, place in zip(rotations[1:], places[1:], strict=True):
        place = place + along_floor(pelvis[-num_shared] - place[0])
        seam = slerp(turned[-num_shared:], rotation[:num_shared], weight[:, None])
        walk = torch.lerp(pelvis[-num_shared:], place[:num_shared], weight[:, None])
        turned = torch.cat([turned[:-num_shared], seam, rotation[num_shared:]])
        pelvis = torch.cat([pelvis[:-num_shared], walk, place[num_shared:]])
    return Motion(quaternion_to_axis_angle(turned), pelvis - rest_pelvis(pelvis), fps=fps)


def passage(num_frames: int) -> Tensor:
    """Weights (V,) that rise from near 0 to near 1, slowly at both ends."""
    time = torch.arange(1, num_frames + 1) / (num_frames + 1)
    return time * time * (3 - 2 * time)


def along_floor(steps: Tensor) -> Tensor:
    """The horizontal part of steps (..., 3) in a world whose y is up."""
    return steps * steps.new_tensor([1.0, 0.0, 1.0])
