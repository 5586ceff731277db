from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from macedance.data.band.timbres import TIMBRES, play_notes

RATE = 24000
every_timbre = pytest.mark.parametrize("timbre", TIMBRES.values(), ids=TIMBRES)


@every_timbre
def test_notes_begin_at_once_and_fade_to_silence(timbre):
    sound = play_notes(timbre, (57, 64), 0.7, RATE)
    assert sound.dtype == np.float32
    assert sound.shape == (round(0.7 * RATE),)
    assert np.isfinite(sound).all()
    assert np.abs(sound[: RATE // 4]).max() > 0.2
    assert np.abs(sound[-10:]).max() < 0.02


@every_timbre
@pytest.mark.parametrize("rate", [24000, 44100])
def test_notes_have_their_pitch(timbre, rate):
    """Nearly all the power lies at multiples of the note's frequency."""
    sound = play_notes(timbre, (60,), 1.2, rate)[rate // 5 :]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    number = np.fft.rfftfreq(len(sound), 1 / rate) / 261.63
    nearest = np.round(number).clip(1)
    in_tune = np.abs(number / nearest - 1) < 0.03
    assert power[in_tune].sum() > 0.9 * power.sum()


def test_plucked_notes_grow_darker():
    def brightness(sound):
        power = np.abs(np.fft.rfft(sound)) ** 2
        return (power * np.arange(len(power))).sum() / power.sum()

    sound = play_notes(TIMBRES["guitar"], (52,), 0.6, RATE)
    assert brightness(sound[7200:9600]) < 0.7 * brightness(sound[:2400])


def test_every_song_has_its_own_example_of_an_instrument():
    rng = np.random.default_rng(0)
    first, second = (TIMBRES["piano"].varied(rng) for _ in range(2))
    assert np.abs(play_notes(first, (60,), 0.5, RATE) - play_notes(second, (60,), 0.5, RATE)).max() > 0.02


@pytest.mark.parametrize("name", [name for name, timbre in TIMBRES.items() if timbre.vibrato])
def test_vibrato_sets_in_after_a_while_without_a_click(name):
    timbre = TIMBRES[name]
    plain, swinging = (
        play_notes(replace(timbre, vibrato=vibrato), (60,), 0.7, RATE) for vibrato in (0.0, timbre.vibrato)
    )
    start = round(0.12 * RATE)
    np.testing.assert_array_equal(plain[:start], swinging[:start])
    assert np.abs(plain - swinging)[start + RATE // 20 :].max() > 0.02
    steps = np.abs(np.diff(swinging))
    assert steps[start - 5 : start + 5].max() <= 1.2 * steps[start - RATE // 50 : start - 5].max()
