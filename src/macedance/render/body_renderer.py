"""A body that dances where a person stood: an appearance expert without weights. Axes: T frames, V vertices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import REST_PELVIS
from macedance.geometry.stretched_body import stretched_body
from macedance.projection.alignment import align_to_person
from macedance.projection.posed_skeleton import pose_skeleton
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.background import background
from macedance.render.clothes import painted
from macedance.render.look import Look
from macedance.render.person_colors import person_colors
from macedance.render.scene import Scene
from macedance.render.shading import albedo_of
from macedance.render.video_renderer import OnProgress, Video


class BodyRenderer:
    """Renders the mannequin, or another body, in front of the reference picture's background.

    It is seen by the projector's fixed camera, so that it covers the pose drawing of the same projector. Where the
    reference tells the person's key-points, the body stands where the person stood, has the person's
    proportions and wears the colours of the person's clothes, and the person is painted over. Frames are made when
    they are asked for, so a long dance needs hardly more memory than a short one.

    Args:
        body: Whose surface is shown; None is the project's mannequin.
        colors: (V, 3) sRGB in [0, 1] of its vertices; None are the person's, or, where they are not known, the
            body's own.
        projector: Whose camera is used; None is a projector in perspective.

    Raises:
        ValueError: There is not one colour for each vertex.
    """

    def __init__(
        self,
        body: BodyModel | None = None,
        colors: np.ndarray | None = None,
        projector: Projector | None = None,
    ) -> None:
        self.body = body or BodyModel()
        self.projector = projector or Projector()
        if colors is not None and colors.shape != (self.body.num_vertices, 3):
            raise ValueError(
                f"colors must be ({self.body.num_vertices}, 3), one for each vertex of the body, got {colors.shape}"
            )
        self.colors = colors

    def render(
        self,
        motion: Motion,
        reference: Reference,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        generator: torch.Generator | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """The video in which the body dances.

        Args:
            motion: At any frame rate, with any axis up; it is resampled in time. Its betas are not used: a body of
                mean shape is what key-points are projected from.
            reference: The picture, and, if known, where its person is.
            size_px: (width, height).
            fps: Frames per second.
            generator: Not used: nothing is left to chance.
            on_progress: Called with the frames done and the frames in all.

        Raises:
            ValueError: A size or the rate is not positive, or the key-points show too little of the person.
        """
        motion = motion.resample(fps).to_up_axis("y")
        camera = self.projector.camera_for(motion, size_px)
        backdrop = background(reference, size_px)
        body, albedo = self.body, self.colors
        if reference.keypoints is not None:
            if albedo is None:
                albedo = painted(body, *map(albedo_of, person_colors(reference)))
            motion, camera, body = _in_place_of(motion, camera, size_px, reference, body)
        motion = replace(motion, betas=torch.zeros_like(motion.betas))
        look = Look(albedo=albedo, backdrop=backdrop, floor_colors=None)
        scene = Scene(motion, body=body, size_px=size_px, camera=camera, look=look)
        frames = _counted(scene.frames(), motion.num_frames, on_progress or (lambda done, in_all: None))
        return Video(frames, motion.num_frames, fps)


def _in_place_of(
    motion: Motion, camera: Camera, size_px: tuple[int, int], reference: Reference, body: BodyModel
) -> tuple[Motion, Camera, BodyModel]:
    """Motion, camera and body with which the dancer has the place, size and proportions of the person."""
    alignment = align_to_person(motion, camera, size_px, reference)
    skeleton = pose_skeleton(motion, offsets=alignment.offsets, head_scale=alignment.head_scale)
    left, top = alignment.shift_px.tolist()
    # A nod makes the face look shorter than broad, and shall not flatten the head.
    head_size = float(np.cbrt(alignment.head_scale.prod()))
    return (
        replace(motion, trans=torch.as_tensor(skeleton.joints[:, 0] - REST_PELVIS, dtype=torch.float32)),
        camera.with_picture_moved(alignment.scale, (left, top), size_px),
        stretched_body(body, alignment.offsets, head_size),
    )


def _counted(
    frames: Iterator[np.ndarray], num_frames: int, on_progress: Callable[[int, int], None]
) -> Iterator[np.ndarray]:
    for done, frame in enumerate(frames, start=1):
        on_progress(done, num_frames)
        yield frame
