"""The form of a song: which sections follow one another, how long, and how their intensity runs.

The arrangement has no end: an outro leads into the next intro. A song is a window into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BEATS_PER_BAR = 4
PHRASE_BEATS = 8

OPENINGS = {"intro": 0.1, "verse": 0.24, "build": 0.18, "drop": 0.22, "break": 0.18, "outro": 0.08}
"""How often a song's first sample lies in a section of that name."""

LENGTHS = {
    "intro": (8, 16),
    "verse": (16, 32),
    "build": (8, 8, 16),
    "drop": (16, 32),
    "break": (8, 16),
    "outro": (8, 16),
}
"""Beats that a section lasts; a number twice is drawn twice as often."""

ENERGIES = {
    "intro": ((0.2, 0.45), (0.4, 0.6)),
    "verse": ((0.5, 0.7), (0.55, 0.75)),
    "build": ((0.45, 0.65), (0.92, 0.97)),
    "drop": ((0.88, 1.0), (0.88, 1.0)),
    "break": ((0.15, 0.35), (0.2, 0.4)),
    "outro": ((0.5, 0.7), (0.1, 0.25)),
}
"""Bounds of the energy at a section's start and at its end."""


@dataclass(frozen=True)
class PlannedSection:
    """A section of the arrangement; beats count from the start of the first one."""

    name: str
    first_beat: int
    num_beats: int
    energy: float
    end_energy: float

    @property
    def end_beat(self) -> int:
        """The beat with which the next section begins."""
        return self.first_beat + self.num_beats

    def energy_at(self, beat: float) -> float:
        """Energy at a beat of the arrangement."""
        share = (beat - self.first_beat) / self.num_beats
        return self.energy + share * (self.end_energy - self.energy)


def plan_window(
    rng: np.random.Generator, num_beats: float, build_share: float
) -> tuple[list[PlannedSection], float]:
    """Sections that cover a window of the arrangement, and the beat of the first one at which it begins.

    Args:
        rng: Draws the sections.
        num_beats: Length of the window.
        build_share: How often a verse or a break leads to the drop by way of a build.
    """
    name = str(rng.choice(list(OPENINGS), p=list(OPENINGS.values())))
    plan = [_draw_section(rng, name, 0)]
    start_beat = float(rng.uniform(0, plan[0].num_beats))
    while plan[-1].end_beat < start_beat + num_beats:
        name = _next_name(rng, name, build_share)
        plan.append(_draw_section(rng, name, plan[-1].end_beat))
    return plan, start_beat


def _draw_section(rng: np.random.Generator, name: str, first_beat: int) -> PlannedSection:
    energy, end_energy = (float(rng.uniform(*bounds)) for bounds in ENERGIES[name])
    return PlannedSection(name, first_beat, int(rng.choice(LENGTHS[name])), energy, end_energy)


def _next_name(rng: np.random.Generator, name: str, build_share: float) -> str:
    if name in ("intro", "outro"):
        return "verse" if name == "intro" else "intro"
    if name == "build":
        return "drop"
    if name == "drop":
        return str(rng.choice(["break", "verse", "outro"], p=[0.5, 0.35, 0.15]))
    if rng.random() < build_share:
        return "build"
    return "drop" if name == "verse" or rng.random() < 0.5 else "verse"
