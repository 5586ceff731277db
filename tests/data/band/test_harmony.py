from __future__ import annotations

import itertools

import numpy as np
import pytest

from macedance.data.band.harmony import HARMONIES, approach_pitch, read_progression, voice_leading

every_progression = pytest.mark.parametrize(
    "text", sorted({text for harmony in HARMONIES.values() for text in harmony.progressions})
)


@every_progression
def test_voicings_hold_the_chords_tones(text):
    chords = read_progression(text)
    for key in range(12):
        for chord, pitches in zip(chords, voice_leading(chords, key, 62), strict=True):
            assert {(pitch - key) % 12 for pitch in pitches} == set(chord.pitch_classes)
            assert 44 <= min(pitches) <= max(pitches) <= 80


def test_voices_move_less_than_chords_in_root_position():
    def moved(voicings):
        return np.mean([abs(np.mean(a) - np.mean(b)) for a, b in itertools.pairwise(voicings)])

    chords = read_progression("0: 7: 9:m 5: 0:")
    in_root_position = [[60 + chord.root + tone for tone in chord.tones] for chord in chords]
    assert moved(voice_leading(chords, 0, 62)) < 0.5 * moved(in_root_position)


@pytest.mark.parametrize("name", HARMONIES)
def test_the_bass_comes_to_a_root_by_a_near_tone_of_the_scale(name):
    scale = HARMONIES[name].scale
    for target in range(30, 42):
        from_below, from_above = (approach_pitch(target, start, scale, key=5) for start in (29, 43))
        assert target - 4 <= from_below < target < from_above <= target + 4
        assert {(from_below - 5) % 12, (from_above - 5) % 12} <= set(scale)
