"""Figures of dances to several windows of several songs, with several seeds each.

Axis letters: W windows, S seeds, R resamples, N clips, T frames, J joints. Dances are in the order of their windows,
those of a window in the order of their seeds, so that (N,) figures are (W, S) figures, flattened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from music_windows import MusicWindow, Track
from torch import Tensor

from macedance.data.music_features import MUSIC_FPS, music_beats
from macedance.geometry.motion import Motion
from macedance.metrics.functional.beat_alignment import beat_alignment, motion_beats
from macedance.metrics.functional.resampling import percentile_interval, resampled_counts
from macedance.metrics.motion_metrics import MotionMetrics

FLOOR_HEIGHT_METRES = 0.0
CLIP_METRICS = (
    "jerk",
    "fsr",
    "pfc",
    "floor_penetration",
    "floor_float",
    "joint_limits",
    "self_intersection",
)
NUM_RESAMPLES = 1000


class Danced(NamedTuple):
    """A dance, and the features (T, 35) of its music."""

    motion: Motion
    features: np.ndarray

    def part(self, first: int, stop: int) -> Danced:
        """The dance and the music from one frame to another."""
        return Danced(self.motion.crop(first, stop), self.features[first:stop])


class DanceSet(NamedTuple):
    """Dances (N,) to every window with every seed, and what they are danced to."""

    dances: list[Danced]
    windows: list[MusicWindow]
    tracks: list[Track]

    @property
    def num_seeds(self) -> int:
        """Dances to each window."""
        return len(self.dances) // len(self.windows)

    @property
    def songs(self) -> Tensor:
        """The song's number (W,) of each window."""
        return torch.tensor([window.song for window in self.windows])

    @property
    def names(self) -> list[str]:
        """Song, place in it, and seed of each dance."""
        return [
            f"{self.tracks[window.song].name} from {window.start_seconds:.1f} s, seed {seed}"
            for window in self.windows
            for seed in range(self.num_seeds)
        ]

    def groups(self) -> dict[str, Tensor]:
        """Which windows, bool (W,), are a song's, by its name, and all of them."""
        groups = {}
        for song, track in enumerate(self.tracks):
            of_song = self.songs == song
            groups[f"{track.name} ({int(of_song.sum())} x {self.num_seeds})"] = of_song
        return {**groups, "all songs": torch.ones(len(self.windows), dtype=torch.bool)}

    def part(self, first: int, stop: int) -> DanceSet:
        """All dances from one of their frames to another."""
        return self._replace(dances=[dance.part(first, stop) for dance in self.dances])


def measured(dances: Sequence[Danced]) -> MotionMetrics:
    """The package's metrics of dances, with the tracked beats of their music."""
    metrics = MotionMetrics(floor_height_metres=FLOOR_HEIGHT_METRES)
    metrics.update(
        [dance.motion.joints().double() for dance in dances],
        [music_beats(dance.features) for dance in dances],
        [dance.motion.poses for dance in dances],
        MUSIC_FPS,
    )
    return metrics


def clip_figures(dances: Sequence[Danced]) -> dict[str, Tensor]:
    """Figures (N,) of each dance: the metrics of its body, its mean joint speed in m/s, and :func:`travelled`."""
    metrics = measured(dances)
    speeds = [dance.motion.joints().double().diff(dim=0).norm(dim=-1).mean() for dance in dances]
    ends, farthest = zip(*(travelled(dance.motion) for dance in dances), strict=True)
    return {
        **{name: metrics[name].clip_values for name in CLIP_METRICS},
        "speed": torch.stack(speeds) * MUSIC_FPS,
        "end": torch.stack(ends),
        "farthest": torch.stack(farthest),
    }


def travelled(motion: Motion) -> tuple[Tensor, Tensor]:
    """How far on the floor the pelvis is from where it began, in metres: at the end, and at most."""
    pelvis = motion.joints()[:, 0, [0, 2]].double()
    distances = (pelvis - pelvis[0]).norm(dim=-1)
    return distances[-1], distances.max()


def alignment_scores(danced: DanceSet) -> Tensor:
    """Beat alignment (W, S, W) of the dances of each window and seed with the music of each window."""
    first_of_windows = danced.dances[:: danced.num_seeds]
    music = [torch.from_numpy(music_beats(dance.features)) for dance in first_of_windows]
    motions = [motion_beats(dance.motion.joints(), MUSIC_FPS) for dance in danced.dances]
    scores = [beat_alignment(beats, motion) for motion in motions for beats in music]
    return torch.stack(scores).view(len(music), danced.num_seeds, len(music))


def own_and_other(
    scores: Tensor, songs: Tensor, music_weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Each dance's score with its own music (W, S), and its mean with the music of the other songs.

    Args:
        scores: (W, S, W) of :func:`alignment_scores`; NaN where there are no beats.
        songs: The song's number (W,) of each window; windows of one song are no other music for one another.
        music_weights: (R, W); the second result is (R, W, S) with them, (W, S) without.
    """
    own = scores.diagonal(dim1=0, dim2=2).T
    weights = torch.ones(1, len(songs), dtype=scores.dtype) if music_weights is None else music_weights
    allowed = weights[:, None] * (songs[:, None] != songs)
    sums = torch.einsum("rwv,wsv->rws", allowed, scores.nan_to_num())
    other = sums / torch.einsum("rwv,wsv->rws", allowed, (~scores.isnan()).to(scores))
    return own, other[0] if music_weights is None else other


def gap_interval(scores: Tensor, songs: Tensor, chosen: Tensor) -> tuple[float, float]:
    """Bounds of the 95 % bootstrap interval of the mean of own minus other music over the dances of chosen windows.

    Windows are drawn within each song, as dances and as other music, and so are seeds, which all windows share.
    The songs stay as they are. NaN if the chosen dances leave nothing to draw: one seed, and one window a song.

    Args:
        scores: As of :func:`own_and_other`.
        songs: As there.
        chosen: Bool (W,).
    """
    num_windows, num_seeds, _ = scores.shape
    windows = torch.zeros(NUM_RESAMPLES, num_windows, dtype=scores.dtype)
    for song in songs.unique().tolist():
        of_song = songs == song
        windows[:, of_song] = resampled_counts(int(of_song.sum()), NUM_RESAMPLES, seed=1 + song)
    seeds = resampled_counts(num_seeds, NUM_RESAMPLES, seed=0)
    if num_seeds == 1 and len(songs[chosen].unique()) == int(chosen.sum()):
        return float("nan"), float("nan")
    own, other = own_and_other(scores, songs, windows)
    gaps = (own - other)[:, chosen]
    weights = windows[:, chosen, None] * seeds[:, None] * ~gaps.isnan()
    low, high = percentile_interval((weights * gaps.nan_to_num()).sum(dim=(1, 2)) / weights.sum(dim=(1, 2)))
    return float(low), float(high)


def body_distances(motions: Sequence[Motion]) -> Tensor:
    """Mean distance (N, N) in metres of the joints of any two dances of one length, seen from the pelvis."""
    joints = torch.stack([motion.joints() for motion in motions])
    bodies = joints - joints[:, :, :1]
    return torch.stack([(bodies - body).norm(dim=-1).mean(dim=(1, 2)) for body in bodies])
