from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.choreography.keyframes import Timing, Track, bump, minimum_jerk, plateau

COUNTS = np.array([0.0, 1.0, 3.0])
VALUES = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 5.0]])
TRACK = Track(COUNTS, VALUES)
LATE = Timing(0.2, 0.8)

TRACKS = st.builds(
    lambda lengths, values, flows: Track(
        np.cumsum(lengths), np.array(values[: len(lengths)])[:, None], np.array(flows[: len(lengths)])
    ),
    st.lists(st.floats(0.25, 3.0), min_size=3, max_size=6),
    st.lists(st.floats(-2.0, 2.0), min_size=6, max_size=6),
    st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=6, max_size=6),
)


@pytest.mark.parametrize("timing", [Timing(), Timing(0.1, 0.9)])
def test_passes_through_its_keys(timing):
    np.testing.assert_allclose(TRACK.at(TRACK.counts, timing), TRACK.values)


def test_stays_before_the_first_and_after_the_last_key():
    for flows in (None, np.ones(3)):
        track = Track(COUNTS, VALUES, flows)
        np.testing.assert_allclose(track.at(np.array([-2.0, 9.0]), Timing()), VALUES[[0, 2]])


@pytest.mark.parametrize("count", [1.0, 3.0])
def test_rests_at_its_keys(count):
    step = 1e-3
    near = TRACK.at(count + step * np.arange(-1, 2), Timing())
    assert np.abs(np.diff(near, axis=0) / step).max() < 1e-4
    assert np.abs(np.diff(near, n=2, axis=0) / step**2).max() < 0.5


def test_holds_around_its_keys_if_timed_so():
    held = TRACK.at(np.array([0.95, 1.0, 1.1]), Timing(0.1, 0.9))
    np.testing.assert_allclose(held, TRACK.values[[1, 1, 1]])


@settings(deadline=None, max_examples=100)
@given(TRACKS)
def test_flowing_tracks_pass_their_keys_and_never_overshoot(track):
    for timing in (Timing(), LATE):
        np.testing.assert_allclose(track.at(track.counts, timing), track.values, atol=1e-9)
        counts = np.linspace(track.counts[0], track.counts[-1], 400)
        index, _ = track.progress(counts, timing)
        ends = np.stack([track.values[index], track.values[index + 1]])
        values = track.at(counts, timing)
        assert (values > ends.min(axis=0) - 1e-9).all()
        assert (values < ends.max(axis=0) + 1e-9).all()


@settings(deadline=None, max_examples=100)
@given(TRACKS)
def test_speed_and_acceleration_are_continuous_at_keys(track):
    step, most_jerk = 1e-4, 75e3
    for count in track.counts[1:-1]:
        near = track.at(count + step * np.arange(-2, 3), LATE)[:, 0]
        speeds = np.diff(near) / step
        assert np.abs(np.diff(speeds)).max() < 0.2
        accelerations = np.diff(speeds) / step
        assert np.abs(np.diff(accelerations)).max() < 2 * step * most_jerk


def test_keys_that_all_stop_are_as_without_flows():
    counts = np.linspace(-1, 4, 200)
    stopping = Track(COUNTS, VALUES, np.zeros(3))
    np.testing.assert_allclose(stopping.at(counts, LATE), TRACK.at(counts, LATE), atol=1e-12)


def test_a_key_that_flows_keeps_its_speed():
    line = np.arange(5.0)[:, None]
    inner = np.linspace(1, 3, 100)
    flowing = Track(np.arange(5.0), line, np.ones(5)).at(inner, LATE)
    np.testing.assert_allclose(flowing[:, 0], inner, atol=1e-9)
    steps = 1e-4 * np.array([-1, 1])
    for flow in (0.0, 0.5, 1.0):
        track = Track(np.arange(5.0), line, np.full(5, flow))
        near = track.at(2.0 + steps, Timing())[:, 0]
        assert np.diff(near)[0] / 2e-4 == pytest.approx(flow, abs=1e-3)


def test_a_flowing_key_at_which_a_channel_turns_back_stops_it():
    track = Track(COUNTS, np.array([[0.0], [1.0], [0.5]]), np.ones(3))
    near = track.at(1.0 + 1e-4 * np.array([-1, 0, 1]), LATE)
    assert np.abs(np.diff(near, axis=0)).max() < 1e-7


def test_curves_start_and_end_at_rest():
    progress = np.linspace(0, 1, 100_001)
    for curve in (minimum_jerk, bump, lambda shares: plateau(shares, 0.3, 0.2)):
        velocity = np.gradient(curve(progress), progress)
        assert abs(velocity[0]) < 1e-3
        assert abs(velocity[-1]) < 1e-3
    assert (np.diff(minimum_jerk(progress)) >= 0).all()


def test_a_plateau_is_level_between_its_rise_and_its_fall():
    np.testing.assert_allclose(plateau(np.array([0.3, 0.5, 0.8]), 0.3, 0.2), 1)
    assert 0 < plateau(np.array([0.15]), 0.3, 0.2)[0] < 1
