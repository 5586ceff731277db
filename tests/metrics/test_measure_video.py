from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.metrics import functional as F
from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.functional.motion_smoothness import kept_and_dropped
from macedance.metrics.measure_video import CHUNK_FRAMES, VideoSettings, measure_video

from .moving_picture import moving_picture

NUM_FRAMES = 45


@pytest.fixture(scope="module")
def extractors() -> AppearanceExtractors:
    return AppearanceExtractors.random()


def as_clip(frames: list[np.ndarray]) -> torch.Tensor:
    return torch.from_numpy(np.stack(frames)).movedim(-1, 1)


def test_streaming_gives_what_the_functions_give_of_the_whole(extractors: AppearanceExtractors) -> None:
    assert NUM_FRAMES > 2 * CHUNK_FRAMES
    frames, truth = moving_picture(NUM_FRAMES, 32), moving_picture(NUM_FRAMES - 8, 32, seed=1)
    clip, true_clip = as_clip(frames), as_clip(truth)
    person = true_clip[:2]
    done: list[int] = []
    measured = measure_video(
        iter(frames),
        extractors,
        truth=iter(truth),
        person=person,
        settings=VideoSettings(segment_frames=20),
        on_frames=done.append,
    )

    features = extractors.fid(clip)
    kept, dropped = kept_and_dropped(clip)
    both = clip[: len(true_clip)], true_clip
    scored = extractors.imaging(clip).double().mean()
    segments = torch.stack([F.color_statistics(clip[start : start + 20]) for start in (0, 20)])
    expected = {
        "psnr": F.peak_signal_to_noise_ratio(*both).mean(),
        "ssim": F.structural_similarity(*both).mean(),
        "lpips": extractors.lpips(*both).double().mean(),
        "temporal_flickering": F.temporal_flickering(clip),
        "motion_smoothness": F.motion_smoothness(extractors.smoothness(kept[:-1], kept[1:]), dropped),
        "subject_consistency": F.frame_consistency(features),
        "background_consistency": F.frame_consistency(features),
        "identity": F.identity_similarity(features, extractors.identity(person)),
        "imaging_quality": scored,
        "aesthetic_quality": scored,
        "color_drift": F.color_drift(segments).mean(),
    }
    assert set(measured.values) == set(expected)
    for name, value in expected.items():
        assert measured.values[name] == pytest.approx(float(value), rel=1e-5), name
    assert torch.allclose(measured.fid_features, features, atol=1e-5)
    windows = torch.stack([clip[:16], clip[16:32]])
    assert torch.allclose(measured.fvd_features, extractors.fvd(windows), atol=1e-5)
    assert sum(done) == NUM_FRAMES


def test_what_is_not_given_is_left_out() -> None:
    measured = measure_video(moving_picture(20, 32), AppearanceExtractors())
    assert set(measured.values) == {"temporal_flickering", "color_drift"}
    assert measured.fid_features is None
    assert measured.fvd_features is None
    assert np.isnan(measured.values["color_drift"])  # a single segment


def test_a_short_video_has_no_window(extractors: AppearanceExtractors) -> None:
    measured = measure_video(moving_picture(5, 32), extractors)
    assert measured.fvd_features.shape == (0, extractors.fvd.num_features)
    assert len(measured.fid_features) == 5


def test_a_truth_of_another_size_and_a_video_without_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="is 32x32 and the truth 48x48; scale one of them"):
        measure_video(moving_picture(3, 32), AppearanceExtractors(), truth=moving_picture(3, 48))
    with pytest.raises(ValueError, match="must have frames, but has none"):
        measure_video([], AppearanceExtractors())
