"""A pitched instrument of one song."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from macedance.data.band.bars import Bar
from macedance.data.band.mixer import Mixer
from macedance.data.band.step_clock import ACCENTS, STEPS_PER_BEAT
from macedance.data.band.timbres import TIMBRES, play_notes

MAX_NOTE_SECONDS = 3.0


class Instrument:
    """An instrument of one song, which makes every note once."""

    def __init__(self, rng: np.random.Generator, names: Sequence[str], mixer: Mixer, level: float) -> None:
        self.timbre = TIMBRES[str(rng.choice(names))].varied(rng)
        self.mixer = mixer
        self.level = level * rng.uniform(0.75, 1.25)
        self.notes: dict[tuple[tuple[int, ...], float], np.ndarray] = {}

    def play(
        self, pitches: tuple[int, ...], bar: Bar, step: int, num_steps: float, gain: float = 1.0
    ) -> None:
        """Mixes the pitches in together, as loud as the bar's energy asks for."""
        if (pitches, num_steps) not in self.notes:
            seconds = min(num_steps * self.mixer.clock.step_seconds, MAX_NOTE_SECONDS)
            self.notes[pitches, num_steps] = play_notes(self.timbre, pitches, seconds, self.mixer.sample_rate)
        loudness = self.level * gain * ACCENTS[step % STEPS_PER_BEAT] * (0.6 + 0.4 * bar.energy_at(step))
        self.mixer.add(self.mixer.tones, self.notes[pitches, num_steps], bar.first_step + step, loudness)
