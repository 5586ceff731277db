from __future__ import annotations

import numpy as np
import pytest

from macedance.metrics import video_controls


@pytest.fixture
def frames() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return list(random.integers(0, 256, (30, 12, 10, 3), dtype=np.uint8))


def test_blur_keeps_the_mean_and_takes_detail(frames: list[np.ndarray]) -> None:
    blurred = list(video_controls.blurred(frames, 2.0))
    assert blurred[0].dtype == np.uint8
    assert blurred[0].shape == frames[0].shape
    assert np.mean(blurred) == pytest.approx(np.mean(frames), abs=2)
    assert np.std(blurred) < np.std(frames) / 3


def test_noise_is_fresh_in_every_frame_and_the_same_for_a_seed() -> None:
    grey = [np.full((40, 40, 3), 128, np.uint8)] * 4
    noisy = np.array(list(video_controls.noisy(grey, 20.0)), float)
    assert noisy.std() == pytest.approx(20, rel=0.03)
    assert np.corrcoef(noisy[0].ravel(), noisy[1].ravel())[0, 1] == pytest.approx(0, abs=0.06)
    assert np.array_equal(noisy, list(video_controls.noisy(grey, 20.0)))
    assert not np.array_equal(noisy, list(video_controls.noisy(grey, 20.0, seed=1)))


def test_dropped_frames_repeat_the_one_before(frames: list[np.ndarray]) -> None:
    dropped = list(video_controls.with_frames_dropped(frames, 0.5))
    assert len(dropped) == len(frames)
    assert dropped[0] is frames[0]
    repeats = [index for index in range(1, len(frames)) if dropped[index] is dropped[index - 1]]
    assert 8 <= len(repeats) <= 22
    assert all(dropped[index] is frames[index] for index in range(len(frames)) if index not in repeats)


def test_shaking_moves_whole_pictures_by_whole_pixels() -> None:
    ramp = np.tile(np.arange(100, 140, dtype=np.uint8)[:, None, None], (1, 40, 3))
    moves = [
        int(ramp[20, 20, 0]) - int(frame[20, 20, 0]) for frame in video_controls.shaken([ramp] * 200, 3.0)
    ]
    assert np.std(moves) == pytest.approx(3, rel=0.2)
    assert np.mean(moves) == pytest.approx(0, abs=0.7)
    assert all(frame.shape == ramp.shape for frame in video_controls.shaken([ramp], 3.0))


def test_another_person_takes_the_last_share(frames: list[np.ndarray]) -> None:
    others = [np.zeros_like(frame) for frame in frames]
    swapped = list(video_controls.with_another_person(frames, others, 0.25, len(frames)))
    assert [frame.any() for frame in swapped] == [True] * 23 + [False] * 7


def test_colors_drift_evenly_to_their_gain() -> None:
    grey = [np.full((2, 2, 3), 100, np.uint8)] * 5
    drifted = [frame[0, 0].tolist() for frame in video_controls.with_color_drift(grey, 0.4, 5)]
    assert drifted[0] == [100, 100, 100]
    assert drifted[2] == [120, 100, 80]
    assert drifted[4] == [140, 100, 60]


def test_the_first_frame_is_held(frames: list[np.ndarray]) -> None:
    assert all(frame is frames[0] for frame in video_controls.held(frames))
