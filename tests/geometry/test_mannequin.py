from __future__ import annotations

import numpy as np
import pytest

from macedance.geometry import JOINT_NAMES, rest_joints
from macedance.geometry.mannequin import build_mannequin


@pytest.fixture(scope="module")
def mannequin():
    return build_mannequin()


def part(mannequin, *names):
    """Vertices that the named joints move most."""
    joints = [JOINT_NAMES.index(name) for name in names]
    return mannequin["v_template"][np.isin(mannequin["weights"].argmax(axis=1), joints)]


def test_arrays_have_the_smpl_format(mannequin):
    num_vertices = len(mannequin["v_template"])
    assert 2000 <= num_vertices <= 7000
    shapes = {name: array.shape for name, array in mannequin.items()}
    assert shapes.pop("f") == (2 * num_vertices - 4, 3)
    assert shapes == {
        "v_template": (num_vertices, 3),
        "weights": (num_vertices, 24),
        "J_regressor": (24, num_vertices),
        "J": (24, 3),
        "kintree_table": (2, 24),
        "shapedirs": (num_vertices, 3, 10),
        "posedirs": (num_vertices, 3, 207),
        "colors": (num_vertices, 3),
    }


def test_rest_joints_are_the_skeleton_s(mannequin):
    regressor = mannequin["J_regressor"]
    np.testing.assert_allclose(regressor @ mannequin["v_template"], rest_joints(), atol=1e-9)
    np.testing.assert_allclose(regressor.sum(axis=1), 1, atol=1e-9)
    assert np.abs(regressor).sum(axis=1).max() < 10


def test_surface_is_one_closed_skin_facing_outwards(mannequin):
    vertices, faces = mannequin["v_template"], mannequin["f"]
    edges, counts = np.unique(
        np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0, return_counts=True
    )
    assert (counts == 2).all()
    assert len(vertices) - len(edges) + len(faces) == 2
    first, second, third = vertices[faces].transpose(1, 0, 2)
    assert 0.04 < np.einsum("fc,fc->", first, np.cross(second, third)) / 6 < 0.09
    assert np.linalg.norm(np.cross(second - first, third - first), axis=1).min() > 1e-7


def test_it_has_human_proportions_and_stands_on_flat_soles(mannequin):
    low, high = mannequin["v_template"].min(axis=0), mannequin["v_template"].max(axis=0)
    assert 1.7 < high[1] - low[1] < 1.9
    assert 0.95 < (high[0] - low[0]) / (high[1] - low[1]) < 1.1
    for side in ("left", "right"):
        shoe = part(mannequin, f"{side}_ankle", f"{side}_foot")
        sole = shoe[shoe[:, 1] < low[1] + 0.002]
        assert np.ptp(sole[:, 2]) > 0.18
        assert np.ptp(sole[:, 0]) > 0.05


def test_face_and_toes_point_forward(mannequin):
    head = part(mannequin, "head")
    nose = head[head[:, 2].argmax()]
    assert abs(nose[0]) < 0.01
    assert 0.41 < nose[1] < 0.46
    toes = part(mannequin, "left_foot", "right_foot")
    heels = part(mannequin, "left_ankle", "right_ankle")
    assert toes[:, 2].max() > 0.15 > -0.05 > heels[:, 2].min()


def test_weights_are_shares_that_pass_smoothly_along_edges(mannequin):
    weights, faces = mannequin["weights"], mannequin["f"]
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-12)
    assert ((weights > 0).sum(axis=1) <= 8).all()
    edges = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    assert np.abs(weights[edges[:, 0]] - weights[edges[:, 1]]).max() < 0.8
    assert (weights.max(axis=0) > 0.5).sum() >= 20


@pytest.mark.parametrize(
    ("left", "right"), [("left_knee", "right_knee"), ("left_shoulder", "right_shoulder")]
)
def test_no_vertex_follows_both_sides_limbs(mannequin, left, right):
    weights = mannequin["weights"][:, [JOINT_NAMES.index(left), JOINT_NAMES.index(right)]]
    assert weights.min(axis=1).max() == 0
    assert (mannequin["v_template"][weights[:, 0] > 0, 0] > 0).all()


def test_first_two_betas_scale_and_thicken(mannequin):
    vertices, directions = mannequin["v_template"], mannequin["shapedirs"]
    taller = vertices + 2 * directions[..., 0]
    np.testing.assert_allclose(np.ptp(taller[:, 1]), 1.06 * np.ptp(vertices[:, 1]))
    thicker = vertices + 2 * directions[..., 1]
    thigh = (vertices[:, 1] < -0.45) & (vertices[:, 1] > -0.55) & (vertices[:, 0] > 0)
    assert np.ptp(thicker[thigh, 2]) - np.ptp(vertices[thigh, 2]) == pytest.approx(0.016, abs=0.002)
    assert not directions[..., 2:].any()


def test_left_and_right_shoes_differ_in_colour(mannequin):
    colors = mannequin["colors"]
    assert colors.min() >= 0
    assert colors.max() <= 1
    left, right = (
        colors[mannequin["weights"][:, JOINT_NAMES.index(name)] > 0.9].mean(axis=0)
        for name in ("left_foot", "right_foot")
    )
    assert np.abs(left - right).max() > 0.2
