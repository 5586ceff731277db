"""Chords, scales and voicings of the song synthesiser.

Pitches are MIDI note numbers, pitch classes semitones above the key note.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CHORD_TONES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "9": (0, 4, 10, 14),
    "m9": (0, 3, 10, 14),
    "6": (0, 4, 7, 9),
    "sus": (0, 5, 7),
    "5": (0, 7, 12),
}
"""Semitones above the root of every kind of chord."""


@dataclass(frozen=True)
class Chord:
    """A chord: its root above the key note, and its tones above the root."""

    root: int
    tones: tuple[int, ...]

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Semitones above the key note, each once."""
        return tuple(dict.fromkeys((self.root + tone) % 12 for tone in self.tones))


@dataclass(frozen=True)
class Harmony:
    """A scale and the chord sequences that go with it, written `root:kind`."""

    scale: tuple[int, ...]
    progressions: tuple[str, ...]


HARMONIES: dict[str, Harmony] = {
    "major": Harmony(
        (0, 2, 4, 5, 7, 9, 11),
        ("0: 7: 9:m 5:", "0: 9:m 5: 7:", "5: 7: 4:m 9:m", "0: 4:m 5: 7:", "9:m 5: 0: 7:", "0: 5: 2:m 7:"),
    ),
    "minor": Harmony(
        (0, 2, 3, 5, 7, 8, 10),
        (
            "0:m 8: 3: 10:",
            "0:m 5:m 8: 7:",
            "0:m 10: 8: 10:",
            "0:m 3: 10: 5:m",
            "8: 10: 0:m 0:m",
            "0:m 7:m 8: 5:m",
        ),
    ),
    "dorian": Harmony(
        (0, 2, 3, 5, 7, 9, 10),
        ("0:m7 5:9", "0:m7 0:m7 5:7 5:7", "0:m9 10:6 0:m9 5:9", "0:m7 3: 5:7 0:m7", "0:m7 2:m7 3:maj7 2:m7"),
    ),
    "blues": Harmony((0, 3, 5, 6, 7, 10), ("0:9", "0:7 0:7 5:7 0:7", "0:7 5:7 0:7 7:7", "0:9 0:9 5:9 3:9")),
    "minor_sevenths": Harmony(
        (0, 2, 3, 5, 7, 8, 10),
        ("0:m9 5:m9", "0:m7 8:maj7 3:maj7 10:7", "8:maj7 7:m7 0:m9 0:m9", "5:m9 7:m7 8:maj7 7:m7"),
    ),
    "jazz": Harmony(
        (0, 2, 4, 5, 7, 9, 11),
        (
            "2:m7 7:9 0:maj7 9:7",
            "0:6 9:7 2:m7 7:7",
            "4:m7 9:7 2:m9 7:9",
            "0:maj7 0:7 5:maj7 5:m7",
            "5:maj7 4:m7 2:m7 0:6",
        ),
    ),
    "latin_minor": Harmony(
        (0, 2, 3, 5, 7, 8, 11), ("0:m 5:m 7:7 5:m", "0:m 0:m 7:7 7:7", "0:m 10: 8: 7:7", "5:m 0:m 7:7 0:m")
    ),
    "pentatonic_major": Harmony(
        (0, 2, 4, 7, 9), ("0: 9:m 2:sus 7:sus", "0:5 0:5 9:m 7:sus", "9:m 7:sus 0: 2:sus", "0: 7:sus 9:m 0:")
    ),
    "pentatonic_minor": Harmony(
        (0, 3, 5, 7, 10), ("0:m 3: 10: 0:m", "0:5 10:5 5:sus 0:5", "0:m 0:m 3: 10:", "0:m 5:sus 7:5 0:m")
    ),
    "hijaz": Harmony(
        (0, 1, 4, 5, 7, 8, 10), ("0: 1: 0: 10:m", "0: 0: 1: 0:", "0: 5:m 1: 0:", "5:m 0: 1: 0:")
    ),
}


def read_progression(text: str) -> tuple[Chord, ...]:
    """The chords of a written sequence.

    >>> read_progression("0:m 7:7")
    (Chord(root=0, tones=(0, 3, 7)), Chord(root=7, tones=(0, 4, 7, 10)))
    """
    pairs = (symbol.split(":") for symbol in text.split())
    return tuple(Chord(int(root), CHORD_TONES[kind]) for root, kind in pairs)


def voice_leading(chords: Sequence[Chord], key: int, centre: int) -> list[tuple[int, ...]]:
    """Pitches of every chord, each placed so that its voices move as little as they can from the one before.

    Args:
        chords: In the order in which they sound.
        key: Pitch of the key note in any octave.
        centre: Pitch about which the first chord lies.
    """
    voicings: list[tuple[int, ...]] = []
    for chord in chords:
        target = np.array(voicings[-1] if voicings else (centre - 4, centre, centre + 4))
        voicings.append(min(_inversions(chord, key, centre), key=lambda pitches: _distance(pitches, target)))
    return voicings


def _inversions(chord: Chord, key: int, centre: int) -> list[tuple[int, ...]]:
    """Close positions of a chord whose lowest tone lies within an octave and a half below the centre."""
    ordered = sorted((key + pitch_class) % 12 for pitch_class in chord.pitch_classes)
    ladder = [pitch + 12 * octave for octave in range(2, 9) for pitch in ordered]
    starts = (place for place, pitch in enumerate(ladder) if centre - 14 <= pitch <= centre + 3)
    return [tuple(ladder[place : place + len(ordered)]) for place in starts]


def _distance(pitches: tuple[int, ...], target: np.ndarray) -> float:
    """Semitones from every pitch to the nearest of the target's, and those of the mean to the mean."""
    apart = np.abs(np.array(pitches)[:, None] - target)
    return float(apart.min(1).sum() + apart.min(0).sum() + abs(np.mean(pitches) - target.mean()))


def approach_pitch(target: int, current: int, scale: Sequence[int], key: int) -> int:
    """The scale's next pitch to a target, on the side from which the bass comes.

    >>> approach_pitch(45, 40, (0, 2, 4, 5, 7, 9, 11), key=48), approach_pitch(43, 45, (0, 5, 7), key=48)
    (43, 48)
    """
    side = -1 if current < target else 1
    for distance in itertools.count(1):
        if (target + side * distance - key) % 12 in scale:
            return target + side * distance
    raise AssertionError("a scale has at least one tone")
