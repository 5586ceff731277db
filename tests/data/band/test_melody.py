from __future__ import annotations

import numpy as np

from macedance.data.band.melody import BARS_PER_TUNE, FORMS, Note, draw_tune, note_pitch
from macedance.data.band.step_clock import STEPS_PER_BAR

MINOR = (0, 2, 3, 5, 7, 8, 10)


def test_tunes_repeat_their_motif():
    """Bars with the same rhythm follow one of the forms; their lines differ in the last note at most."""
    for seed in range(20):
        bars = draw_tune(np.random.default_rng(seed))
        assert len(bars) == BARS_PER_TUNE
        assert any(
            all(bars[a][:-1] == bars[b][:-1] for a in range(4) for b in range(a) if form[a] == form[b])
            for form in FORMS
        )


def test_notes_of_a_bar_do_not_overlap():
    for seed in range(20):
        for bar in draw_tune(np.random.default_rng(seed)):
            ends = [note.step + note.num_steps for note in bar]
            starts = [note.step for note in bar]
            assert all(end <= start for end, start in zip(ends, [*starts[1:], STEPS_PER_BAR], strict=True))


def test_strong_beats_sound_tones_of_the_chord_and_others_of_the_scale():
    for degree in range(-5, 10):
        strong = note_pitch(Note(8, degree, 2), MINOR, 60, (0, 3, 7))
        weak = note_pitch(Note(3, degree, 2), MINOR, 60, (0, 3, 7))
        assert (strong - 60) % 12 in (0, 3, 7)
        assert (weak - 60) % 12 in MINOR
        assert abs(strong - weak) <= 3
