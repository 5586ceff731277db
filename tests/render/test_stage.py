from __future__ import annotations

import numpy as np
import pytest

from macedance.render.camera import direction
from macedance.render.stage import MAX_REACH_METRES, SHADOW_CELL_METRES, SHADOW_OPACITY, Stage
from macedance.render.surface import ColoredTriangles, Topology

ORIGIN = np.zeros((1, 3))
OVERHEAD = np.array([0.0, 1.0, 0.0])


def ball(center: tuple[float, float, float], radius: float) -> tuple[np.ndarray, Topology]:
    """A closed surface: an octahedron, each face split four times and pushed out to the sphere."""
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    triangles = [
        corners[[x, y, z] if (x < 3) ^ (y < 3) ^ (z < 3) else [x, z, y]]
        for x in (0, 3)
        for y in (1, 4)
        for z in (2, 5)
    ]
    for _ in range(4):
        triangles = [part for triangle in triangles for part in split(triangle)]
    points = np.concatenate(triangles)
    points *= radius / np.linalg.norm(points, axis=-1, keepdims=True)
    return points + center, Topology(np.arange(len(points)).reshape(-1, 3), len(points))


def split(triangle: np.ndarray) -> list[np.ndarray]:
    a, b, c = triangle
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    return [np.stack(part) for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]


def center_of(shadow: ColoredTriangles) -> np.ndarray:
    return np.average(shadow.points, axis=0, weights=shadow.rgba[:, 3])


def test_normals_point_outwards() -> None:
    vertices, topology = ball((0.0, 0.0, 0.0), radius=2.0)
    assert np.abs(topology.vertex_normals(vertices) - vertices / 2).max() < 0.1


@pytest.mark.parametrize("height", [0.4, 1.5])
def test_shadow_has_the_area_of_the_outline(height: float) -> None:
    vertices, topology = ball((0.0, height, 0.0), radius=0.35)
    shadow = Stage(0.0, ORIGIN, OVERHEAD).shadow(vertices, topology)
    area = shadow.rgba[:, 3].sum() / 255 / SHADOW_OPACITY * SHADOW_CELL_METRES**2
    assert area == pytest.approx(np.pi * 0.35**2, rel=0.06)


def test_shadow_falls_away_from_the_light() -> None:
    to_light = direction(np.radians(90.0), np.radians(45.0))
    vertices, topology = ball((2.0, 1.2, -0.5), radius=0.2)
    shadow = Stage(0.2, np.array([[2.0, 0.0, -0.5]]), to_light).shadow(vertices, topology)
    assert np.all(shadow.points[:, 1] == 0.2)
    assert center_of(shadow)[[0, 2]] == pytest.approx([1.0, -0.5], abs=0.03)


def test_high_things_throw_softer_shadows() -> None:
    edge_widths = []
    for height in (0.2, 1.8):
        vertices, topology = ball((0.0, height, 0.0), radius=0.2)
        opacity = Stage(0.0, ORIGIN, OVERHEAD).shadow(vertices, topology).rgba[:, 3] / 255 / SHADOW_OPACITY
        edge_widths.append(np.mean((opacity > 0.1) & (opacity < 0.9)))
    assert edge_widths[1] > 1.3 * edge_widths[0]


def test_floor_reaches_beyond_the_path_and_fades() -> None:
    path = np.array([[-2.0, 0.9, 1.0], [3.0, 0.9, 1.0]])
    floor, _ = Stage(0.0, path, OVERHEAD).floor
    opacity = floor.rgba[:, 3]
    near = np.linalg.norm(floor.points[:, [0, 2]] - [0.5, 1.0], axis=-1) < 2.5
    assert opacity[near].min() == 255
    assert opacity[np.abs(floor.points[:, 0]) == np.abs(floor.points[:, 0]).max()].max() < 30


def test_floor_of_a_runaway_motion_stays_small() -> None:
    floor, _ = Stage(0.0, np.array([[0.0, 0.0, 0.0], [1e6, 0.0, 0.0]]), OVERHEAD).floor
    assert np.ptp(floor.points[:, 0]) < 2.5 * MAX_REACH_METRES
