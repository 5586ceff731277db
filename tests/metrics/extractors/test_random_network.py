from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from macedance.metrics.extractors import (
    RandomFrameFeatures,
    RandomFrameScores,
    RandomPerceptualDistance,
    RandomVideoFeatures,
)
from macedance.metrics.functional.frechet import frechet_distance

RED_FEATURES = [0.582613, -0.719239, 0.087489]


def test_features_follow_from_the_seed_alone(noise_frames) -> None:
    frames = noise_frames(3, 3, 20, 30)
    torch.rand(5)  # the global generator does not matter
    features = RandomFrameFeatures()(frames)
    assert features.shape == (3, 64)
    torch.testing.assert_close(features, RandomFrameFeatures()(frames), rtol=0, atol=0)
    assert not torch.allclose(features, RandomFrameFeatures(seed=1)(frames))
    assert RandomFrameFeatures.name == RandomVideoFeatures.name == RandomFrameScores.name == "random"


def test_the_features_of_a_red_frame_are_known_on_every_machine() -> None:
    red = torch.tensor([220, 30, 60], dtype=torch.uint8)[None, :, None, None].expand(1, 3, 64, 64)
    torch.testing.assert_close(
        RandomFrameFeatures(num_features=3)(red)[0], torch.tensor(RED_FEATURES), rtol=1e-4, atol=1e-6
    )


def test_batches_do_not_matter(noise_frames) -> None:
    extractor = RandomFrameFeatures()
    frames = noise_frames(70, 3, 16, 16)
    torch.testing.assert_close(extractor(frames)[65:], extractor(frames[65:]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("change", ["blur", "noise", "colour"])
def test_changed_frames_are_far_from_other_frames_of_the_same_kind(change: str, noise_frames) -> None:
    coarse = F.interpolate(noise_frames(64, 3, 16, 16).float(), size=64, mode="bilinear")
    changed = {
        "blur": F.avg_pool2d(coarse, 9, stride=1, padding=4, count_include_pad=False),
        "noise": coarse + 20 * torch.randn(coarse.shape, generator=torch.Generator().manual_seed(0)),
        "colour": coarse * torch.tensor([1.0, 0.8, 0.8])[:, None, None],
    }[change]
    frames, others = (values.round().clamp(0, 255).to(torch.uint8) for values in (coarse, changed))
    features = RandomFrameFeatures(num_features=8)
    chance = frechet_distance(features(frames[:32]), features(frames[32:]))
    assert frechet_distance(features(others[:32]), features(frames[32:])) > 3 * chance


def test_videos_tell_stillness_from_motion(noise_frames) -> None:
    extractor = RandomVideoFeatures(num_frames=4)
    assert (extractor.num_features, extractor.num_frames) == (64, 4)
    moving = noise_frames(9, 4, 3, 8, 8)
    still = moving[:, :1].expand(9, 4, 3, 8, 8)
    features = extractor(torch.cat([moving, still]))
    assert features.shape == (18, 64)
    assert (features[:9] - features[9:]).norm(dim=1).min() > 0.1
    with pytest.raises(ValueError, match="clips must have 4 frames each, got 3"):
        extractor(moving[:, :3])
    with pytest.raises(ValueError, match="num_frames must be at least 1, got 0"):
        RandomVideoFeatures(num_frames=0)
    assert extractor(moving[:0]).shape == (0, 64)


def test_scores_lie_in_the_unit_range(noise_frames) -> None:
    scores = RandomFrameScores()(noise_frames(4, 3, 10, 10))
    assert scores.shape == (4,)
    assert ((scores > 0) & (scores < 1)).all()


def test_the_distance_grows_with_the_difference(noise_frames) -> None:
    distance = RandomPerceptualDistance()
    frames = noise_frames(1, 3, 64, 64)
    steps = [0.0, 0.2, 0.6]
    others = torch.cat(
        [torch.lerp(frames.float(), torch.full_like(frames.float(), 128), step) for step in steps]
    )
    found = distance(frames.expand(3, -1, -1, -1), others.to(torch.uint8))
    assert found[0] == 0
    assert math.isclose(found[1], distance(others[1:2].to(torch.uint8), frames).item(), rel_tol=1e-5)
    assert found[0] < found[1] < found[2]


def test_floats_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"frames must be uint8 \(F, 3, H, W\), got torch.float32 \(1, 3, 8, 8\)"
    ):
        RandomFrameFeatures()(torch.zeros(1, 3, 8, 8))
