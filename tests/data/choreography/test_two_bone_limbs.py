from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from macedance.data.choreography.arm_poses import ARM_POSES, arm_rotations
from macedance.data.choreography.two_bone_limbs import LEFT_ARM, LEFT_LEG, RIGHT_LEG, TwoBoneLimb

LIMBS = {"left leg": LEFT_LEG, "right leg": RIGHT_LEG, "left arm": LEFT_ARM}


def end_of(limb: TwoBoneLimb, rotation: Rotation, angles: np.ndarray) -> np.ndarray:
    hinge = Rotation.from_rotvec(angles[:, None] * limb.hinge_axis)
    return rotation.apply(limb.first_bone + hinge.apply(limb.second_bone))


@pytest.mark.parametrize("name", LIMBS)
@settings(deadline=None, max_examples=40)
@given(
    distance=st.floats(0.35, 1.0),
    direction=st.tuples(st.floats(-0.8, 0.8), st.just(-1.0), st.floats(-0.8, 0.8)),
    side=st.floats(-0.4, 0.4),
)
def test_the_end_reaches_its_target(name, distance, direction, side):
    limb = LIMBS[name]
    target = np.array([direction]) / np.linalg.norm(direction) * distance * limb.reach
    rotation, angles = limb.solve(target, np.array([[side, 0.0, 1.0]]))
    np.testing.assert_allclose(end_of(limb, rotation, angles), target, atol=1e-9)
    assert angles[0] >= limb.min_angle


@pytest.mark.parametrize("name", LIMBS)
def test_a_target_out_of_reach_is_pointed_at(name):
    limb = LIMBS[name]
    target = np.array([[0.1, -2.0, 0.3]])
    rotation, angles = limb.solve(target, np.array([[0.0, 0.0, 1.0]]))
    end = end_of(limb, rotation, angles)
    np.testing.assert_allclose(end / np.linalg.norm(end), target / np.linalg.norm(target), atol=1e-9)
    assert np.linalg.norm(end) == pytest.approx(limb.reach)


@pytest.mark.parametrize("leg", [LEFT_LEG, RIGHT_LEG], ids=["left", "right"])
def test_knees_bend_forward(leg):
    rotation, _ = leg.solve(np.array([[0.0, -0.6, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
    knee = rotation.apply(leg.first_bone)[0]
    assert knee[2] > 0.2


def test_right_arm_mirrors_the_left():
    channels = np.stack(list(ARM_POSES.values()))
    left, right = (arm_rotations(channels, is_right=is_right) for is_right in (False, True))
    mirror = np.diag([-1.0, 1.0, 1.0])
    for joint in range(4):
        matrices = Rotation.from_rotvec(left[:, joint]).as_matrix()
        expected = mirror @ matrices @ mirror
        np.testing.assert_allclose(Rotation.from_rotvec(right[:, joint]).as_matrix(), expected, atol=1e-9)


def test_no_arm_pose_is_half_a_turn_from_the_reference():
    channels = np.stack(list(ARM_POSES.values()))
    assert np.linalg.norm(channels[:, 1:4], axis=1).max() < 2.2
