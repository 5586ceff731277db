"""What happens in every bar of a song beside the groove: hits of the whole band, fills and silences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from macedance.data.band.drum_fills import STOPS
from macedance.data.band.form import BEATS_PER_BAR, PlannedSection
from macedance.data.band.step_clock import STEPS_PER_BAR, STEPS_PER_BEAT
from macedance.data.band.style import Groove, Style

REST = "." * STEPS_PER_BAR


@dataclass(frozen=True)
class Bar:
    """A bar of the arrangement.

    Attributes:
        section: That it belongs to.
        number: Of the bar, from the section's first one, 0.
        hits: Steps that the whole band marks together.
        fill: Pattern of every drum of the fill, if there is one.
        silent_from: Step from which nobody plays.
        is_arrival: A drop begins: one hit, after which all go on as usual.
    """

    section: PlannedSection
    number: int
    hits: str = REST
    fill: Groove = field(default_factory=dict)
    silent_from: int = STEPS_PER_BAR
    is_arrival: bool = False

    @property
    def first_beat(self) -> int:
        """Beat of the arrangement with which the bar begins."""
        return self.section.first_beat + self.number * BEATS_PER_BAR

    @property
    def first_step(self) -> int:
        """Step of the arrangement with which the bar begins."""
        return self.first_beat * STEPS_PER_BAR // BEATS_PER_BAR

    @property
    def is_last(self) -> bool:
        """The next bar belongs to another section."""
        return self.first_beat + BEATS_PER_BAR == self.section.end_beat

    @cached_property
    def hit_steps(self) -> tuple[int, ...]:
        """Steps of the hits within the bar."""
        return tuple(step for step, _ in strokes(self.hits))

    def energy_at(self, step: int) -> float:
        """Energy at a step of the bar."""
        return self.section.energy_at(self.first_beat + step * BEATS_PER_BAR / STEPS_PER_BAR)

    def is_open(self, step: int) -> bool:
        """Whether players may play what they like: not within a beat of a hit, nor when all are silent."""
        if step >= self.silent_from:
            return False
        return self.is_arrival or not any(hit <= step < hit + STEPS_PER_BEAT for hit in self.hit_steps)


def strokes(pattern: str) -> Iterator[tuple[int, str]]:
    """(step, mark) of every step of the pattern that is not a rest.

    >>> list(strokes("x..o"))
    [(0, 'x'), (3, 'o')]
    """
    return ((step, mark) for step, mark in enumerate(pattern) if mark != ".")


def spans(pattern: str) -> Iterator[tuple[int, str, int]]:
    """(step, mark, steps until the next mark or the pattern's end) of every mark.

    >>> list(spans("x..s"))
    [(0, 'x', 3), (3, 's', 1)]
    """
    marks = list(strokes(pattern))
    ends = [*(step for step, _ in marks[1:]), len(pattern)]
    return ((step, mark, end - step) for (step, mark), end in zip(marks, ends, strict=True))


def plan_bars(rng: np.random.Generator, style: Style, plan: list[PlannedSection]) -> list[Bar]:
    """The bars of the sections, in their order."""
    stab = str(rng.choice(style.hits))
    period = int(rng.choice([0, 2, 4, 8], p=[0.2, 0.1, 0.45, 0.25]))
    names_after = [*(part.name for part in plan[1:]), ""]
    bars = []
    for part, name_after in zip(plan, names_after, strict=True):
        for number in range(part.num_beats // BEATS_PER_BAR):
            bar = Bar(part, number)
            if (
                bar.is_last
                and name_after == "drop"
                and rng.random() < (0.7 if part.name == "build" else 0.35)
            ):
                hits, silent_from = STOPS[rng.integers(len(STOPS))]
                bar = Bar(part, number, hits=hits, silent_from=silent_from)
            elif part.name == "drop" and number == 0:
                bar = Bar(part, number, hits="x" + REST[1:], is_arrival=True)
            elif part.name == "drop" and period and number % period == period - 1:
                bar = Bar(part, number, hits=stab)
            elif _has_fill(rng, bar):
                bar = Bar(part, number, fill=style.fills[rng.integers(len(style.fills))])
            bars.append(bar)
    return bars


def _has_fill(rng: np.random.Generator, bar: Bar) -> bool:
    """Most sections end with a fill; verses and drops have some in between."""
    if bar.section.name == "build":
        return False
    if bar.is_last:
        return bool(rng.random() < 0.85)
    return bar.section.name in ("verse", "drop") and bar.number % 4 == 3 and bool(rng.random() < 0.3)
