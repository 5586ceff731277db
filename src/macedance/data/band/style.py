"""What a style of music is: its patterns of one bar, its instruments and its tempo.

Patterns are strings of sixteen steps, `.` a rest. In a drum pattern `x` is a stroke, `o` a soft one and `g` a
ghost note. In a bass pattern `r` is the chord's root, `3`, `5` and `7` its other tones, `8` the octave and
`a` a step towards the next chord's root. In a chord pattern `x` starts a chord that rings until the next
mark, `s` is a short stab, and a digit the chord tone of that number, counted upwards.
"""

from __future__ import annotations

from dataclasses import dataclass

Groove = dict[str, str]
"""Pattern of each drum, by its name in `DRUMS`."""


def groove(text: str) -> Groove:
    """A groove that is written as drums and patterns in turn.

    >>> groove("kick x...x... snare ....x...")
    {'kick': 'x...x...', 'snare': '....x...'}
    """
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


@dataclass(frozen=True)
class Style:
    """How a kind of song is played; every song draws from what is given as several.

    Attributes:
        genre: The dance genre, by FineDance's names, that goes with it.
        bpm: Bounds of the tempo.
        verse: Grooves of verses, two or more.
        drop: Grooves of drops, two or more.
        hits: Rhythms that the whole band marks together.
        fills: What the drums play at a section's end, from the fill's first stroke on.
        harmonies: Names in `HARMONIES`.
        build_share: How often a drop is led to by a build.
        offbeat: Where the eighth between two beats lies, 0.5 straight to 2/3 swung.
        swing: Delay of the sixteenths between the eighths, as a share of a step.
        pump: How far the beat pushes the tones down, 0 to 1.
        drum_level: Bounds of the drums' loudness.
    """

    name: str
    genre: str
    bpm: tuple[float, float]
    verse: tuple[Groove, ...]
    drop: tuple[Groove, ...]
    bass: tuple[str, ...]
    chords: tuple[str, ...]
    hits: tuple[str, ...]
    fills: tuple[Groove, ...]
    harmonies: tuple[str, ...]
    bass_timbres: tuple[str, ...]
    chord_timbres: tuple[str, ...]
    lead_timbres: tuple[str, ...]
    pad_timbres: tuple[str, ...] = ("pad", "strings", "choir")
    build_share: float = 0.6
    offbeat: float = 0.5
    swing: float = 0.0
    pump: float = 0.0
    drum_level: tuple[float, float] = (0.65, 1.1)
