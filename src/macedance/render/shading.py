"""Light on a surface, computed at its vertices so that every renderer shows the same.

Axis letter: V vertices.
"""

from __future__ import annotations

import numpy as np

GAMMA = 2.2
KEY_COLOR = np.array([1.00, 0.95, 0.88], dtype=np.float32)
SKY_COLOR = np.array([0.52, 0.58, 0.70], dtype=np.float32)
GROUND_COLOR = np.array([0.20, 0.19, 0.20], dtype=np.float32)
RIM_COLOR = np.array([0.75, 0.85, 1.00], dtype=np.float32)
KEY_STRENGTH = 1.1
AMBIENT_STRENGTH = 0.42
WRAP = 0.15
RIM_STRENGTH = 0.45
GLOSS_STRENGTH = 0.16
GLOSS_EXPONENT = 28.0
FRONT_LIGHT = 0.7
"""About which share of the albedo, linear, is seen of an upright surface that faces the camera."""


def albedo_of(seen: np.ndarray) -> np.ndarray:
    """The albedo (..., 3) of an upright surface that looks so, sRGB in [0, 1], when it faces the camera."""
    return np.minimum(seen / FRONT_LIGHT ** (1 / GAMMA), 1.0)


def shade(
    vertices: np.ndarray,
    normals: np.ndarray,
    albedo: np.ndarray,
    *,
    to_light: np.ndarray,
    camera_position: np.ndarray,
) -> np.ndarray:
    """Opaque colours, uint8 (V, 4), under one warm key light, a sky over darker ground and a cool rim light.

    Args:
        vertices: (V, 3).
        normals: (V, 3) unit vectors.
        albedo: (V, 3) sRGB in [0, 1].
        to_light: (3,) unit vector towards the key light.
        camera_position: (3,) position of the camera.
    """
    to_light, camera_position = to_light.astype(np.float32), camera_position.astype(np.float32)
    to_camera = camera_position - vertices
    to_camera /= np.linalg.norm(to_camera, axis=-1, keepdims=True)
    halfway = to_camera + to_light
    halfway /= np.linalg.norm(halfway, axis=-1, keepdims=True)
    wrapped = np.clip((normals @ to_light + WRAP) / (1 + WRAP), 0.0, 1.0)[:, None]
    up = (normals[:, 1:2] + 1) / 2
    facing = np.clip((normals * to_camera).sum(-1, keepdims=True), 0.0, 1.0)
    gloss = np.clip((normals * halfway).sum(-1, keepdims=True), 0.0, 1.0) ** GLOSS_EXPONENT
    ambient = GROUND_COLOR + (SKY_COLOR - GROUND_COLOR) * up
    light = KEY_STRENGTH * wrapped * KEY_COLOR + AMBIENT_STRENGTH * ambient
    rim = RIM_STRENGTH * (1 - facing) ** 3 * (0.3 + 0.7 * up) * RIM_COLOR
    linear = albedo**GAMMA * (light + rim) + GLOSS_STRENGTH * wrapped * gloss * KEY_COLOR + 0.08 * rim
    rgba = np.full((len(vertices), 4), 255, dtype=np.uint8)
    rgba[:, :3] = np.round(255 * np.clip(linear, 0.0, 1.0) ** (1 / GAMMA))
    return rgba
