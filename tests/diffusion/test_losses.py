from __future__ import annotations

import pytest
import torch

from macedance.diffusion.losses import MotionLoss
from macedance.geometry.representation import encode_motion

STILL = encode_motion(torch.zeros(6, 24, 3), torch.zeros(6, 3)).unsqueeze(0)


def test_is_zero_at_the_target() -> None:
    terms = MotionLoss()(STILL, STILL, lambda x: x)
    assert all(term == 0 for term in terms.values())


def test_joint_and_velocity_terms_are_in_metres() -> None:
    lifted, drifting = STILL.clone(), STILL.clone()
    lifted[..., 5] += 0.1
    drifting[0, :, 4] += 0.02 * torch.arange(6)
    joint = MotionLoss()(lifted, STILL, lambda x: x)
    assert joint["joint"].item() == pytest.approx(0.1**2 / 3, rel=1e-4)
    assert joint["velocity"].item() == pytest.approx(0, abs=1e-10)
    assert MotionLoss()(drifting, STILL, lambda x: x)["velocity"].item() == pytest.approx(
        0.02**2 / 3, rel=1e-3
    )


def test_feet_are_held_only_where_the_model_says_they_are_planted() -> None:
    sliding = STILL.clone()
    sliding[0, :, 4] += 0.02 * torch.arange(6)
    flying = sliding.clone()
    flying[..., :4] = 0.9
    assert MotionLoss()(sliding, STILL, lambda x: x)["foot"].item() == pytest.approx(0.02**2 / 3, rel=1e-3)
    assert MotionLoss()(flying, STILL, lambda x: x)["foot"] == 0


def test_weights_the_terms() -> None:
    moved = STILL + 0.01
    terms = MotionLoss(reconstruction=1, joint=2, velocity=3, foot=4)(moved, STILL, lambda x: x)
    expected = terms["reconstruction"] + 2 * terms["joint"] + 3 * terms["velocity"] + 4 * terms["foot"]
    torch.testing.assert_close(terms["loss"], expected)


def test_autocast_leaves_metres_alone() -> None:
    poses = torch.randn(6, 24, 3, generator=torch.Generator().manual_seed(0))
    motion = encode_motion(poses, 0.01 * torch.arange(18.0).reshape(6, 3)).unsqueeze(0)
    target = motion + 1e-3
    expected = MotionLoss()(motion, target, lambda x: x)
    with torch.autocast("cpu", torch.bfloat16):
        terms = MotionLoss()(motion, target, lambda x: x)
    for name, term in expected.items():
        torch.testing.assert_close(terms[name], term, rtol=1e-6, atol=0)
