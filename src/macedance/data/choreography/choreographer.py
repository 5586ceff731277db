"""Dances to a song: moves over phrases of eight beats, arriving on the beats, with feet that stand still.

T frames, J joints (24). Metres, radians, y up; the dancer begins facing +z and the floor is y = 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from macedance.data.choreography.composition import Composer, DancedMove
from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import Carriage, Dancer
from macedance.data.choreography.dancer_pose import pose_dancer
from macedance.data.choreography.moves import COUNTS_PER_PHRASE, Move
from macedance.data.choreography.score_writer import ScoreWriter
from macedance.data.choreography.styles import STYLE_OF_SONG, STYLES
from macedance.data.songs import Section, Song
from macedance.geometry.skeleton import REST_PELVIS

INNER_FPS = 60
"""Frames per second at which weight and swing are followed; other rates are between."""

MARGIN_SECONDS = 1.0
"""Danced before the first and after the last frame, for what looks ahead and back."""


def choreograph(
    song: Song, seed: int | np.random.Generator, *, fps: float = 30.0
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) as axis-angle and the translation of the model (T, 3), both float32.

    Sections of the same name are danced with the same phrases; breaks are danced calmly.

    Args:
        song: Read for its beats, sections, hits and style, not for its samples.
        seed: Or the generator to draw from.
        fps: Frames per second; frame k is at k / fps seconds.

    Raises:
        ValueError: The song holds no beat.

    >>> from macedance.data.songs import make_song
    >>> poses, trans = choreograph(make_song(8.0, 1), 1)
    >>> poses.shape, trans.shape
    ((240, 24, 3), (240, 3))
    """
    if not len(song.beats):
        raise ValueError("song must hold a beat, and holds none; make it longer")
    rng = np.random.default_rng(seed)
    counts = _counts(_inner_times(song.duration_seconds), song) - _first_phrase_beat(song)
    style = STYLE_OF_SONG[song.style]
    dancer = Dancer.draw(style.carriage, rng)
    score = write_score(song, dancer, Composer(style, song.bpm, rng), float(counts[-1]))
    return _frames(score, dancer, counts, song.duration_seconds, fps)


def perform(
    move: Move,
    *,
    bpm: float = 100.0,
    num_counts: int = 2 * COUNTS_PER_PHRASE,
    energy: float = 0.9,
    fps: float = 30.0,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """One move, danced over and over: poses (T, 24, 3) as axis-angle and the translation of the model (T, 3).

    Args:
        move: Of the vocabulary.
        bpm: Beats per minute.
        num_counts: How long, in beats.
        energy: Of the music that is not there.
        fps: Frames per second; count 1 is the first frame.
        seed: Draws the dancer, who is of the first style whose grammar has the move.
    """
    rng = np.random.default_rng(seed)
    carriage = next((style.carriage for style in STYLES.values() if style.knows(move.name)), Carriage())
    dancer = Dancer.draw(carriage, rng)
    writer = ScoreWriter(60 / bpm, dancer, offbeat=0.5, energy_at=lambda count: energy)
    count = 0
    while count < num_counts + 2:
        writer.write_phrase((DancedMove(move, move.upper),), count)
        count += move.footwork.num_counts
    seconds = num_counts * 60 / bpm
    return _frames(writer.score(np.zeros(0)), dancer, _inner_times(seconds) * bpm / 60, seconds, fps)


def write_score(song: Song, dancer: Dancer, composer: Composer, last_count: float) -> DanceScore:
    """The dance to a song, up to a count.

    Counts begin with the song's first section, which may be before its first sample.
    """
    origin = _first_phrase_beat(song)
    spans = [
        (_beat_number(song, section.start_seconds) - origin, _beat_number(song, section.end_seconds) - origin)
        for section in song.sections
    ]
    spans[-1] = (spans[-1][0], max(spans[-1][1], int(last_count) + 2))
    writer = ScoreWriter(
        60 / song.bpm, dancer, offbeat=song.offbeat, energy_at=_energy_curve(song.sections, spans)
    )
    for section, (first, end) in zip(song.sections, spans, strict=True):
        num_phrases = -(-(end - first) // COUNTS_PER_PHRASE)
        energy = max(section.energy, _end_energy(section))
        for number, phrase in enumerate(composer.phrases(section.name, energy, num_phrases)):
            count = first + number * COUNTS_PER_PHRASE
            if count > last_count + 1:
                break
            writer.write_phrase(phrase, count)
    return writer.score(_counts(song.hits, song) - origin)


def _inner_times(seconds: float) -> np.ndarray:
    """Times (S,) at which weight and swing are followed, for frames from 0 on over so many seconds."""
    num_times = int(np.ceil((seconds + 2 * MARGIN_SECONDS) * INNER_FPS)) + 1
    return np.arange(num_times) / INNER_FPS - MARGIN_SECONDS


def _frames(
    score: DanceScore, dancer: Dancer, counts: np.ndarray, seconds: float, fps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 24, 3) and translations (T, 3) of the frames, from counts (S,) at the inner times."""
    places = (np.arange(round(seconds * fps)) / fps + MARGIN_SECONDS) * INNER_FPS
    poses, positions = pose_dancer(score, dancer, counts, 1 / INNER_FPS, places)
    return poses.astype(np.float32), (positions - REST_PELVIS).astype(np.float32)


def _end_energy(section: Section) -> float:
    return section.energy if section.end_energy is None else section.end_energy


def _energy_curve(sections: tuple[Section, ...], spans: list[tuple[int, int]]) -> Callable[[float], float]:
    """Energy of the music at a count."""
    counts = [count for first, end in spans for count in (first + 1e-3, end - 1e-3)]
    energies = [energy for section in sections for energy in (section.energy, _end_energy(section))]
    return lambda count: float(np.interp(count, counts, energies))


def _counts(times: np.ndarray, song: Song) -> np.ndarray:
    """Times in beats since the first beat, going on at the same tempo before it and after the last."""
    inside = np.interp(times, song.beats, np.arange(len(song.beats)))
    before, after = np.minimum(times - song.beats[0], 0), np.maximum(times - song.beats[-1], 0)
    return inside + (before + after) * song.bpm / 60


def _first_phrase_beat(song: Song) -> int:
    """Number of the beat, zero or below, with which the first section began."""
    return _beat_number(song, song.sections[0].start_seconds)


def _beat_number(song: Song, seconds: float) -> int:
    return round(float(_counts(np.array([seconds]), song)[0]))
