"""Reading motions from npz files: this project's own, and those in the manner of AMASS.

T frames.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from macedance.geometry.npz_files import load_npz
from macedance.geometry.skeleton import NUM_JOINTS

FPS_NAMES = ("mocap_framerate", "mocap_frame_rate", "fps")

NUM_BODY_JOINTS = 22
"""Joints that SMPL, SMPL-H and SMPL-X share, in the same order; SMPL's last two are the hands."""

POSE_WIDTHS = {66: "body only", 72: "SMPL", 156: "SMPL-H", 165: "SMPL-X"}


def read_motion_fields(path: str | Path, up_axis: str | None) -> dict[str, Any]:
    """The fields of a Motion, by name, from an npz file; see `Motion.load`.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file lacks an array, or its up axis is unknown or contradicts `up_axis`.
    """
    arrays = load_npz(path, {"poses", "trans", "betas", "up_axis", *FPS_NAMES})
    for name in ("poses", "trans"):
        if name not in arrays:
            raise ValueError(
                f"path: {str(path)!r} must hold an array {name!r} and does not; is it a motion file?"
            )
    fields: dict[str, Any] = {
        "poses": _smpl_poses(arrays["poses"], path),
        "trans": arrays["trans"].astype(np.float32),
        "fps": _fps(arrays, path),
        "up_axis": _up_axis(arrays, up_axis, path),
    }
    if "betas" in arrays:
        fields["betas"] = np.atleast_1d(arrays["betas"].astype(np.float32))[:10]
    return fields


def _smpl_poses(poses: np.ndarray, path: str | Path) -> np.ndarray:
    """Poses (T, 24, 3) of an array (T, 24, 3) or (T, width)."""
    poses = poses.astype(np.float32)
    if poses.ndim == 3:
        return poses
    if poses.ndim != 2 or poses.shape[1] not in POSE_WIDTHS:
        widths = ", ".join(f"{width} ({model})" for width, model in POSE_WIDTHS.items())
        raise ValueError(
            f"poses: must be (frames, 24, 3) or (frames, width), width one of {widths}; "
            f"is {poses.shape} in {str(path)!r}"
        )
    joints = poses.reshape(len(poses), -1, 3)
    if joints.shape[1] == NUM_JOINTS:
        return joints
    hands = np.zeros((len(poses), NUM_JOINTS - NUM_BODY_JOINTS, 3), dtype=np.float32)
    return np.concatenate([joints[:, :NUM_BODY_JOINTS], hands], axis=1)


def _fps(arrays: dict[str, np.ndarray], path: str | Path) -> float:
    for name in FPS_NAMES:
        if name in arrays:
            return float(arrays[name].item())
    raise ValueError(
        f"path: {str(path)!r} must tell its frame rate; add an array named one of {', '.join(FPS_NAMES)}"
    )


def _up_axis(arrays: dict[str, np.ndarray], wanted: str | None, path: str | Path) -> str:
    told = str(arrays["up_axis"].item()) if "up_axis" in arrays else None
    if told is None and wanted is None:
        raise ValueError(
            f"up_axis: {str(path)!r} does not tell its up axis; pass up_axis='z' (AMASS) or 'y' (AIST++)"
        )
    if told is not None and wanted is not None and told != wanted:
        raise ValueError(f"up_axis: {str(path)!r} says {told!r}, {wanted!r} was passed; leave up_axis out")
    return told or wanted or ""
