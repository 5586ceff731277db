"""Synthetic songs whose beats are known exactly.

A song is a window, beginning at any point of a beat, into an endless arrangement of sections in 4/4.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from macedance.data.band.bars import Bar, plan_bars
from macedance.data.band.form import BEATS_PER_BAR, PlannedSection, plan_window
from macedance.data.band.performance import play_song
from macedance.data.band.step_clock import StepClock
from macedance.data.song_styles import STYLES

MIN_BPM, MAX_BPM = 80.0, 160.0
MIN_SAMPLE_RATE = 4000


@dataclass(frozen=True)
class Section:
    """A stretch of a song in one mood; it lasts a multiple of eight beats.

    Attributes:
        name: "intro", "verse", "build", "drop", "break" or "outro".
        start_seconds: Below zero if the section began before the song's first sample.
        energy: 0 (still) to 1 (full), at the start.
        end_energy: At the end, reached along a straight line; None: as at the start.
    """

    name: str
    start_seconds: float
    end_seconds: float
    energy: float
    end_energy: float | None = None


@dataclass(frozen=True, eq=False)
class Song:
    """A piece of music with its beats.

    Attributes:
        samples: Mono (n,), float32 within -1 and 1.
        beats: Seconds of the beats inside the song, ascending.
        downbeats: Those of them that begin a bar.
        sections: Contiguous, covering the whole song.
        hits: Seconds of the accents that the whole band marks together, ascending.
        offbeat: Where the eighth between two beats lies: 0.5 straight, towards 2/3 swung.
    """

    samples: np.ndarray
    sample_rate: int
    beats: np.ndarray
    downbeats: np.ndarray
    bpm: float
    style: str
    sections: tuple[Section, ...]
    hits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    offbeat: float = 0.5

    @property
    def duration_seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def make_song(
    seconds: float, seed: int | np.random.Generator, *, style: str | None = None, sample_rate: int = 24000
) -> Song:
    """A new song; the same seed gives the same samples.

    Args:
        seconds: Length.
        seed: Or the generator to draw from.
        style: A name of `STYLES`; drawn if not given.
        sample_rate: Samples per second, at least 4000.

    Raises:
        ValueError: The style is unknown, or a number is out of range.

    >>> song = make_song(8.0, 3, style="funk")
    >>> song.samples.shape, song.style, bool(80 <= song.bpm <= 160)
    ((192000,), 'funk', True)
    """
    if style is not None and style not in STYLES:
        raise ValueError(f"style: must be one of {', '.join(STYLES)}, not {style!r}")
    if sample_rate < MIN_SAMPLE_RATE:
        raise ValueError(f"sample_rate must be at least {MIN_SAMPLE_RATE}, got {sample_rate}")
    if isinstance(seed, int) and seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")
    rng = np.random.default_rng(seed)
    played = STYLES[style or str(rng.choice(list(STYLES)))]
    bpm = float(rng.uniform(*played.bpm))
    num_beats = seconds * bpm / 60
    plan, start_beat = plan_window(rng, num_beats, played.build_share)
    clock = StepClock(bpm, start_beat, played.offbeat, played.swing)
    bars = plan_bars(rng, played, plan)
    num_samples = round(seconds * sample_rate)
    samples = play_song(rng, played, bars, clock, num_samples=num_samples, sample_rate=sample_rate)
    numbers = np.arange(np.ceil(start_beat), np.ceil(start_beat + num_beats), dtype=np.int64)
    times = (numbers - start_beat) * 60 / bpm
    return Song(
        samples=samples,
        sample_rate=sample_rate,
        beats=times,
        downbeats=times[numbers % BEATS_PER_BAR == 0],
        bpm=bpm,
        style=played.name,
        sections=tuple(_section(part, clock) for part in plan),
        hits=_hits(bars, clock, seconds),
        offbeat=played.offbeat,
    )


def _section(part: PlannedSection, clock: StepClock) -> Section:
    start, end = clock.beat_seconds(part.first_beat), clock.beat_seconds(part.end_beat)
    return Section(part.name, start, end, part.energy, part.end_energy)


def _hits(bars: list[Bar], clock: StepClock, seconds: float) -> np.ndarray:
    """Seconds of the hits inside the song."""
    times = np.array([clock.seconds(bar.first_step + step) for bar in bars for step in bar.hit_steps])
    return times[(times >= 0) & (times < seconds)]
