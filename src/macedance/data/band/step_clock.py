"""When the steps of a song sound: sixteen to a bar, with the swing of the style."""

from __future__ import annotations

from dataclasses import dataclass

STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16
ACCENTS = (1.15, 0.7, 0.8, 0.7)
"""Loudness of a beat and of the sixteenths after it."""


@dataclass(frozen=True)
class StepClock:
    """Turns steps of the arrangement into seconds of the song.

    Attributes:
        bpm: Beats per minute.
        start_beat: Beat of the arrangement at which the song's first sample lies.
        offbeat: Where the eighth between two beats lies, 0.5 (straight) to 2/3 of a beat.
        swing: Delay of the sixteenths between the eighths, as a share of a step.
    """

    bpm: float
    start_beat: float
    offbeat: float
    swing: float

    @property
    def step_seconds(self) -> float:
        """Length of a step that nothing swings."""
        return 60 / self.bpm / STEPS_PER_BEAT

    def beat_seconds(self, beat: float) -> float:
        """Time of a beat of the arrangement in the song, negative before its first sample."""
        return (beat - self.start_beat) * 60 / self.bpm

    def seconds(self, step: int) -> float:
        """Time of a step of the arrangement in the song, negative before its first sample."""
        beat, part = divmod(step, STEPS_PER_BEAT)
        late = self.swing / STEPS_PER_BEAT
        places = (0.0, self.offbeat / 2 + late, self.offbeat, (1 + self.offbeat) / 2 + late)
        return self.beat_seconds(beat + places[part])
