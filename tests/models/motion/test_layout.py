from __future__ import annotations

import math

import pytest
import torch

from macedance.geometry.motion import Motion
from macedance.geometry.representation import decode_motion, encode_motion, representation_joints
from macedance.geometry.rotations import axis_angle_to_matrix, matrix_to_rotation_6d
from macedance.models.motion.layout import build_layout

QUARTER_TURN = axis_angle_to_matrix(torch.tensor([math.pi / 2, 0.0, 0.0], dtype=torch.float64))


@pytest.fixture
def motion() -> Motion:
    generator = torch.Generator().manual_seed(0)
    poses, trans = torch.randn(5, 24, 3, generator=generator), torch.randn(5, 3, generator=generator)
    return Motion(poses / 2, trans)


def test_the_published_layout_turns_translation_and_root_as_its_training_did(motion: Motion) -> None:
    features = encode_motion(motion.poses.double(), motion.trans.double())
    published = build_layout("published").double().encode(features)
    root = QUARTER_TURN @ axis_angle_to_matrix(motion.poses[:, 0].double())
    torch.testing.assert_close(published[:, 4:7], motion.trans.double() @ QUARTER_TURN.mT)
    torch.testing.assert_close(published[:, 7:13], matrix_to_rotation_6d(root))
    assert published[:, :4].equal(features[:, :4])
    assert published[:, 13:].equal(features[:, 13:])


def test_turning_back_gives_the_same_motion_y_up(motion: Motion) -> None:
    layout = build_layout("published")
    features = encode_motion(motion.poses, motion.trans)
    turned_back = layout.decode(layout.encode(features))
    torch.testing.assert_close(turned_back, features)
    torch.testing.assert_close(decode_motion(turned_back).joints(), motion.joints(), rtol=0, atol=1e-5)


def test_losses_of_joints_do_not_depend_on_the_layout(motion: Motion) -> None:
    layout = build_layout("published")
    first = encode_motion(motion.poses, motion.trans)
    second = encode_motion(motion.poses.flip(0), motion.trans.flip(0))

    def distances(encode) -> torch.Tensor:
        joints = [representation_joints(encode(features)) for features in (first, second)]
        return torch.linalg.vector_norm(joints[0] - joints[1], dim=-1)

    torch.testing.assert_close(distances(layout.encode), distances(lambda features: features))


def test_the_range_holds_all_that_is_encoded(motion: Motion) -> None:
    layout = build_layout("published")
    features = encode_motion(motion.poses, motion.trans)
    lowest, highest = layout.encode_range(features.amin(0), features.amax(0))
    published = layout.encode(features)
    assert (published >= lowest - 1e-6).all()
    assert (published <= highest + 1e-6).all()
    is_exact = torch.ones(151, dtype=torch.bool)
    is_exact[10:13] = False
    torch.testing.assert_close(lowest[is_exact], published.amin(0)[is_exact])
    torch.testing.assert_close(highest[is_exact], published.amax(0)[is_exact])


def test_our_own_layout_changes_nothing(motion: Motion) -> None:
    layout, features = build_layout("own"), encode_motion(motion.poses, motion.trans)
    assert layout.encode(features) is layout.decode(features) is features
    assert layout.encode_range(features, features)[1] is features
    assert not layout.state_dict()


def test_refuses_a_layout_that_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="motion_layout must be"):
        build_layout("z")
