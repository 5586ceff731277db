from __future__ import annotations

import sys

import numpy as np
import pytest

from macedance.geometry.anny_humans import TRAITS, anny_version, read_humans
from macedance.geometry.human_fit import smpl_body
from macedance.geometry.human_rig import RiggedHuman
from macedance.geometry.mannequin_shape import FLOOR
from macedance.geometry.skeleton import JOINT_NAMES, rest_joints

from ..stick_human import stick_anny, stick_human

AVERAGE = dict.fromkeys(TRAITS, 0.5)


def test_reads_what_anny_tells_in_our_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anny", stick_anny())
    (read,) = read_humans([AVERAGE])
    human = stick_human()
    np.testing.assert_allclose(read.vertices, human.vertices, atol=1e-12)
    np.testing.assert_allclose(read.bone_heads, human.bone_heads, atol=1e-12)
    np.testing.assert_allclose(read.bone_weights, human.bone_weights)
    assert read.bone_names == human.bone_names
    assert read.bone_parents == human.bone_parents


@pytest.fixture(scope="module")
def humans() -> list[RiggedHuman]:
    if anny_version() is None:
        pytest.skip("anny is not installed")
    return read_humans([AVERAGE, {**AVERAGE, "gender": 0.0}, {**AVERAGE, "age": 0.3, "weight": 1.0}])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_humans_of_anny_become_smpl_bodies(humans: list[RiggedHuman], number: int) -> None:
    arrays = smpl_body(humans[number])
    vertices, faces = arrays["v_template"], arrays["f"]
    np.testing.assert_allclose(arrays["J_regressor"] @ vertices, rest_joints(), atol=1e-6)
    np.testing.assert_allclose(arrays["weights"].sum(axis=1), 1.0)
    assert (arrays["weights"].max(axis=0) > 0.4).all(), "every joint has skin of its own"
    assert np.abs(arrays["J_regressor"]).sum(axis=1).max() < 4, "joints lie within the skin"
    for side in (vertices[:, 0] > 0, vertices[:, 0] < 0):
        assert vertices[side, 1].min() == pytest.approx(FLOOR, abs=1e-3)
    corners = vertices[faces]
    volume = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert 0.04 < volume < 0.15, "cubic metres, positive if triangles are counter-clockwise from outside"
    assert 1.6 < np.ptp(vertices[:, 0]) < 1.9, "the arms are stretched out"
    hands = vertices[arrays["weights"][:, JOINT_NAMES.index("left_hand")] > 0.5]
    assert hands[:, 0].min() > 0.6
