"""Tunes of the song synthesiser: a motif, repeated and varied over four bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from macedance.data.band.step_clock import STEPS_PER_BAR

BARS_PER_TUNE = 4
FORMS = ("AABC", "ABAC", "AAAB", "ABAB", "ABCB")
STEP_WEIGHTS = np.tile([1.0, 0.12, 0.7, 0.2], 4) * np.repeat([1.3, 0.9, 1.1, 0.7], 4)


@dataclass(frozen=True)
class Note:
    """A note of a tune.

    Attributes:
        step: Within its bar.
        degree: Steps of the scale above the key note, below zero too.
        num_steps: Length.
    """

    step: int
    degree: int
    num_steps: int


def draw_tune(rng: np.random.Generator) -> tuple[tuple[Note, ...], ...]:
    """The notes of four bars: bars of one letter of the form share rhythm and line, up to their last note."""
    density = int(rng.integers(3, 8))
    motifs: dict[str, tuple[Note, ...]] = {}
    bars = []
    for letter in str(rng.choice(FORMS)):
        if letter in motifs:
            *kept, last = motifs[letter]
            bars.append((*kept, replace(last, degree=last.degree + int(rng.integers(-1, 2)))))
        else:
            start = motifs["A"][-1].degree if motifs else int(rng.integers(0, 5))
            motifs[letter] = _draw_motif(rng, density + int(rng.integers(-1, 2)), start)
            bars.append(motifs[letter])
    return tuple(bars)


def _draw_motif(rng: np.random.Generator, num_notes: int, degree: int) -> tuple[Note, ...]:
    """A bar of notes that wander about the scale and turn back where they stray."""
    weights = STEP_WEIGHTS / STEP_WEIGHTS.sum()
    steps = np.sort(rng.choice(STEPS_PER_BAR, size=num_notes, replace=False, p=weights)).tolist()
    moves = rng.choice([-2, -1, -1, 0, 1, 1, 2, 3], size=num_notes)
    notes = []
    for step, end, move in zip(steps, [*steps[1:], STEPS_PER_BAR], moves, strict=True):
        degree += int(move) if -3 <= degree + move <= 8 else -int(move)
        notes.append(Note(step, degree, min(end - step, 6)))
    return tuple(notes)


def note_pitch(note: Note, scale: Sequence[int], key: int, chord: Sequence[int]) -> int:
    """MIDI number of a note; on the strong beats the chord's nearest tone.

    Args:
        note: Of a tune.
        scale: Semitones above the key note.
        key: MIDI number of degree 0.
        chord: Pitch classes above the key note.

    >>> scale, chord = (0, 2, 4, 7, 9), (0, 4, 7)
    >>> note_pitch(Note(2, 1, 2), scale, 60, chord), note_pitch(Note(0, 1, 2), scale, 60, chord)
    (62, 60)
    """
    octave, place = divmod(note.degree, len(scale))
    pitch = key + 12 * octave + scale[place]
    if note.step % (STEPS_PER_BAR // 2):
        return pitch
    near = (pitch + away for away in (0, -1, 1, -2, 2, -3, 3))
    return next((tone for tone in near if (tone - key) % 12 in chord), pitch)
