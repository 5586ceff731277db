"""A plain beat of drums, to which one sees whether a move is on the count."""

from __future__ import annotations

import numpy as np

from macedance.data.band.drum_sounds import closed_hat, kick, snare

SAMPLE_RATE = 24_000
PEAK = 0.7


def plain_beat(bpm: float, num_counts: int, seed: int = 0) -> np.ndarray:
    """Mono samples (n,) at `SAMPLE_RATE`: a kick on odd counts, a snare on even ones, a hi-hat on the halves.

    Args:
        bpm: Counts per minute.
        num_counts: How many; the first is the first sample.
        seed: Draws the drums.
    """
    rng = np.random.default_rng(seed)
    odd, even, half = (make(rng, SAMPLE_RATE) for make in (kick, snare, closed_hat))
    step = 60 / bpm * SAMPLE_RATE
    samples = np.zeros(round(num_counts * step), dtype=np.float32)
    for count in range(num_counts):
        for sound, start in ((even if count % 2 else odd, count * step), (0.4 * half, (count + 0.5) * step)):
            place = samples[round(start) :][: len(sound)]
            place += sound[: len(place)]
    return samples * (PEAK / np.abs(samples).max())
