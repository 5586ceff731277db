"""Dances to a song: moves over phrases of eight counts, arriving on the beats, with feet that stand still.

T frames, J joints (24). Metres, radians, y up; the dancer begins facing +z and the floor is y = 0.
"""

from __future__ import annotations

import numpy as np

from macedance.data.dance_score import DanceScore, ScoreWriter
from macedance.data.dancer_pose import pose_dancer
from macedance.data.footwork import BREAK_FOOTWORK, COUNTS_PER_PHRASE, FOOTWORK, Footwork
from macedance.data.songs import Section, Song
from macedance.data.upper_body import BREAK_UPPER_BODIES, UPPER_BODIES, UpperBody

FAST_BEAT_SECONDS = 60 / 116
"""Below this the arms take two beats to a pose."""

Phrase = tuple[tuple[Footwork, ...], UpperBody]


def choreograph(
    song: Song, seed: int | np.random.Generator, *, fps: float = 30.0
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) as axis-angle and the translation of the model (T, 3), both float32.

    Sections of the same name are danced with the same phrases; breaks get poses that are held.

    Args:
        song: Read for its beats and sections, not for its samples.
        seed: Or the generator to draw from.
        fps: Frames per second; frame k is at k / fps seconds.

    >>> from macedance.data.songs import make_song
    >>> poses, trans = choreograph(make_song(8.0, 1), 1)
    >>> poses.shape, trans.shape
    ((240, 24, 3), (240, 3))
    """
    rng = np.random.default_rng(seed)
    times = np.arange(round(song.duration_seconds * fps)) / fps
    counts = _counts(times, song.beats) - _first_phrase_beat(song)
    score = _write_score(song, rng, float(counts[-1]))
    return pose_dancer(score, counts, rng)


def _counts(times: np.ndarray, beats: np.ndarray) -> np.ndarray:
    """Times in beats since the first beat, going on at the same tempo before it and after the last."""
    numbers = np.arange(len(beats))
    inside = np.interp(times, beats, numbers)
    before = np.minimum(times - beats[0], 0) / (beats[1] - beats[0])
    after = np.maximum(times - beats[-1], 0) / (beats[-1] - beats[-2])
    return inside + before + after


def _first_phrase_beat(song: Song) -> int:
    """Number of the beat, zero or below, with which the first section began."""
    return _beat_number(song, song.sections[0].start_seconds)


def _beat_number(song: Song, seconds: float) -> int:
    return round(float(_counts(np.array([seconds]), song.beats)[0]))


def _write_score(song: Song, rng: np.random.Generator, last_count: float) -> DanceScore:
    beat_seconds = float(np.diff(song.beats).mean())
    writer = ScoreWriter(beat_seconds, arm_counts=2 if beat_seconds < FAST_BEAT_SECONDS else 1)
    phrases: dict[tuple[str, int], Phrase] = {}
    origin = _first_phrase_beat(song)
    for section in song.sections:
        first = _beat_number(song, section.start_seconds) - origin
        end = _beat_number(song, section.end_seconds) - origin
        if section is song.sections[-1]:
            end = max(end, int(last_count) + 2)
        for number, count in enumerate(range(first, end, COUNTS_PER_PHRASE)):
            if count > last_count + 1:
                break
            key = (section.name, number % 2)
            if key not in phrases:
                phrases[key] = _draw_phrase(section, rng)
            writer.write_phrase(*phrases[key], count=count, energy=section.energy)
    return writer.score()


def _draw_phrase(section: Section, rng: np.random.Generator) -> Phrase:
    """Footwork that fills eight counts, often one move danced to both sides, and what goes with it above."""
    if section.name == "break":
        suited = [move for move in FOOTWORK if move.name in BREAK_FOOTWORK]
        upper_bodies: tuple[UpperBody, ...] = BREAK_UPPER_BODIES
    else:
        suited = [move for move in FOOTWORK if move.min_energy <= section.energy and move.name != "lunge"]
        upper_bodies = UPPER_BODIES
    chosen: list[Footwork] = [suited[rng.integers(len(suited))]]
    if chosen[0].num_counts < COUNTS_PER_PHRASE:
        short = [move for move in suited if move.num_counts < COUNTS_PER_PHRASE]
        chosen.append(chosen[0] if rng.random() < 0.6 else short[rng.integers(len(short))])
    return tuple(chosen), upper_bodies[rng.integers(len(upper_bodies))]
