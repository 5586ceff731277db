"""From a motion to the key-points of a body in a picture. Axis letters: F frames, P points (20)."""

from __future__ import annotations

import numpy as np

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.projection.alignment import IDENTITY, Alignment, align_to_person
from macedance.projection.body_points import body_points
from macedance.projection.frontal_camera import frontal_camera
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.posed_skeleton import pose_skeleton
from macedance.projection.reference import Reference
from macedance.projection.visibility import visibility


class Projector:
    """Projects the joints themselves: exact, fast, and with no detector's noise.

    >>> import torch
    >>> standing = Motion(torch.zeros(30, 24, 3), torch.zeros(30, 3))
    >>> sequence = Projector().project(standing, size_px=(480, 832), fps=16)
    >>> sequence.points.shape, bool(sequence.visible.all())
    ((16, 20, 3), True)

    Args:
        orthographic: Project in parallel instead of in perspective.
        camera: Where to look from; None places a fixed camera in front of each dance, which has all of it in
            the picture.

    Raises:
        ValueError: `orthographic` is given with a camera, which tells that itself.
    """

    def __init__(self, *, orthographic: bool = False, camera: Camera | None = None) -> None:
        if orthographic and camera is not None:
            raise ValueError(
                "orthographic must not be given with a camera; give the camera parallel_height_metres instead"
            )
        self._orthographic = orthographic
        self._camera = camera

    def camera_for(self, motion: Motion, size_px: tuple[int, int]) -> Camera:
        """The camera, in the world of the motion with y up."""
        _check_size(size_px)
        if self._camera is not None:
            return self._camera
        return frontal_camera(pose_skeleton(motion), size_px, orthographic=self._orthographic)

    def project(
        self,
        motion: Motion,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        reference: Reference | None = None,
    ) -> PoseSequence:
        """The key-points of the dancer in every frame of a video.

        Args:
            motion: At any frame rate, with any axis up; it is resampled in time.
            size_px: (width, height).
            fps: Frames per second of the video.
            reference: Whose key-points, if it has any, the dancer is fitted to in place, size and proportions.

        Raises:
            ValueError: A size or the rate is not positive, or the key-points show too little of the person.
        """
        motion = motion.resample(fps).to_up_axis("y")
        camera = self.camera_for(motion, size_px)
        alignment = self._alignment(motion, camera, size_px, reference)
        skeleton = pose_skeleton(motion, offsets=alignment.offsets, head_scale=alignment.head_scale)
        pixels, depth = camera.project(body_points(skeleton), size_px)
        pixels = alignment.scale * pixels + alignment.shift_px
        confidence = np.where(
            (depth > 0) & _inside(pixels, size_px), visibility(skeleton, camera, motion.fps), 0.0
        )
        return PoseSequence(np.concatenate([pixels, confidence[..., None]], axis=-1), motion.fps, size_px)

    def _alignment(
        self, motion: Motion, camera: Camera, size_px: tuple[int, int], reference: Reference | None
    ) -> Alignment:
        if reference is None or reference.keypoints is None:
            return IDENTITY
        return align_to_person(motion, camera, size_px, reference)


def _inside(pixels: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    inside: np.ndarray = (pixels >= 0) & (pixels < np.array(size_px))
    return np.all(inside, axis=-1)


def _check_size(size_px: tuple[int, int]) -> None:
    if min(size_px) < 1:
        raise ValueError(f"size_px must be a positive (width, height), got {size_px}")
