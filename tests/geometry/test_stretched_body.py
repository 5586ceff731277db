from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES, REST_OFFSETS
from macedance.geometry.stretched_body import stretched_body
from macedance.projection.posed_skeleton import pose_skeleton

LEFT_LEG = [JOINT_NAMES.index(name) for name in ("left_knee", "left_ankle")]


def test_bones_of_the_same_length_leave_the_body_as_it_is() -> None:
    body = BodyModel()
    np.testing.assert_allclose(
        stretched_body(body, REST_OFFSETS, 1.0).rest_vertices, body.rest_vertices, atol=1e-6
    )


def test_joints_are_where_the_skeleton_of_these_bones_has_them() -> None:
    offsets = REST_OFFSETS * np.random.default_rng(0).uniform(0.7, 1.4, (24, 1))
    poses = torch.from_numpy(np.random.default_rng(1).normal(0, 0.4, (3, 24, 3))).float()
    motion = Motion(poses, torch.zeros(3, 3))
    joints = stretched_body(BodyModel(), offsets, 1.2).joints(motion).numpy()
    skeleton = pose_skeleton(motion, offsets=offsets).joints
    np.testing.assert_allclose(joints - joints[:, :1], skeleton - skeleton[:, :1], atol=1e-4)


def test_a_longer_leg_is_not_thicker() -> None:
    offsets = REST_OFFSETS.copy()
    offsets[LEFT_LEG] *= 1.5
    before, after = BodyModel(), stretched_body(BodyModel(), offsets, 1.0)
    shin = before.skin_weights[:, LEFT_LEG[0]] > 0.99
    breadth, height, _ = np.ptp(after.rest_vertices[shin], axis=0) / np.ptp(
        before.rest_vertices[shin], axis=0
    )
    assert height == pytest.approx(1.5, abs=0.03)
    assert breadth == pytest.approx(1.0, abs=0.12)
