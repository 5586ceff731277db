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
        solid: hides what lies behind it; otherwise laid flat over what was drawn before.
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

    def corners(self, coordinate: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One coordinate (V,) of the vertices at the three corners of each face, each (F,)."""
        return tuple(coordinate[self.faces[:, corner]] for corner in range(3))

    def doubled_area(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Twice the signed area (F,) of each face seen in the plane of the coordinates u (V,) and v (V,)."""
        first_u, second_u, third_u = self.corners(u)
        first_v, second_v, third_v = self.corners(v)
        return (second_u - first_u) * (third_v - first_v) - (third_u - first_u) * (second_v - first_v)

    def vertex_normals(self, vertices: np.ndarray) -> np.ndarray:
        """Unit normals (V, 3) of vertices (V, 3), the area-weighted mean of the faces at each vertex."""
        x, y, z = np.ascontiguousarray(vertices.T)
        planes = [self.doubled_area(y, z), self.doubled_area(z, x), self.doubled_area(x, y)]
        normals = self._incidence @ np.stack(planes, axis=-1)
        return normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
