"""Key-points by way of pictures: a rendered body, seen by a detector."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.projection.alignment import align_to_person
from macedance.projection.detector import KeypointDetector
from macedance.projection.keypoint_formats import to_body_points
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference

if TYPE_CHECKING:
    from macedance.geometry.body_model import BodyModel

CHUNK_FRAMES = 64


class RenderedProjector:
    """Renders the body with the camera of :class:`~macedance.projection.Projector` and detects its key-points.

    This is how MACE-Dance was trained; it is slower by far, and the body keeps its proportions.

    Args:
        detector: Which finds the key-points.
        body: Whose surface is rendered; None is the project's mannequin.
        orthographic: Project in parallel instead of in perspective.
        camera: Where to look from; None places a fixed camera in front of each dance.
    """

    def __init__(
        self,
        detector: KeypointDetector,
        *,
        body: BodyModel | None = None,
        orthographic: bool = False,
        camera: Camera | None = None,
    ) -> None:
        self._detector = detector
        self._body = body
        self._projector = Projector(orthographic=orthographic, camera=camera)

    def camera_for(self, motion: Motion, size_px: tuple[int, int]) -> Camera:
        """The camera, in the world of the motion with y up."""
        return self._projector.camera_for(motion, size_px)

    def project(
        self,
        motion: Motion,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        reference: Reference | None = None,
    ) -> PoseSequence:
        """As :meth:`macedance.projection.Projector.project` does; a reference decides place and size only."""
        from macedance.render.scene import Scene

        motion = motion.resample(fps).to_up_axis("y")
        camera = self.camera_for(motion, size_px)
        if reference is not None and reference.keypoints is not None:
            alignment = align_to_person(motion, camera, size_px, reference, retarget=False)
            shift = (float(alignment.shift_px[0]), float(alignment.shift_px[1]))
            camera = camera.with_picture_moved(alignment.scale, shift, size_px)
        frames = Scene(motion, body=self._body, size_px=size_px, camera=camera).frames()
        found = []
        while chunk := list(islice(frames, CHUNK_FRAMES)):
            found.append(to_body_points(np.asarray(self._detector(chunk))))
        return PoseSequence(np.concatenate(found), motion.fps, size_px)
