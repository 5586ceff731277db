from __future__ import annotations

import numpy as np
import pytest

from macedance.data.band.drum_sounds import DRUMS, riser

RATE = 24000


@pytest.mark.parametrize("name", DRUMS)
def test_drums_sound_at_once_and_fade(name):
    sound = DRUMS[name][0](np.random.default_rng(1), RATE)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(1)
    assert np.abs(sound).argmax() < 0.03 * RATE
    assert np.abs(sound[-5:]).max() < 0.02


def test_every_song_has_its_own_drums():
    rng = np.random.default_rng(0)
    make, _ = DRUMS["kick"]
    assert np.abs(make(rng, RATE) - make(rng, RATE)).max() > 0.1


def test_risers_grow_until_their_end():
    noise = riser(np.random.default_rng(0), 2.0, RATE)
    loudness = np.sqrt((noise.reshape(8, -1) ** 2).mean(axis=1))
    assert (np.diff(loudness) > 0).all()
    assert loudness[0] < 0.05 * loudness[-1]
