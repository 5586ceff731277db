"""The bass, the chords and the lead of a song."""

from __future__ import annotations

import numpy as np

from macedance.data.band.bars import Bar, spans
from macedance.data.band.harmony import Chord, approach_pitch
from macedance.data.band.instrument import Instrument
from macedance.data.band.melody import BARS_PER_TUNE, draw_tune, note_pitch
from macedance.data.band.mixer import Mixer
from macedance.data.band.step_clock import STEPS_PER_BAR
from macedance.data.band.style import Style
from macedance.data.band.tonality import Tonality

LOWEST_BASS = 29
BASS_TONES = {"r": 0, "3": 1, "5": 2, "7": -1}
"""Which of a chord's tones the marks of a bass pattern ask for."""

RESTS = {
    "bass": {"intro": 0.6, "break": 0.65, "build": 0.3, "outro": 0.3},
    "chords": {"intro": 0.3, "break": 0.4, "outro": 0.2},
    "lead": {"intro": 0.85, "verse": 0.45, "build": 0.7, "drop": 0.15, "break": 0.65, "outro": 0.8},
}
"""How often players rest in sections of a name."""


class Bassist:
    """Plays the roots, and steps towards the next ones."""

    def __init__(self, rng: np.random.Generator, style: Style, mixer: Mixer, tonality: Tonality) -> None:
        self.tonality = tonality
        self.instrument = Instrument(rng, style.bass_timbres, mixer, level=0.5)
        self.verse, self.drop = rng.choice(style.bass, size=2).tolist()
        self.resting = {name for name, share in RESTS["bass"].items() if rng.random() < share}

    def play(self, bar: Bar) -> None:
        """Mixes a bar in."""
        chord = self.tonality.chord(bar)
        root = self._low(chord.root)
        for step in bar.hit_steps:
            self.instrument.play((root,), bar, step, 1.5, 1.2)
        if bar.section.name in self.resting:
            return
        pattern = self.drop if bar.section.name == "drop" else self.verse
        for step, mark, num_steps in spans(pattern):
            if bar.is_open(step) and not (bar.is_arrival and step == 0):
                pitch = self._pitch(mark, chord, root, bar)
                self.instrument.play((pitch,), bar, step, min(num_steps, 6))

    def _pitch(self, mark: str, chord: Chord, root: int, bar: Bar) -> int:
        if mark == "a":
            target = self._low(self.tonality.chord(bar, bars_later=1).root)
            return approach_pitch(target, root, self.tonality.scale, self.tonality.key)
        if mark == "8":
            return root + 12
        return root + chord.tones[BASS_TONES[mark]] % 12

    def _low(self, root: int) -> int:
        """The lowest pitch of a root that the bass plays."""
        return LOWEST_BASS + (self.tonality.key + root - LOWEST_BASS) % 12


class Accompanist:
    """Plays the chords; pads in breaks, and under drops now and then."""

    def __init__(self, rng: np.random.Generator, style: Style, mixer: Mixer, tonality: Tonality) -> None:
        self.tonality = tonality
        self.instrument = Instrument(rng, style.chord_timbres, mixer, level=0.14)
        self.pad = Instrument(rng, style.pad_timbres, mixer, level=0.1)
        self.verse, self.drop = rng.choice(style.chords, size=2).tolist()
        self.resting = {name for name, share in RESTS["chords"].items() if rng.random() < share}
        padded = {"break": 0.85, "build": 0.3, "drop": 0.4, "intro": 0.4, "verse": 0.15, "outro": 0.4}
        self.padded = {name for name, share in padded.items() if rng.random() < share}

    def play(self, bar: Bar) -> None:
        """Mixes a bar in."""
        name = bar.section.name
        voicing = self.tonality.voicing(bar)
        for step in bar.hit_steps:
            self.instrument.play(voicing, bar, step, 2.0, 1.3)
        if name in self.padded and bar.is_open(0):
            self.pad.play(voicing, bar, 0, float(STEPS_PER_BAR))
        if name in self.resting:
            return
        for step, mark, num_steps in spans(self.drop if name == "drop" else self.verse):
            if not bar.is_open(step) or (bar.is_arrival and step == 0):
                continue
            if mark in "xs":
                self.instrument.play(voicing, bar, step, 1.5 if mark == "s" else num_steps)
            else:
                octave, place = divmod(int(mark) - 1, len(voicing))
                self.instrument.play((voicing[place] + 12 * octave,), bar, step, 4.0, 1.6)


class Lead:
    """Plays the tune, whose every second bar another instrument may answer."""

    def __init__(self, rng: np.random.Generator, style: Style, mixer: Mixer, tonality: Tonality) -> None:
        self.tonality = tonality
        self.callers = [Instrument(rng, style.lead_timbres, mixer, level=0.2) for _ in range(2)]
        self.has_answers = rng.random() < 0.4
        self.tunes = {"verse": draw_tune(rng), "drop": draw_tune(rng)}
        self.key = 67 + (tonality.key - 67) % 12 - int(rng.choice([0, 0, 12]))
        self.resting = {name for name, share in RESTS["lead"].items() if rng.random() < share}

    def play(self, bar: Bar) -> None:
        """Mixes a bar in."""
        if bar.section.name in self.resting:
            return
        tune = self.tunes["drop" if bar.section.name == "drop" else "verse"]
        number = bar.number % BARS_PER_TUNE
        instrument = self.callers[number % 2 if self.has_answers else 0]
        chord = self.tonality.chord(bar).pitch_classes
        for note in tune[number]:
            if bar.is_open(note.step):
                pitch = note_pitch(note, self.tonality.scale, self.key, chord)
                instrument.play((pitch,), bar, note.step, float(note.num_steps))
