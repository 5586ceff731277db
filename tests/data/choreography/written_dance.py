"""Songs without sound, dancers without habits, and moves that they dance, for tests of the choreographer."""

from __future__ import annotations

import numpy as np
import torch

from macedance.data.choreography.composition import DancedMove
from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import IDLE_CHANNELS, IDLE_WAVES, Carriage, Dancer
from macedance.data.choreography.moves import RIGHT, Move
from macedance.data.choreography.score_writer import ScoreWriter
from macedance.data.songs import Section, Song
from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import REST_PELVIS, forward_kinematics

FPS = 60
PLAIN_DANCER = Dancer(
    Carriage(), 0.03, np.zeros(3), np.zeros(IDLE_WAVES), np.zeros((IDLE_CHANNELS, IDLE_WAVES))
)


def joints_of(poses: np.ndarray, trans: np.ndarray) -> torch.Tensor:
    """Joints (T, 24, 3) of what `choreograph` and `perform` give."""
    return joints_at(poses, trans + REST_PELVIS)


def joints_at(poses: np.ndarray, positions: np.ndarray) -> torch.Tensor:
    """Joints (T, 24, 3) of what `pose_dancer` gives."""
    rotations = axis_angle_to_matrix(torch.from_numpy(poses).double())
    return forward_kinematics(rotations, torch.from_numpy(positions).double())


def silent_song(
    sections: tuple[Section, ...],
    *,
    bpm: float = 100.0,
    style: str = "pop",
    hits: tuple[float, ...] = (),
    offbeat: float = 0.5,
) -> Song:
    """A song that begins with a beat and sounds like nothing."""
    beats = np.arange(0, sections[-1].end_seconds - 1e-9, 60 / bpm)
    samples = np.zeros(round(sections[-1].end_seconds * 24000), np.float32)
    return Song(samples, 24000, beats, beats[::4], bpm, style, sections, np.array(hits), offbeat)


def written(
    *moves: Move,
    bpm: float = 100.0,
    first_foot: str = RIGHT,
    num_counts: int = 16,
    offbeat: float = 0.5,
    energy: float = 0.9,
    dancer: Dancer = PLAIN_DANCER,
    travel: tuple[float, float] = (0.0, 0.0),
) -> DanceScore:
    """The moves in turn, over and over, from count 0 on."""
    writer = ScoreWriter(60 / bpm, dancer, offbeat=offbeat, energy_at=lambda count: energy)
    writer.weight = 1.0 if first_foot == RIGHT else -1.0
    count, number = 0, 0
    while count < num_counts:
        move = moves[number % len(moves)]
        writer.write_phrase((DancedMove(move, move.upper, travel=travel),), count)
        count, number = count + move.footwork.num_counts, number + 1
    return writer.score(np.zeros(0))


def counts_of(score: DanceScore, num_counts: int = 16) -> np.ndarray:
    """Times in beats of frames, `FPS` a second, from two beats before the first to two after the last."""
    step = 1 / FPS / score.beat_seconds
    return np.arange(-2, num_counts + 2, step)
