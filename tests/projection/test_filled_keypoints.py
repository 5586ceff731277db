from __future__ import annotations

import numpy as np
import pytest

from macedance.projection import filled_keypoints


def test_gaps_are_crossed_evenly_and_ends_are_held() -> None:
    keypoints = np.zeros((7, 2, 3))
    keypoints[:, 1] = 50, 60, 1
    keypoints[2, 0], keypoints[5, 0] = (10, 20, 0.9), (40, 5, 0.5)
    keypoints[4, 0] = 999, 999, 0.29
    filled = filled_keypoints(keypoints)
    assert filled.shape == (7, 2, 2)
    np.testing.assert_allclose(filled[:, 0, 0], [10, 10, 10, 20, 30, 40, 40])
    np.testing.assert_allclose(filled[:, 0, 1], [20, 20, 20, 15, 10, 5, 5])
    np.testing.assert_array_equal(filled[:, 1], [[50, 60]] * 7)


def test_how_sure_a_point_must_be_can_be_told() -> None:
    keypoints = np.array([[[0.0, 0.0, 0.2]], [[8.0, 8.0, 0.1]], [[4.0, 4.0, 0.2]]])
    assert filled_keypoints(keypoints, least_confidence=0.2)[1, 0].tolist() == [2, 2]
    assert filled_keypoints(keypoints, least_confidence=0.1)[1, 0].tolist() == [8, 8]


def test_a_point_that_is_never_seen_stands_in_the_middle_of_the_others_and_moves_with_them() -> None:
    keypoints = np.ones((2, 3, 3))
    keypoints[:, 0, :2] = [0, 0], [10, 0]
    keypoints[:, 1, :2] = [4, 8], [14, 8]
    keypoints[:, 2] = 700, 700, 0
    np.testing.assert_array_equal(filled_keypoints(keypoints)[:, 2], [[2, 4], [12, 4]])


def test_a_clip_with_nobody_in_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"none has a confidence of 0.3 or more in any of the 5 frames"):
        filled_keypoints(np.zeros((5, 17, 3)))
