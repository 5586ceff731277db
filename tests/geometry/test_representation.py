from __future__ import annotations

import pytest
import torch

from macedance.geometry import (
    MOTION_DIM,
    REST_PELVIS,
    Motion,
    axis_angle_to_matrix,
    decode_motion,
    encode_motion,
    representation_joints,
)


def random_parameters(*leading: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    poses = torch.randn(*leading, 24, 3, generator=generator)
    return poses, torch.randn(*leading, 3, generator=generator)


def test_channels_are_contacts_then_pelvis_then_first_two_rows():
    poses, trans = random_parameters(6)
    features = encode_motion(poses, trans)
    assert features.shape == (6, MOTION_DIM) == (6, 151)
    torch.testing.assert_close(features[:, 4:7], trans + torch.tensor(REST_PELVIS, dtype=torch.float32))
    rows = axis_angle_to_matrix(poses)[..., :2, :].reshape(6, 24 * 6)
    torch.testing.assert_close(features[:, 7:], rows)


def test_decoding_gives_back_the_encoded_motion():
    poses, trans = random_parameters(9)
    motion = Motion(poses, trans)
    decoded = decode_motion(encode_motion(poses, trans), fps=60.0)
    assert decoded.fps == 60.0
    torch.testing.assert_close(decoded.trans, trans)
    torch.testing.assert_close(
        axis_angle_to_matrix(decoded.poses), axis_angle_to_matrix(poses), atol=3e-6, rtol=0
    )
    torch.testing.assert_close(decoded.joints(), motion.joints(), atol=3e-6, rtol=0)


def test_joints_of_the_representation_are_the_motion_s():
    poses, trans = random_parameters(2, 5)
    joints = representation_joints(encode_motion(poses, trans))
    assert joints.shape == (2, 5, 24, 3)
    torch.testing.assert_close(joints[1], Motion(poses[1], trans[1]).joints(), atol=3e-6, rtol=0)


def test_contacts_tell_which_feet_move_less_than_a_centimetre_to_the_next_frame():
    poses, trans = torch.zeros(5, 24, 3), torch.zeros(5, 3)
    trans[:, 0] = torch.tensor([0.0, 0.009, 0.020, 0.020, 0.031])
    contacts = encode_motion(poses, trans)[:, :4]
    assert contacts[:, 0].tolist() == [1, 0, 1, 0, 0]
    assert torch.equal(contacts, contacts[:, :1].expand(-1, 4))


def test_each_contact_channel_belongs_to_its_own_joint():
    for channel, joints in enumerate(([1], [2], [7], [8])):
        poses = torch.zeros(2, 24, 3)
        poses[1, joints, 0] = 0.5
        contacts = encode_motion(poses, torch.zeros(2, 3))[0, :4]
        expected = {0: [0, 1, 0, 1], 1: [1, 0, 1, 0], 2: [1, 1, 0, 1], 3: [1, 1, 1, 0]}[channel]
        assert contacts.tolist() == expected


def test_a_single_frame_has_no_contacts_to_tell():
    with pytest.raises(ValueError, match="at least 2 frames"):
        encode_motion(torch.zeros(1, 24, 3), torch.zeros(1, 3))


def test_gradients_reach_rotations_and_pelvis():
    features = encode_motion(*random_parameters(4)).requires_grad_()
    representation_joints(features).square().sum().backward()
    assert torch.isfinite(features.grad).all()
    assert not features.grad[:, :4].any()
    assert features.grad[:, 4:7].abs().min() > 0
    assert features.grad[:, 7:13].abs().sum() > 0
