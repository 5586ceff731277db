"""The mannequin: a body of our own in the SMPL file format, built by code in a moment.

V vertices, F triangles, J joints (24). Its rest joints are the skeleton's.
"""

from __future__ import annotations

import functools

import numpy as np

from macedance.geometry.implicit_surface import Body
from macedance.geometry.mannequin_shape import mannequin_body
from macedance.geometry.mannequin_skin import joint_regressor, skin_weights, vertex_colors
from macedance.geometry.skeleton import NUM_JOINTS, PARENTS, REST_PELVIS, rest_joints
from macedance.geometry.surface_nets import split_quads, surface_nets

NUM_BETAS = 10
NUM_POSE_FEATURES = 9 * (NUM_JOINTS - 1)
NUM_RELAXATIONS = 2


@functools.cache
def build_mannequin() -> dict[str, np.ndarray]:
    """The mannequin's arrays, named as in an SMPL file; treat them as read-only, they are built once.

    `v_template` (V, 3) metres, `f` (F, 3) counter-clockwise from outside, `weights` (V, 24),
    `J_regressor` (24, V), `J` (24, 3), `kintree_table` (2, 24), `posedirs` (V, 3, 207) all zero, and, beyond
    SMPL, `colors` (V, 3) in 0..1. Of `shapedirs` (V, 3, 10) the first scales the body by 3 % a unit, the
    second moves the skin outwards by 4 mm a unit, the rest are zero.
    """
    joints = rest_joints()
    body = mannequin_body(joints)
    vertices, faces = _meshed(body)
    return {
        "v_template": vertices,
        "f": faces,
        "weights": skin_weights(vertices, joints),
        "J_regressor": joint_regressor(vertices, joints),
        "J": joints,
        "kintree_table": np.array([PARENTS, range(NUM_JOINTS)]),
        "shapedirs": _shape_directions(vertices, body.normals(vertices)),
        "posedirs": np.zeros((len(vertices), 3, NUM_POSE_FEATURES)),
        "colors": vertex_colors(vertices, joints),
    }


def _meshed(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of a body: surface nets, evened out and moved back onto the surface."""
    axes = _grid_axes()
    vertices, quads = surface_nets(body.field_on_grid(axes), axes)
    for _ in range(NUM_RELAXATIONS):
        vertices = body.project(_mean_of_neighbours(_mean_of_neighbours(vertices, quads), quads))
    vertices = body.project(vertices)
    return vertices, split_quads(vertices, quads)


def _grid_axes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grid lines: close together across hands, feet and face, wider along the limbs."""
    right = _grid_lines(0.0, (0.03, 0.010), (0.0567, 0.0135), (0.22, 0.021), (0.68, 0.041), (0.94, 0.0125))
    up = (
        (-1.10, 0.0125),
        (-0.95, 0.028),
        (-0.45, 0.038),
        (0.15, 0.036),
        (0.42, 0.0135),
        (0.48, 0.0125),
        (0.60, 0.0205),
    )
    front = ((-0.11, 0.02), (0.04, 0.0125), (0.205, 0.0175))
    return np.concatenate([-right[:0:-1], right]), _grid_lines(-1.25, *up), _grid_lines(-0.20, *front)


def _grid_lines(start: float, *stretches: tuple[float, float]) -> np.ndarray:
    """Positions from a start through stretches of (where it ends, about which spacing)."""
    lines = [np.array([start])]
    for stop, spacing in stretches:
        begin = lines[-1][-1]
        lines.append(np.linspace(begin, stop, round((stop - begin) / spacing) + 1)[1:])
    return np.concatenate(lines)


def _mean_of_neighbours(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    here = np.concatenate([quads.ravel(), quads.ravel()])
    there = np.concatenate([np.roll(quads, -1, axis=1).ravel(), np.roll(quads, 1, axis=1).ravel()])
    counts = np.bincount(here)
    sums = [np.bincount(here, weights=column) for column in vertices[there].T]
    return np.stack(sums, axis=1) / counts[:, None]


def _shape_directions(vertices: np.ndarray, normals: np.ndarray) -> np.ndarray:
    directions = np.zeros((len(vertices), 3, NUM_BETAS))
    directions[:, :, 0] = 0.03 * (vertices - REST_PELVIS)
    directions[:, :, 1] = 0.004 * normals
    return directions
