from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.human_fit import smpl_body
from macedance.geometry.human_rig import joint_of_bone
from macedance.geometry.mannequin_shape import FLOOR
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES, REST_PELVIS, rest_joints

from ..stick_human import stick_human


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    thin, thick = stick_human(0.9), stick_human(1.1)
    return smpl_body(stick_human(), [(thin, thick), (thick, thin)])


def test_is_an_smpl_file(arrays: dict[str, np.ndarray], tmp_path) -> None:
    BodyModel.from_arrays(arrays).save(tmp_path / "human.npz")
    assert BodyModel(tmp_path / "human.npz").num_vertices == len(arrays["v_template"])


def test_rest_joints_are_those_of_the_skeleton(arrays: dict[str, np.ndarray]) -> None:
    found = arrays["J_regressor"] @ arrays["v_template"]
    np.testing.assert_allclose(found, rest_joints(), atol=1e-6)
    np.testing.assert_allclose(arrays["J_regressor"].sum(axis=1), 1.0)


def test_joints_follow_forward_kinematics(arrays: dict[str, np.ndarray]) -> None:
    poses = torch.randn(3, 24, 3, generator=torch.Generator().manual_seed(0))
    motion = Motion(poses, torch.randn(3, 3))
    joints = BodyModel.from_arrays(arrays).joints(motion)
    torch.testing.assert_close(joints, motion.joints(), atol=1e-5, rtol=0)


def test_limbs_lie_around_their_joints(arrays: dict[str, np.ndarray]) -> None:
    """The tube of each limb bone begins and ends at the joints, whichever way the arms hung before."""
    vertices, joints, human = arrays["v_template"], rest_joints(), stick_human()
    for joint, child in (("elbow", "wrist"), ("knee", "ankle")):
        for side in ("left", "right"):
            start, end = (joints[JOINT_NAMES.index(f"{side}_{name}")] for name in (joint, child))
            own = [joint_of_bone(bone) == f"{side}_{joint}" for bone in human.bone_names]
            tube = vertices[human.bone_weights[:, own].sum(axis=1) > 0]
            axis = end - start
            along = (tube - start) @ axis / (axis @ axis)
            distance = np.linalg.norm(tube - start - along[:, None] * axis, axis=1)
            assert -0.25 < along.min() < 0.2
            assert 0.8 < along.max() < 1.25
            assert distance.min() > 0.045, "a limb that was sheared, not turned, would be thin"
            assert distance.max() < 0.09


def test_both_soles_are_where_those_of_the_mannequin_are(arrays: dict[str, np.ndarray]) -> None:
    x, y = arrays["v_template"][:, 0], arrays["v_template"][:, 1]
    assert y[x > 0].min() == pytest.approx(FLOOR, abs=1e-6)
    assert y[x < 0].min() == pytest.approx(FLOOR, abs=1e-6)


def test_shape_directions(arrays: dict[str, np.ndarray]) -> None:
    directions = arrays["shapedirs"]
    np.testing.assert_allclose(directions[..., 0], 0.03 * (arrays["v_template"] - REST_PELVIS))
    np.testing.assert_allclose(directions[..., 2], -directions[..., 1])
    assert not directions[..., 3:].any()
    motion = Motion(torch.zeros(1, 24, 3), torch.zeros(1, 3), betas=torch.tensor([0.0, 2.0, *[0.0] * 8]))
    body = BodyModel.from_arrays(arrays)
    thicker = np.abs(body.vertices(motion)[0].numpy() - body.rest_vertices).max()
    assert 0.01 < thicker < 0.06, (
        "two units are forty per cent of five centimetres, in a body of another scale"
    )
