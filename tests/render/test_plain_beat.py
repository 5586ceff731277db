from __future__ import annotations

import numpy as np
import pytest

from macedance.render.plain_beat import SAMPLE_RATE, plain_beat


def loudness_at(samples: np.ndarray, seconds: float) -> float:
    """Of the 30 ms from there on."""
    start = round(seconds * SAMPLE_RATE)
    return float(np.sqrt(np.mean(samples[start : start + round(0.03 * SAMPLE_RATE)] ** 2)))


@pytest.mark.parametrize("bpm", [60.0, 97.0, 180.0])
def test_counts_are_heard_where_they_are(bpm: float) -> None:
    samples = plain_beat(bpm, 8)
    assert len(samples) == round(8 * 60 / bpm * SAMPLE_RATE)
    for count in range(8):
        on_count = loudness_at(samples, count * 60 / bpm)
        on_half = loudness_at(samples, (count + 0.5) * 60 / bpm)
        before = loudness_at(samples, (count + 1) * 60 / bpm - 0.035)
        assert on_count > on_half > before


def test_odd_counts_sound_lower_than_even_ones() -> None:
    samples = plain_beat(120, 4)
    of_counts = [samples[start : start + 2400] for start in range(0, 48_000, 12_000)]
    crossings = [int(np.sum(np.diff(np.sign(sound)) != 0)) for sound in of_counts]
    assert crossings[1] > 3 * crossings[0]
    assert crossings[3] > 3 * crossings[2]


def test_it_is_loud_and_not_clipped() -> None:
    assert np.abs(plain_beat(100, 8)).max() == pytest.approx(0.7)
