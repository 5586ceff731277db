from __future__ import annotations

import numpy as np

from macedance.geometry.surface_nets import split_quads, surface_nets


def sphere(radius: float) -> tuple[np.ndarray, np.ndarray]:
    """A sphere about (0.1, 0, 0), meshed on a grid of uneven spacing."""
    axes = (np.linspace(-1, 1, 21), np.linspace(-1, 1, 27), np.tan(np.linspace(-0.8, 0.8, 23)))
    x, y, z = np.meshgrid(*axes, indexing="ij")
    vertices, quads = surface_nets(np.sqrt((x - 0.1) ** 2 + y**2 + z**2) - radius, axes)
    return vertices, split_quads(vertices, quads)


def test_sphere_has_its_radius_and_volume_and_faces_outwards():
    vertices, faces = sphere(0.7)
    distances = np.linalg.norm(vertices - [0.1, 0, 0], axis=1)
    np.testing.assert_allclose(distances, 0.7, atol=0.01)
    first, second, third = vertices[faces].transpose(1, 0, 2)
    volume = np.einsum("fc,fc->", first, np.cross(second, third)) / 6
    np.testing.assert_allclose(volume, 4 / 3 * np.pi * 0.7**3, rtol=0.03)
    normals = np.cross(second - first, third - first)
    assert (np.einsum("fc,fc->f", normals, first - [0.1, 0, 0]) > 0).all()


def test_every_edge_has_two_triangles_and_no_handle_is_made():
    vertices, faces = sphere(0.5)
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, counts = np.unique(edges, axis=0, return_counts=True)
    assert (counts == 2).all()
    assert len(vertices) - len(edges) + len(faces) == 2
