"""The styles that songs are made in: patterns of one bar, tempo-free, as sixteen steps.

In a drum pattern `x` is a stroke, `o` a soft one. In a bass pattern `r` is the chord's root, `5` its fifth,
`8` the octave. In a chord pattern `x` starts a chord that rings on until the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

STEPS_PER_BAR = 16


@dataclass(frozen=True)
class Style:
    """How a kind of song is played.

    Attributes:
        genre: The dance genre, by FineDance's names, that goes with it.
        swing: Delay of every second step, as a share of a step.
        pump: How far the kick pushes chords and bass down, 0 to 1.
        brightness: Of the chords and the lead, 0 to 1.
    """

    name: str
    genre: str
    kick: str
    snare: str
    clap: str
    closed_hat: str
    open_hat: str
    bass: str
    chords: str
    swing: float = 0.0
    pump: float = 0.0
    brightness: float = 0.4

    @property
    def drums(self) -> dict[str, str]:
        """Pattern of each drum."""
        return {
            "kick": self.kick,
            "snare": self.snare,
            "clap": self.clap,
            "closed_hat": self.closed_hat,
            "open_hat": self.open_hat,
        }


STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style(
            name="house",
            genre="Urban",
            kick="x...x...x...x...",
            snare="................",
            clap="....x.......x...",
            closed_hat="o.o.o.o.o.o.o.o.",
            open_hat="..o...o...o...o.",
            bass="..r...r...r...r.",
            chords="x..x..x...x..x..",
            pump=0.7,
            brightness=0.6,
        ),
        Style(
            name="boom_bap",
            genre="Hiphop",
            kick="x......ox.o.....",
            snare="....x.......x...",
            clap="................",
            closed_hat="x.o.x.o.x.o.x.o.",
            open_hat="..............o.",
            bass="r......rr.....5.",
            chords="x.......x.......",
            swing=0.3,
            brightness=0.2,
        ),
        Style(
            name="pop",
            genre="Choreography",
            kick="x.....o.x.......",
            snare="....x.......x...",
            clap="....o.......o...",
            closed_hat="x.o.x.o.x.o.x.o.",
            open_hat="................",
            bass="r.r.r.r.r.r.r.r.",
            chords="x.......x.......",
            brightness=0.5,
        ),
        Style(
            name="funk",
            genre="Locking",
            kick="x.....o.x.o.....",
            snare="....x..o....x...",
            clap="................",
            closed_hat="x.o.x.o.x.o.x.o.",
            open_hat="......o.........",
            bass="r..r..8.r..5..8.",
            chords="..x...x...x...x.",
            swing=0.12,
            brightness=0.7,
        ),
        Style(
            name="trap",
            genre="Hiphop",
            kick="x...o...o...o...",
            snare="................",
            clap="....o...x.......",
            closed_hat="x.o.x.o.x.o.xooo",
            open_hat="................",
            bass="r.......r.....r.",
            chords="x...............",
            brightness=0.35,
        ),
        Style(
            name="electro",
            genre="Popping",
            kick="x...x...x...x...",
            snare="....x.......x...",
            clap="....x.......x...",
            closed_hat="o.o.o.o.o.o.o.oo",
            open_hat="..............o.",
            bass="r.8.r.8.r.8.r.8.",
            chords="x.....x.....x...",
            pump=0.3,
            brightness=0.8,
        ),
        Style(
            name="breakbeat",
            genre="Breaking",
            kick="x.o.....o.o.....",
            snare="....x..o....x...",
            clap="................",
            closed_hat="x.x.x.x.x.x.x.x.",
            open_hat="..........o.....",
            bass="r.....r.8.......",
            chords="x...........x...",
            brightness=0.4,
        ),
        Style(
            name="disco",
            genre="Jazz",
            kick="x...x...x...x...",
            snare="....x.......x...",
            clap="............o...",
            closed_hat="x.o.x.o.x.o.x.o.",
            open_hat="..o...o...o...o.",
            bass="r.8.r.8.5.8.r.8.",
            chords="x..x..x.x..x..x.",
            brightness=0.55,
        ),
    )
}

MINOR, MAJOR = (0, 3, 7), (0, 4, 7)

PROGRESSIONS: tuple[tuple[tuple[int, tuple[int, int, int]], ...], ...] = (
    ((0, MINOR), (8, MAJOR), (3, MAJOR), (10, MAJOR)),
    ((0, MINOR), (5, MINOR), (8, MAJOR), (7, MAJOR)),
    ((0, MAJOR), (7, MAJOR), (9, MINOR), (5, MAJOR)),
    ((0, MAJOR), (9, MINOR), (5, MAJOR), (7, MAJOR)),
    ((0, MINOR), (10, MAJOR), (8, MAJOR), (10, MAJOR)),
    ((2, MINOR), (7, MAJOR), (0, MAJOR), (9, MINOR)),
)
"""Four bars each: (semitones above the key, chord tones above the root)."""
