from __future__ import annotations

import numpy as np
import pytest

from macedance.metrics.pose_fidelity import pose_fidelity
from macedance.projection.pose_sequence import PoseSequence


def walking(num_frames: int, fps: float, size_px: tuple[int, int] = (200, 100)) -> PoseSequence:
    """A body of fixed form that walks evenly, 100 pixels of 200 in a second."""
    shape = np.random.default_rng(0).uniform(0.1, 0.9, (20, 2)) * (60, 100)
    points = np.ones((num_frames, 20, 3))
    points[..., :2] = shape + np.stack([100 * np.arange(num_frames) / fps, np.zeros(num_frames)], -1)[:, None]
    points[..., :2] *= np.array(size_px) / (200, 100)
    return PoseSequence(points, fps, size_px)


def with_confidence(sequence: PoseSequence, confidence: np.ndarray) -> PoseSequence:
    points = sequence.points.copy()
    points[..., 2] = confidence[:, None]
    return PoseSequence(points, sequence.fps, sequence.size_px)


def test_who_is_where_they_should_be_has_all_points() -> None:
    assert pose_fidelity(walking(30, 30), walking(30, 30)) == 1


@pytest.mark.parametrize(("fps", "num_frames"), [(15, 15), (60, 60), (25, 25)])
def test_other_frame_rates_and_sizes_are_brought_together(fps: float, num_frames: int) -> None:
    driving = walking(num_frames, fps, (400, 300))
    assert pose_fidelity(walking(30, 30), driving) == 1


def test_a_dancer_who_is_late_is_not_there() -> None:
    late = PoseSequence(walking(60, 30).points[:30], 30, (200, 100))
    driving = PoseSequence(walking(60, 30).points[30:], 30, (200, 100))
    assert pose_fidelity(late, driving) == 0


def test_what_lasts_longer_is_compared_while_both_last() -> None:
    assert pose_fidelity(walking(30, 30), walking(12, 30)) == 1
    assert pose_fidelity(walking(12, 30), walking(30, 30)) == 1


def test_a_point_that_is_hidden_in_the_next_frame_counts_in_its_own() -> None:
    seen = np.arange(30) % 2 == 0
    assert pose_fidelity(walking(30, 30), with_confidence(walking(30, 30), seen)) == 1
    wrong = walking(30, 30).points.copy()
    wrong[seen, :, 0] += 1000
    assert pose_fidelity(PoseSequence(wrong, 30, (200, 100)), with_confidence(walking(30, 30), seen)) == 0


def test_between_two_frames_a_point_must_be_seen_in_both() -> None:
    seen = np.arange(15) < 8
    fidelity = pose_fidelity(
        with_confidence(walking(30, 30), np.arange(30) < 15), with_confidence(walking(15, 15), seen)
    )
    assert fidelity == 1
