"""What is danced when: phrases of eight beats, chosen and repeated by the form of the song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from macedance.data.choreography.moves import COUNTS_PER_PHRASE, Move, UpperBody
from macedance.data.choreography.styles import DanceStyle
from macedance.data.choreography.vocabulary import MOVES

FORMS = ("AABA", "ABAB", "AABB", "ABAC")
TRAVEL_SHARE = 0.4
"""How many of the moves with which one can get somewhere do so."""

HALF_TIME_BPM = 112
"""From here on calm parts are often danced at half the tempo."""


@dataclass(frozen=True)
class DancedMove:
    """A move as it is danced at some place of a song.

    Attributes:
        move: Of the vocabulary.
        upper: What the upper body does, the move's own or another.
        pace: Beats to a count of the move.
        size: Of steps and gestures.
        facing: Where the dancer faces afterwards.
        travel: Where the dancer goes, x and z of their own frame, per count.
    """

    move: Move
    upper: UpperBody
    pace: int = 1
    size: float = 1.0
    facing: float = 0.0
    travel: tuple[float, float] = (0.0, 0.0)

    @property
    def num_beats(self) -> int:
        """Its length."""
        return self.move.footwork.num_counts * self.pace


Phrase = tuple[DancedMove, ...]


class Composer:
    """Chooses what is danced, for one song.

    Args:
        style: The grammar.
        bpm: Of the song.
        rng: Draws.
    """

    def __init__(self, style: DanceStyle, bpm: float, rng: np.random.Generator) -> None:
        self.style = style
        self.bpm = bpm
        self.rng = rng
        self.themes: dict[tuple[str, str], Phrase] = {}
        self.forms: dict[str, str] = {}

    def phrases(self, section: str, energy: float, num_phrases: int) -> list[Phrase]:
        """Phrases of eight beats that fill a section.

        Sections of one name share their themes.
        """
        form = self.forms.setdefault(section, str(self.rng.choice(FORMS)))
        phrases: list[Phrase] = []
        for number in range(num_phrases):
            key = (section, form[number % len(form)])
            if key not in self.themes:
                self.themes[key] = self._draw(self.style.moves_of(section), energy)
            phrases.append(self.themes[key])
        if section == "drop" and phrases and self.rng.random() < 0.5:
            phrases[0] = self._opened(phrases[0])
        if section != "build" and num_phrases > 1 and self.rng.random() < 0.55:
            phrases[-1] = self._ended(phrases[-1])
        return phrases

    def _draw(self, names: tuple[str, ...], energy: float) -> Phrase:
        """One move of eight beats, or two of four, often the same."""
        moves = [MOVES[name] for name in names]
        suited = [
            move
            for move in moves
            if move.min_energy <= energy + 0.1 and self._beats(move) <= COUNTS_PER_PHRASE
        ]
        suited = suited or [MOVES["step_touch"]]
        move = suited[self.rng.integers(len(suited))]
        first = self._danced(move, self._pace(move) * (2 if self._in_half_time(move) else 1))
        if first.num_beats == COUNTS_PER_PHRASE:
            return (first,)
        short = [move for move in suited if self._beats(move) < COUNTS_PER_PHRASE]
        other = short[self.rng.integers(len(short))]
        return first, first if self.rng.random() < 0.35 else self._danced(other, self._pace(other))

    def _pace(self, move: Move) -> int:
        return 2 if self.bpm > move.max_bpm else 1

    def _beats(self, move: Move) -> int:
        return move.footwork.num_counts * self._pace(move)

    def _in_half_time(self, move: Move) -> bool:
        """Whether a short move that could be danced at the tempo takes twice as long."""
        is_calm = self.bpm > HALF_TIME_BPM and move.min_energy < 0.5
        return is_calm and 2 * self._beats(move) <= COUNTS_PER_PHRASE and self.rng.random() < 0.3

    def _danced(self, move: Move, pace: int) -> DancedMove:
        facing = 0.0
        if self.rng.random() < self.style.facing and not move.footwork.headings:
            facing = float(self.rng.choice([-1, 1]) * self.rng.uniform(0.35, 0.8))
        size = float(self.rng.uniform(0.85, 1.1))
        return DancedMove(move, self._upper(move), pace, size, facing, self._travel(move))

    def _travel(self, move: Move) -> tuple[float, float]:
        if not move.can_travel or self.rng.random() > TRAVEL_SHARE:
            return 0.0, 0.0
        direction = self.rng.choice([0.0, np.pi]) + self.rng.uniform(-0.3, 0.3)
        distance = self.rng.uniform(0.06, 0.14)
        return float(distance * np.sin(direction)), float(distance * np.cos(direction))

    def _upper(self, move: Move) -> UpperBody:
        if move.has_own_arms or self.rng.random() < 0.35:
            return move.upper
        return self.style.uppers[self.rng.integers(len(self.style.uppers))]

    def _accent(self, num_beats: int) -> DancedMove | None:
        """A move that marks a place, if the style has one of that length."""
        suited = [MOVES[name] for name in self.style.accents if self._beats(MOVES[name]) == num_beats]
        if not suited:
            return None
        move = suited[self.rng.integers(len(suited))]
        return self._danced(move, self._pace(move))

    def _opened(self, phrase: Phrase) -> Phrase:
        """The phrase with an accent in its first half, if it has halves."""
        accent = self._accent(phrase[0].num_beats) if len(phrase) > 1 else None
        return phrase if accent is None else (accent, *phrase[1:])

    def _ended(self, phrase: Phrase) -> Phrase:
        """The phrase with an accent at its end."""
        accent = self._accent(phrase[-1].num_beats)
        return phrase if accent is None else (*phrase[:-1], accent)
