from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.packing import WindowLengths
from macedance.data.packing.windows import draw_windows

LENGTHS = WindowLengths.from_seconds(8, 10)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5000), st.integers(0, 9), st.text(max_size=5))
def test_windows_lie_inside_and_are_as_long_as_wanted(num_frames: int, seed: int, name: str) -> None:
    windows = draw_windows(num_frames, LENGTHS, seed, name)
    assert windows == draw_windows(num_frames, LENGTHS, seed, name)
    assert len(windows) == (max(1, round(num_frames / 270)) if num_frames >= 240 else 0)
    for window in windows:
        assert 0 <= window.start < window.stop <= num_frames
        assert 240 <= window.num_frames <= 300


def test_windows_cover_a_recording_evenly() -> None:
    starts = np.array(
        [w.start for name in map(str, range(400)) for w in draw_windows(2700, LENGTHS, 0, name)]
    )
    histogram, _ = np.histogram(starts, bins=10, range=(0, 2430))
    assert histogram.min() > 0.8 * histogram.mean()
    for name in "abc":
        first, *_, last = draw_windows(2700, LENGTHS, 0, name)
        assert first.start < 270
        assert last.stop > 2700 - 300


def test_lengths_take_every_value() -> None:
    lengths = {w.num_frames for name in map(str, range(200)) for w in draw_windows(2700, LENGTHS, 0, name)}
    assert lengths == set(range(240, 301))


def test_another_seed_or_name_gives_other_windows() -> None:
    drawn = [draw_windows(2700, LENGTHS, seed, name) for seed in (0, 1) for name in ("a", "b")]
    assert len(set(drawn)) == 4


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        ((10, 8), "the shorter first"),
        ((0, 8), "positive"),
        ((float("nan"), 8), "positive"),
        ((8, float("inf")), "positive"),
        ((7.9, 10), "at least 8 for motion"),
        ((8.01, 8.02), "whole number of frames"),
    ],
)
def test_lengths_out_of_range_are_refused(seconds: tuple[float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WindowLengths.from_seconds(*seconds, 8.0)
