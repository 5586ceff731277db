from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.keyframes import Timing, Track, bump, minimum_jerk

TRACK = Track(np.array([0.0, 1.0, 3.0]), np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 5.0]]))


@pytest.mark.parametrize("timing", [Timing(), Timing(0.1, 0.9)])
def test_passes_through_its_keys(timing):
    np.testing.assert_allclose(TRACK.at(TRACK.counts, timing), TRACK.values)


def test_stays_before_the_first_and_after_the_last_key():
    np.testing.assert_allclose(TRACK.at(np.array([-2.0, 9.0]), Timing()), TRACK.values[[0, 2]])


@pytest.mark.parametrize("count", [1.0, 3.0])
def test_rests_at_its_keys(count):
    step = 1e-3
    near = TRACK.at(count + step * np.arange(-1, 2), Timing())
    assert np.abs(np.diff(near, axis=0) / step).max() < 1e-4
    assert np.abs(np.diff(near, n=2, axis=0) / step**2).max() < 0.5


def test_holds_around_its_keys_if_timed_so():
    held = TRACK.at(np.array([0.95, 1.0, 1.1]), Timing(0.1, 0.9))
    np.testing.assert_allclose(held, TRACK.values[[1, 1, 1]])


def test_curves_start_and_end_at_rest():
    progress = np.linspace(0, 1, 1001)
    for curve in (minimum_jerk, bump):
        velocity = np.gradient(curve(progress), progress)
        assert abs(velocity[0]) < 1e-3
        assert abs(velocity[-1]) < 1e-3
    assert (np.diff(minimum_jerk(progress)) >= 0).all()
