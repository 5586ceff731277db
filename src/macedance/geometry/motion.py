"""A motion: the SMPL parameters of every frame of one dancer.

T frames, J joints (24).
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from macedance.geometry.motion_files import read_motion_fields
from macedance.geometry.npz_files import save_npz
from macedance.geometry.rotations import (
    axis_angle_to_matrix,
    axis_angle_to_quaternion,
    matrix_to_axis_angle,
    quaternion_to_axis_angle,
    slerp,
)
from macedance.geometry.skeleton import MIRRORED_JOINTS, NUM_JOINTS, forward_kinematics, rest_pelvis

UpAxis = Literal["y", "z"]

NUM_BETAS = 10


@dataclass(frozen=True, eq=False)
class Motion:
    """SMPL parameters over time, as a value: every method returns a new one.

    >>> motion = Motion(torch.zeros(60, 24, 3), torch.zeros(60, 3), fps=30.0)
    >>> motion.duration_seconds
    2.0
    >>> motion.joints().shape
    torch.Size([60, 24, 3])

    Args:
        poses: Rotation of each joint relative to its parent, as rotation vectors in radians (T, 24, 3).
        trans: SMPL's model translation in metres (T, 3); the pelvis joint is at `trans` + REST_PELVIS.
        fps: Frames per second.
        up_axis: The axis of the world that points away from the floor.
        betas: SMPL's shape coefficients (10,); they shape a body's mesh, not the skeleton of `joints`.

    Raises:
        ValueError: A shape is not as told, a number is not finite, or `fps` is not positive.
    """

    poses: Tensor
    trans: Tensor
    fps: float = 30.0
    up_axis: UpAxis = "y"
    betas: Tensor = field(default_factory=lambda: torch.zeros(NUM_BETAS))

    def __post_init__(self) -> None:
        for name in ("poses", "trans", "betas"):
            object.__setattr__(self, name, torch.as_tensor(getattr(self, name), dtype=torch.float32))
        object.__setattr__(self, "fps", float(self.fps))
        num_frames = self.poses.shape[0] if self.poses.ndim else 0
        if num_frames == 0:
            raise ValueError("poses: must have at least one frame, has none; give a tensor (frames, 24, 3)")
        _check_array("poses", self.poses, (num_frames, NUM_JOINTS, 3))
        _check_array("trans", self.trans, (num_frames, 3))
        _check_array("betas", self.betas, (NUM_BETAS,))
        _check_fps(self.fps)
        if self.up_axis not in ("y", "z"):
            raise ValueError(
                f"up_axis: must be 'y' or 'z', is {self.up_axis!r}; give the axis that points up"
            )

    @property
    def num_frames(self) -> int:
        """How many frames there are."""
        return self.poses.shape[0]

    @property
    def duration_seconds(self) -> float:
        """How long it plays: every frame, the last included, is shown for 1 / fps."""
        return self.num_frames / self.fps

    def joints(self) -> Tensor:
        """Joint positions (T, 24, 3) in metres of the mean-shape skeleton, in the motion's own up axis."""
        return forward_kinematics(axis_angle_to_matrix(self.poses), self.trans + rest_pelvis(self.trans))

    def to(self, device: str | torch.device) -> Motion:
        """The same motion with its tensors on another device."""
        tensors = {name: getattr(self, name).to(device) for name in ("poses", "trans", "betas")}
        return dataclasses.replace(self, **tensors)

    def resample(self, fps: float) -> Motion:
        """The same motion at another frame rate: rotations by slerp, translation linear.

        Frame i is the motion at i / fps: the first frame stays the first, and there are as many frames as
        begin within the duration. Those past the last source frame repeat it.

        Raises:
            ValueError: `fps` is not positive.
        """
        _check_fps(fps)
        if fps == self.fps:
            return self
        num_frames = max(1, math.ceil(self.num_frames * fps / self.fps - 1e-6))
        times = torch.arange(num_frames, dtype=torch.float64) * (self.fps / fps)
        times = times.clamp(max=self.num_frames - 1).to(self.poses.device)
        before = times.long()
        after = (before + 1).clamp(max=self.num_frames - 1)
        weight = (times - before).to(self.poses.dtype)
        quaternions = axis_angle_to_quaternion(self.poses)
        quaternions = slerp(quaternions[before], quaternions[after], weight[:, None])
        trans = torch.lerp(self.trans[before], self.trans[after], weight[:, None])
        return dataclasses.replace(self, poses=quaternion_to_axis_angle(quaternions), trans=trans, fps=fps)

    def crop(self, start: int, stop: int) -> Motion:
        """Frames `start` up to, not including, `stop`.

        Raises:
            ValueError: The range is empty or reaches outside the motion.
        """
        if not 0 <= start < stop <= self.num_frames:
            raise ValueError(
                f"start, stop: must be 0 <= start < stop <= {self.num_frames} frames, are {start}, {stop}; "
                "crop inside the motion"
            )
        return dataclasses.replace(self, poses=self.poses[start:stop], trans=self.trans[start:stop])

    def to_up_axis(self, up_axis: UpAxis) -> Motion:
        """The same motion in a world whose up axis is another, turned by a quarter about x.

        The pelvis joint turns about the world's origin, so every joint of `joints` does.
        """
        if up_axis == self.up_axis:
            return self
        quarter_turn = -math.pi / 2 if up_axis == "y" else math.pi / 2
        turn = axis_angle_to_matrix(torch.tensor([quarter_turn, 0.0, 0.0], device=self.poses.device))
        return dataclasses.replace(self._rotated(turn), up_axis=up_axis)

    def mirrored(self) -> Motion:
        """The same dance with left and right exchanged, as in a mirror at x = 0.

        Joint angles are mirrored exactly; joint positions to the extent that the skeleton is symmetric.
        """
        poses = self.poses[:, list(MIRRORED_JOINTS)] * self.poses.new_tensor([1.0, -1.0, -1.0])
        offset = rest_pelvis(self.trans)
        trans = (self.trans + offset) * self.trans.new_tensor([-1.0, 1.0, 1.0]) - offset
        return dataclasses.replace(self, poses=poses, trans=trans)

    def turned(self, radians: float) -> Motion:
        """The same dance turned about the world's vertical axis, counter-clockwise as seen from above."""
        axis = torch.zeros(3, device=self.poses.device)
        axis["xyz".index(self.up_axis)] = radians
        return self._rotated(axis_angle_to_matrix(axis))

    def _rotated(self, rotation: Tensor) -> Motion:
        """The same dance with the pelvis joint, and so every joint, rotated about the world's origin."""
        poses = self.poses.clone()
        poses[:, 0] = matrix_to_axis_angle(rotation @ axis_angle_to_matrix(self.poses[:, 0]))
        offset = rest_pelvis(self.trans)
        trans = (self.trans + offset) @ rotation.mT - offset
        return dataclasses.replace(self, poses=poses, trans=trans)

    def save(self, path: str | Path) -> None:
        """Write an npz file with the arrays poses (T, 24, 3), trans, betas, mocap_framerate and up_axis."""
        save_npz(
            path,
            poses=self.poses.numpy(force=True),
            trans=self.trans.numpy(force=True),
            betas=self.betas.numpy(force=True),
            mocap_framerate=np.array(self.fps),
            up_axis=np.array(self.up_axis),
        )

    @classmethod
    def load(cls, path: str | Path, up_axis: UpAxis | None = None) -> Motion:
        """Read an npz file that `save` wrote, or one in the manner of AMASS.

        Poses may be (T, 24, 3), (T, 72), or those of SMPL-H and SMPL-X, of which the 22 body joints are kept.

        Args:
            path: The file.
            up_axis: Needed for a file that does not tell its up axis. AMASS is z up, AIST++ is y up.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The file lacks an array, or its up axis is unknown or contradicts `up_axis`.
        """
        return cls(**read_motion_fields(path, up_axis))


def _check_array(name: str, array: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(array.shape) != shape:
        raise ValueError(f"{name}: must have the shape {shape}, has {tuple(array.shape)}; reshape or crop it")
    if not torch.isfinite(array).all():
        num_bad = int((~torch.isfinite(array)).sum())
        raise ValueError(
            f"{name}: must be finite, has {num_bad} NaN or infinite numbers; repair or drop those frames"
        )


def _check_fps(fps: float) -> None:
    if not (math.isfinite(fps) and fps > 0):
        raise ValueError(
            f"fps: must be a positive number, is {fps}; give the frames per second, for example 30"
        )
