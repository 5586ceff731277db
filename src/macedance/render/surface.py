"""Triangles as the renderers take them, and what can be told of a moving surface.

Axis letters: V vertices, F faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class ColoredTriangles:
    """Triangles with one finished colour a vertex, to be drawn as they are.

    Args:
        points: (V, 3) metres, y up.
        faces: (F, 3) vertex indices.
        rgba: uint8 (V, 4).
        solid: opaque, hides what lies behind it; otherwise a flat layer of one color and varying opacity that
            covers what came before it.
    """

    points: np.ndarray
    faces: np.ndarray
    rgba: np.ndarray
    solid: bool = False


class Topology:
    """The faces of a mesh whose vertices move."""

    def __init__(self, faces: np.ndarray, num_vertices: int) -> None:
        self.faces = np.asfortranarray(faces)
        corners = (faces.ravel(), np.repeat(np.arange(len(faces)), 3))
        self._incidence = csr_matrix(
            (np.ones(faces.size, dtype=np.float32), corners), shape=(num_vertices, len(faces))
        )

    def face_means(self, values: np.ndarray) -> np.ndarray:
        """The mean (F,) over each face's corners of values (V,) at the vertices."""
        first, second, third = self._at_corners(values)
        return (first + second + third) / 3

    def doubled_area(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Twice the signed area (F,) of each face seen in the plane of the coordinates u (V,) and v (V,)."""
        first_u, second_u, third_u = self._at_corners(u)
        first_v, second_v, third_v = self._at_corners(v)
        return (second_u - first_u) * (third_v - first_v) - (third_u - first_u) * (second_v - first_v)

    def vertex_normals(self, vertices: np.ndarray) -> np.ndarray:
        """Unit normals (V, 3) of vertices (V, 3), the area-weighted mean of the faces at each vertex."""
        x, y, z = np.ascontiguousarray(vertices.T)
        planes = [self.doubled_area(y, z), self.doubled_area(z, x), self.doubled_area(x, y)]
        normals = self._incidence @ np.stack(planes, axis=-1)
        return normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)

    def _at_corners(self, values: np.ndarray) -> list[np.ndarray]:
        return [values[self.faces[:, corner]] for corner in range(3)]
