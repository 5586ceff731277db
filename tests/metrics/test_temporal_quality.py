from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.metrics import (
    AestheticQuality,
    BackgroundConsistency,
    IdentitySimilarity,
    ImagingQuality,
    MotionSmoothness,
    SubjectConsistency,
    TemporalFlickering,
)
from macedance.metrics.functional import (
    frame_consistency,
    identity_similarity,
    kept_and_dropped,
    motion_smoothness,
    temporal_flickering,
)


def random_bytes(num_frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (num_frames, 3, 6, 9), dtype=np.uint8)


def random_features(num_frames: int, seed: int = 0, dims: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((num_frames, dims)).astype(np.float32)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one.astype(np.float64), other.astype(np.float64)
    return one @ other / np.sqrt((one @ one) * (other @ other))


def test_flickering_is_the_mean_difference_of_neighbours() -> None:
    frames = random_bytes(5)
    errors = [np.abs(frames[i].astype(float) - frames[i - 1]).mean() for i in range(1, 5)]
    expected = (255 - np.mean(errors)) / 255
    for video in (torch.from_numpy(frames), torch.from_numpy(frames).double() / 255):
        np.testing.assert_allclose(temporal_flickering(video), expected, rtol=1e-12)


def test_still_and_blinking_videos_are_the_bounds_of_flickering() -> None:
    blinking = torch.tensor([0.0, 1.0, 0.0]).view(3, 1, 1, 1).expand(-1, 3, 4, 4)
    metric = TemporalFlickering()
    metric.update([blinking, blinking[:1].expand(7, -1, -1, -1), blinking[:1], blinking[:0]])
    assert metric.clip_values[:2].tolist() == [0, 1]
    assert metric.num_excluded == 2


def test_consistency_is_the_mean_cosine_with_the_previous_and_the_first_frame() -> None:
    features = random_features(6)
    total = 0.0
    for i in range(1, 6):
        to_previous, to_first = cosine(features[i], features[i - 1]), cosine(features[i], features[0])
        total += (max(0.0, to_previous) + max(0.0, to_first)) / 2
    np.testing.assert_allclose(frame_consistency(torch.from_numpy(features)), total / 5, rtol=1e-12)


@pytest.mark.parametrize("metric_class", [SubjectConsistency, BackgroundConsistency])
def test_consistency_of_clips(metric_class: type[SubjectConsistency]) -> None:
    clips = [torch.from_numpy(random_features(num_frames, num_frames)) for num_frames in (4, 1, 9)]
    metric = metric_class()
    metric.update(clips)
    expected = (frame_consistency(clips[0]) + frame_consistency(clips[2])) / 2
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-12)
    assert metric.num_excluded == 1
    with pytest.raises(ValueError, match=r"features must be those of one clip \(T, C\), got \(5,\)"):
        metric.update(clips[0])


@pytest.mark.parametrize("num_frames", range(8))
def test_dropped_frames_lie_between_those_kept(num_frames: int) -> None:
    kept, dropped = kept_and_dropped(torch.arange(num_frames))
    assert kept.tolist() == list(range(0, num_frames, 2))
    assert dropped.tolist() == [i for i in range(1, num_frames, 2) if i + 1 < num_frames]


def test_smoothness_is_the_error_of_interpolated_frames() -> None:
    frames = random_bytes(6)
    kept, dropped = kept_and_dropped(torch.from_numpy(frames))
    between = (kept[:-1].float() + kept[1:]) / 2
    errors = [
        np.abs((frames[i - 1] + frames[i + 1].astype(float)) / 2 - frames[i].astype(float)).mean()
        for i in (1, 3)
    ]
    expected = 1 - np.mean(errors) / 255
    np.testing.assert_allclose(motion_smoothness(between, dropped), expected, rtol=1e-6)
    metric = MotionSmoothness()
    metric.update([between, between[:0]], [dropped.float() / 255, dropped[:0]])
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-6)
    assert metric.num_excluded == 1


def test_smoothness_names_what_does_not_fit() -> None:
    dropped = torch.zeros(2, 3, 4, 4)
    with pytest.raises(
        ValueError, match=r"interpolated must be of the shape of dropped, .* got \(3, 3, 4, 4\)"
    ):
        motion_smoothness(torch.zeros(3, 3, 4, 4), dropped)
    with pytest.raises(ValueError, match="dropped must be uint8, or floats"):
        motion_smoothness(dropped, dropped + 255)
    with pytest.raises(
        ValueError, match="dropped must hold one tensor for each clip in interpolated, got 1 for 2"
    ):
        MotionSmoothness().update([dropped, dropped], [dropped])


def test_identity_is_the_cosine_with_the_references_mean_direction() -> None:
    features, reference = random_features(4), 3 * random_features(3, seed=1)
    direction = np.mean([row / np.linalg.norm(row.astype(float)) for row in reference], axis=0)
    expected = np.mean([cosine(row, direction) for row in features])
    given = torch.from_numpy(features), torch.from_numpy(reference)
    np.testing.assert_allclose(identity_similarity(*given), expected, rtol=1e-10)
    metric = IdentitySimilarity()
    metric.update([given[0], -given[1][:1], given[0][:0]], [given[1], given[1][:1], given[1]])
    np.testing.assert_allclose(metric.compute(), (expected - 1) / 2, rtol=1e-10)
    assert metric.num_excluded == 1


def test_frames_without_a_face_count_as_unlike() -> None:
    assert identity_similarity(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([[1.0, 0.0]])) == 0.5


def test_identity_names_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"with as many features, got \(2, 5\) and \(2, 4\)"):
        identity_similarity(torch.zeros(2, 5), torch.zeros(2, 4))
    with pytest.raises(ValueError, match="references must hold one tensor for each clip in features"):
        IdentitySimilarity().update([torch.zeros(2, 5)], [])


@pytest.mark.parametrize("metric_class", [ImagingQuality, AestheticQuality])
def test_scores_are_averaged_over_frames_then_clips(metric_class: type[ImagingQuality]) -> None:
    metric = metric_class()
    metric.update([torch.tensor([0.1, 0.2, 0.6]), torch.tensor([0.5]), torch.tensor([])])
    np.testing.assert_allclose(metric.compute(), 0.4, rtol=1e-6)
    assert metric.num_excluded == 1
