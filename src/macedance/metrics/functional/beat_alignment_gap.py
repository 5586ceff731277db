"""Beat alignment of every motion with its own music and with every other clip's music.

Axis letters: N clips, M music beats of all clips together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from macedance.metrics.functional.beat_alignment import (
    check_direction,
    closeness,
    nearest_beat_distance,
)
from macedance.metrics.functional.protocols import Direction
from macedance.metrics.functional.resampling import (
    in_canonical_order,
    percentile_interval,
    resampled_counts,
)

MIN_SONGS = 2


class PairedAlignment(NamedTuple):
    """Scores by motion, all (N,) float64.

    Attributes:
        own: Score with the motion's own music; NaN where either has no beats.
        others_sum: Sum of the scores with other music.
        others_count: Number of scores in that sum; pairs without beats, and of clips with the same music, are
            left out.
        song: Number of the clip's music, int64; clips whose beats are the same have the same music.
    """

    own: Tensor
    others_sum: Tensor
    others_count: Tensor
    song: Tensor


def paired_beat_alignment(
    music_beats: Sequence[Tensor],
    motion_beats: Sequence[Tensor],
    durations_seconds: Sequence[float],
    sigmas_seconds: Sequence[float],
    direction: Direction = "music_to_motion",
) -> PairedAlignment:
    """Scores of all N² pairs of motion and music, reduced to each motion's own and the sum of the others.

    In each pair only music beats within the motion's duration count. Several dances to one song are no
    controls for one another: pairs of equal music beats are neither own nor other. Time grows with N · M,
    memory with M (with N · motion beats for ``"motion_to_music"``).

    Args:
        music_beats: N tensors of seconds.
        motion_beats: N tensors of seconds, ascending.
        durations_seconds: N lengths of the motions.
        sigmas_seconds: N tolerances, one a motion.
        direction: As in ``beat_alignment``.

    Raises:
        ValueError: ``direction`` is unknown.

    >>> beats = [torch.tensor([0.5, 1.0], dtype=torch.float64), torch.tensor([0.7], dtype=torch.float64)]
    >>> paired_beat_alignment(beats, beats, [2.0, 2.0], [0.05, 0.05]).own
    tensor([1., 1.], dtype=torch.float64)
    """
    check_direction(direction)
    num_clips = len(motion_beats)
    num_music_beats = torch.tensor([len(beats) for beats in music_beats], dtype=torch.int64)
    owners = torch.repeat_interleave(torch.arange(num_clips), num_music_beats)
    times, order = torch.cat([torch.empty(0, dtype=torch.float64), *music_beats]).sort()
    owners = owners[order]
    score = _average_over_music_beats if direction == "music_to_motion" else _average_over_motion_beats
    song = _songs(music_beats)
    own, others_sum, others_count = (
        torch.full((num_clips,), torch.nan, dtype=torch.float64) for _ in range(3)
    )
    for clip, (motion, duration, sigma) in enumerate(
        zip(motion_beats, durations_seconds, sigmas_seconds, strict=True)
    ):
        inside = (times >= 0) & (times < duration)
        scores = score(motion, times[inside], owners[inside], num_clips, sigma)
        own[clip] = scores[clip]
        scores[song == song[clip]] = torch.nan
        others_sum[clip] = scores.nansum()
        others_count[clip] = (~scores.isnan()).sum()
    return PairedAlignment(own, others_sum, others_count, song)


def alignment_gap(pairs: PairedAlignment) -> tuple[Tensor, Tensor]:
    """Mean own score and mean score over all ordered pairs of clips with different music.

    Motions without an own score are left out of both. The second is NaN with fewer than two songs.
    """
    valid = ~pairs.own.isnan()
    return pairs.own[valid].mean(), pairs.others_sum[valid].sum() / pairs.others_count[valid].sum()


def alignment_gap_interval(pairs: PairedAlignment, *, num_resamples: int, seed: int) -> tuple[Tensor, Tensor]:
    """Bounds of the 95 % percentile bootstrap interval of own minus others; NaN with fewer than two songs.

    Songs are drawn, not clips: dances to one song are not independent. The result depends on the set of clips
    and the seed, not on the clips' order.
    """
    valid = ~pairs.own.isnan()
    clips = torch.stack([torch.ones_like(pairs.own), pairs.own, pairs.others_sum, pairs.others_count], dim=1)
    _, song = pairs.song[valid].unique(return_inverse=True)
    num_songs = int(song.max()) + 1 if len(song) else 0
    if num_songs < MIN_SONGS:
        return clips.new_tensor(torch.nan), clips.new_tensor(torch.nan)
    by_song = clips.new_zeros(num_songs, clips.shape[1]).index_add_(0, song, clips[valid])
    drawn = resampled_counts(num_songs, num_resamples, seed) @ in_canonical_order(by_song)
    num_clips, own, others_sum, others_count = drawn.unbind(dim=1)
    return percentile_interval(own / num_clips - others_sum / others_count)


def _songs(music_beats: Sequence[Tensor]) -> Tensor:
    """A number (N,) for each clip's music, the same for equal beats."""
    numbers: dict[tuple[float, ...], int] = {}
    return torch.tensor([numbers.setdefault(tuple(beats.tolist()), len(numbers)) for beats in music_beats])


def _average_over_music_beats(
    motion: Tensor, times: Tensor, owners: Tensor, num_clips: int, sigma_seconds: float
) -> Tensor:
    """(N,) scores of one motion with each clip's music, the mean taken over music beats."""
    if len(motion) == 0:
        return torch.full((num_clips,), torch.nan, dtype=torch.float64)
    values = closeness(nearest_beat_distance(times, motion), sigma_seconds)
    sums = torch.zeros(num_clips, dtype=torch.float64).index_add_(0, owners, values)
    return sums / torch.bincount(owners, minlength=num_clips)


def _average_over_motion_beats(
    motion: Tensor, times: Tensor, owners: Tensor, num_clips: int, sigma_seconds: float
) -> Tensor:
    """(N,) scores of one motion with each clip's music, the mean taken over motion beats.

    All clips' music is laid on one axis, so far apart that no beat's nearest neighbour is another clip's.
    """
    if len(motion) == 0 or len(times) == 0:
        return torch.full((num_clips,), torch.nan, dtype=torch.float64)
    spacing = 4 * torch.maximum(times.max(), motion.max()) + 1
    laid_out = (times + owners * spacing).sort().values
    queries = motion[None, :] + torch.arange(num_clips)[:, None] * spacing
    scores = closeness(nearest_beat_distance(queries, laid_out), sigma_seconds).mean(dim=1)
    return scores.masked_fill(torch.bincount(owners, minlength=num_clips) == 0, torch.nan)
