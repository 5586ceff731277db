from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.center_of_mass import JOINT_MASSES, center_of_mass
from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import MIRRORED_JOINTS, REST_PELVIS, forward_kinematics, rest_joints

LEGS, ARMS = [1, 2, 4, 5, 7, 8, 10, 11], [16, 17, 18, 19, 20, 21, 22, 23]


def test_masses_are_shares_alike_on_both_sides():
    assert JOINT_MASSES.shape == (24,)
    assert JOINT_MASSES.sum() == pytest.approx(1)
    assert (JOINT_MASSES >= 0).all()
    np.testing.assert_allclose(JOINT_MASSES[list(MIRRORED_JOINTS)], JOINT_MASSES)


def test_parts_weigh_what_they_weigh_in_people():
    assert JOINT_MASSES[LEGS].sum() == pytest.approx(0.397, abs=0.01)
    assert JOINT_MASSES[ARMS].sum() == pytest.approx(0.099, abs=0.01)
    assert 0.05 < JOINT_MASSES[15] < 0.09


def test_a_standing_body_has_its_mass_in_the_hips_over_its_feet():
    joints = torch.from_numpy(rest_joints())
    mass = center_of_mass(joints)
    feet = joints[[7, 8, 10, 11]].mean(dim=0)
    assert abs(mass[0] - feet[0]) < 0.02
    assert joints[0, 1] - 0.03 < mass[1] < joints[9, 1]
    assert abs(mass[2] - joints[0, 2]) < 0.08


def test_moves_and_turns_with_the_body_and_keeps_its_shape_and_type():
    generator = torch.Generator().manual_seed(0)
    joints = torch.randn(2, 5, 24, 3, generator=generator)
    turn = axis_angle_to_matrix(torch.tensor([0.3, -1.0, 0.5]))
    shift = torch.tensor([1.0, -2.0, 0.5])
    mass = center_of_mass(joints)
    assert mass.shape == (2, 5, 3)
    assert mass.dtype == torch.float32
    torch.testing.assert_close(center_of_mass(joints @ turn.mT + shift), mass @ turn.mT + shift)


def test_joints_beyond_the_body_weigh_nothing():
    joints = torch.randn(3, 24, 3, generator=torch.Generator().manual_seed(1))
    more = torch.cat([joints, torch.full((3, 4, 3), 100.0)], dim=1)
    torch.testing.assert_close(center_of_mass(more), center_of_mass(joints))


def test_a_raised_arm_raises_the_mass_a_little():
    poses = torch.zeros(2, 24, 3, dtype=torch.float64)
    poses[1, 16, 2] = np.pi / 2  # the left arm, from the side to straight up
    joints = forward_kinematics(axis_angle_to_matrix(poses), torch.from_numpy(REST_PELVIS).expand(2, 3))
    moved = center_of_mass(joints).diff(dim=0)[0]
    assert 0.005 < moved[1] < 0.03
    assert moved[0] < 0
