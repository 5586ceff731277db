"""Pictures of a motion: a lit body on a floor, seen by a camera that goes along or stands still.

Axis letters: T frames, V vertices, H height, W width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.render.backend import create_renderer
from macedance.render.camera import PELVIS, direction, follow, heading_radians
from macedance.render.look import Look
from macedance.render.shading import shade
from macedance.render.stage import Stage
from macedance.render.surface import ColoredTriangles, Topology

PLAIN_ALBEDO = np.array([0.78, 0.66, 0.58], dtype=np.float32)
CHUNK_FRAMES = 64
FLOOR_SAMPLE_FRAMES = 64
FLOOR_PERCENTILE = 10.0


def render_motion(
    motion: Motion,
    *,
    body: BodyModel | None = None,
    size_px: tuple[int, int] = (720, 720),
    fps: float = 30.0,
) -> Iterator[np.ndarray]:
    """The frames, uint8 (H, W, 3), of a dancer in a studio, from first to last.

    Frames are computed when they are asked for, so a long motion needs hardly more memory than a short one.
    Neither a display nor a graphics card is needed; without OpenGL, a slower software renderer draws.

    Args:
        motion: at any frame rate, with any axis up.
        body: whose surface is shown; None is the project's mannequin.
        size_px: (width, height).
        fps: frames per second of the pictures; the motion is resampled in time.

    Raises:
        ValueError: if a size or the rate is not positive.
    """
    return Scene(motion.resample(fps), body=body, size_px=size_px).frames()


class Scene:
    """A motion with its stage, camera path and light; frame i shows the motion's frame i.

    Args:
        motion: with any axis up.
        body: whose surface is shown; None is the project's mannequin.
        size_px: (width, height).
        camera: that stands still; None is one that goes along with the dancer.
        look: colours, light and what is behind.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(
        self,
        motion: Motion,
        *,
        body: BodyModel | None = None,
        size_px: tuple[int, int] = (720, 720),
        camera: Camera | None = None,
        look: Look | None = None,
    ) -> None:
        if min(size_px) < 1:
            raise ValueError(f"size_px must be a positive (width, height), got {size_px}")
        self.motion = motion.to_up_axis("y")
        self.size_px = size_px
        self._body = body or BodyModel()
        self.look = look or Look()
        colors = self._body.colors if self.look.albedo is None else self.look.albedo
        self._albedo = PLAIN_ALBEDO if colors is None else colors.astype(np.float32)
        joints = self.motion.joints().numpy(force=True)
        floor_height = self._floor_height()
        light_azimuth = heading_radians(joints) + np.radians(self.look.light_azimuth_degrees)
        to_light = direction(light_azimuth, np.radians(self.look.light_elevation_degrees))
        self.stage = Stage(floor_height, joints[:, PELVIS], to_light, colors=self.look.floor_colors)
        width, height = size_px
        self._is_still = camera is not None
        self.cameras = (
            follow(joints, fps=self.motion.fps, floor_height=floor_height, aspect_ratio=width / height)
            if camera is None
            else [camera] * self.motion.num_frames
        )

    def frames(self, indices: Sequence[int] | None = None) -> Iterator[np.ndarray]:
        """The uint8 (H, W, 3) pictures of all frames, or of those at `indices`, in that order."""
        chosen = np.arange(self.motion.num_frames) if indices is None else np.asarray(indices)
        backdrop, floor = self._what_stands_still()
        renderer = create_renderer(self.size_px, backdrop)
        topology = Topology(self._body.faces, self._body.num_vertices)
        try:
            for start in range(0, len(chosen), CHUNK_FRAMES):
                chunk = chosen[start : start + CHUNK_FRAMES]
                for index, vertices in zip(chunk, self._vertices(chunk), strict=True):
                    camera = self.cameras[index]
                    layers = [*floor, self.stage.shadow(vertices, topology)]
                    layers.append(self._lit_body(vertices, topology, camera.position))
                    yield renderer.draw(layers, camera)
        finally:
            renderer.close()

    def _what_stands_still(self) -> tuple[np.ndarray | None, tuple[ColoredTriangles, ...]]:
        """The backdrop, and the floor; a still camera sees the same floor always, so that it is drawn once."""
        if not self._is_still or not self.stage.floor:
            return self.look.backdrop, self.stage.floor
        renderer = create_renderer(self.size_px, self.look.backdrop)
        try:
            return renderer.draw(self.stage.floor, self.cameras[0]), ()
        finally:
            renderer.close()

    def _lit_body(
        self, vertices: np.ndarray, topology: Topology, camera_position: np.ndarray
    ) -> ColoredTriangles:
        rgba = shade(
            vertices,
            topology.vertex_normals(vertices),
            self._albedo,
            to_light=self.stage.to_light,
            camera_position=camera_position,
        )
        return ColoredTriangles(vertices, topology.faces, rgba, solid=True)

    def _vertices(self, indices: np.ndarray) -> np.ndarray:
        chosen = replace(self.motion, poses=self.motion.poses[indices], trans=self.motion.trans[indices])
        return self._body.vertices(chosen).numpy()

    def _floor_height(self) -> float:
        num_samples = min(self.motion.num_frames, FLOOR_SAMPLE_FRAMES)
        samples = np.linspace(0, self.motion.num_frames - 1, num_samples).round().astype(int)
        lowest = self._vertices(samples)[:, :, 1].min(axis=1)
        return float(np.percentile(lowest, FLOOR_PERCENTILE))
