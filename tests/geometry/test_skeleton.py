from __future__ import annotations

import numpy as np
import torch

from macedance.geometry import (
    JOINT_NAMES,
    PARENTS,
    REST_OFFSETS,
    REST_PELVIS,
    axis_angle_to_matrix,
    forward_kinematics,
    rest_joints,
)


def joint_by_joint(rotations: torch.Tensor, pelvis: torch.Tensor) -> torch.Tensor:
    """The plain definition, one frame and one joint after the other."""
    positions, orientations = [pelvis], [rotations[0]]
    for joint in range(1, 24):
        parent = PARENTS[joint]
        offset = torch.tensor(REST_OFFSETS[joint], dtype=rotations.dtype)
        positions.append(positions[parent] + orientations[parent] @ offset)
        orientations.append(orientations[parent] @ rotations[joint])
    return torch.stack(positions)


def test_names_parents_and_offsets_belong_together():
    assert len(JOINT_NAMES) == len(PARENTS) == len(REST_OFFSETS) == 24
    assert all(parent < joint for joint, parent in enumerate(PARENTS))
    for joint, name in enumerate(JOINT_NAMES):
        if name.startswith("left_"):
            mirrored = JOINT_NAMES.index(name.replace("left_", "right_"))
            assert mirrored == joint + 1
            assert rest_joints()[joint, 0] > 0 > rest_joints()[mirrored, 0]


def test_rest_pose_puts_every_joint_at_its_summed_offsets():
    rotations = torch.eye(3, dtype=torch.float64).expand(24, 3, 3)
    joints = forward_kinematics(rotations, torch.tensor(REST_PELVIS))
    np.testing.assert_allclose(joints.numpy(), rest_joints(), atol=1e-12)


def test_forward_kinematics_equals_its_definition_in_any_batch():
    generator = torch.Generator().manual_seed(0)
    rotations = axis_angle_to_matrix(torch.randn(2, 3, 24, 3, generator=generator, dtype=torch.float64))
    pelvis = torch.randn(2, 3, 3, generator=generator, dtype=torch.float64)
    joints = forward_kinematics(rotations, pelvis)
    assert joints.shape == (2, 3, 24, 3)
    for batch in range(2):
        for frame in range(3):
            expected = joint_by_joint(rotations[batch, frame], pelvis[batch, frame])
            torch.testing.assert_close(joints[batch, frame], expected)


def test_turning_an_elbow_moves_only_the_forearm_and_hand():
    poses = torch.zeros(24, 3)
    poses[JOINT_NAMES.index("left_elbow"), 1] = -1.0
    bent = forward_kinematics(axis_angle_to_matrix(poses), torch.zeros(3))
    straight = forward_kinematics(axis_angle_to_matrix(torch.zeros(24, 3)), torch.zeros(3))
    moved = (bent - straight).norm(dim=-1) > 1e-6
    assert [JOINT_NAMES[j] for j in moved.nonzero().flatten()] == ["left_wrist", "left_hand"]
    assert bent[JOINT_NAMES.index("left_wrist"), 2] > straight[JOINT_NAMES.index("left_wrist"), 2] + 0.1


def test_gradients_flow_after_a_first_call_in_inference_mode():
    with torch.inference_mode():
        forward_kinematics(
            torch.eye(3, dtype=torch.bfloat16).expand(24, 3, 3), torch.zeros(3, dtype=torch.bfloat16)
        )
    rotations = torch.eye(3, dtype=torch.bfloat16).repeat(24, 1, 1).requires_grad_()
    forward_kinematics(rotations, torch.zeros(3, dtype=torch.bfloat16)).sum().backward()
    assert torch.isfinite(rotations.grad).all()
    assert rotations.grad.abs().sum() > 0
