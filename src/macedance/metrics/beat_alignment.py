"""The beat-alignment metric.

Axis letters: B clips of a batch, N clips in all, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics.utilities.plot import _AX_TYPE, _PLOT_OUT_TYPE

from macedance.metrics.functional.beat_alignment import (
    BeatTiming,
    beat_alignment,
    beat_timing,
    check_direction,
    check_sigma,
    motion_beats,
)
from macedance.metrics.functional.beat_alignment_gap import (
    PairedAlignment,
    alignment_gap,
    alignment_gap_interval,
    paired_beat_alignment,
)
from macedance.metrics.functional.keypoints import xy
from macedance.metrics.functional.protocols import Direction, motion_protocol
from macedance.metrics.functional.resampling import mean_interval
from macedance.metrics.gathered import GatheredMetric

_STATES = {
    "music_times": torch.float64,
    "motion_times": torch.float64,
    "num_music_beats": torch.int64,
    "num_motion_beats": torch.int64,
    "durations_seconds": torch.float64,
    "sigmas_seconds": torch.float64,
}


class BeatAlignmentScore(GatheredMetric):
    """Beat alignment (BAS) of motions with their own music, and by how much it exceeds that with other music.

    White-noise motion scores a higher BAS than real dance, because it has a speed minimum near every beat. It
    does so with any music, though: read the gap, not the score.

    ``compute`` returns a dict of float64 scalars:

    * ``own``: mean score of the clips with their own music;
    * ``shuffled``: mean score over all ordered pairs of a motion with another clip's music; clips with equal
      beats have the same music and are no pair;
    * ``gap``: own minus shuffled;
    * ``gap_low``, ``gap_high``: its 95 % bootstrap interval over songs, wide below about 64;
    * ``num_clips``: clips scored, and ``num_excluded``: clips left out for want of beats.

    In every pair only the music beats within the motion's duration count. A mean over nothing is NaN. Time
    grows with the square of the number of clips, so call ``update`` on batches and ``compute`` once.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        sigma_seconds: Replaces the protocol's tolerance.
        smoothing_seconds: Replaces the protocol's smoothing of the speed.
        direction: Replaces the protocol's, ``"music_to_motion"`` or ``"motion_to_music"``, see
            :func:`~macedance.metrics.functional.beat_alignment`.
        num_resamples: Bootstrap resamples.
        seed: Seed of the bootstrap.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There is no such protocol or direction, or ``sigma_seconds`` is not positive.

    >>> angles = torch.outer(torch.tensor([2.0, 1.3]), torch.arange(240) * torch.pi / 30)
    >>> swings = torch.sin(angles)[:, :, None, None].expand(2, 240, 1, 3)
    >>> metric = BeatAlignmentScore()
    >>> metric.update(swings, [torch.arange(0.23, 8, 0.5), torch.arange(0.37, 8, 0.77)], fps=30.0)
    >>> result = metric.compute()
    >>> bool(result["own"] > 0.9), bool(result["gap"] > 0.3)
    (True, True)
    """

    higher_is_better = True
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    def __init__(
        self,
        protocol: str = "default",
        *,
        sigma_seconds: float | None = None,
        smoothing_seconds: float | None = None,
        direction: Direction | None = None,
        num_resamples: int = 1000,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        form = motion_protocol(protocol)
        self.direction: Direction = form.direction if direction is None else direction
        check_direction(self.direction)
        check_sigma(beat_timing(protocol, fps=1.0).sigma_seconds if sigma_seconds is None else sigma_seconds)
        self.protocol = protocol
        self.sigma_seconds = sigma_seconds
        self.smoothing_seconds = smoothing_seconds
        self.num_resamples = num_resamples
        self.seed = seed
        for name, dtype in _STATES.items():
            self._add_rows(name, dtype)

    def update(
        self,
        joints: Tensor | Sequence[Tensor],
        music_beats: Sequence[Tensor | np.ndarray],
        fps: float = 30.0,
    ) -> None:
        """Take clips and their music's beats in.

        Args:
            joints: (B, T, J, 3) positions, or a list of (T, J, 3) of any lengths; key-points (T, K, 2) for a 2D
                protocol.
            music_beats: B arrays of seconds since the clip's start.
            fps: Frames per second of the motions.

        Raises:
            ValueError: The two differ in number, a clip has another shape, a beat is not finite, or ``fps`` is not
                positive.
        """
        if len(joints) != len(music_beats):
            raise ValueError(
                f"music_beats must hold one array for each clip in joints, "
                f"got {len(music_beats)} for {len(joints)} clips"
            )
        timing = self._timing(fps)
        planar = motion_protocol(self.protocol).dimensions == 2
        for clip, music in zip(joints, music_beats, strict=True):
            clip = xy(clip, fps) if planar else clip
            motion = motion_beats(clip, fps, timing.smoothing_seconds)
            self._append("motion_times", motion)
            self._append("music_times", _finite_beats(music))
            self._append("num_motion_beats", [len(motion)])
            self._append("num_music_beats", [len(music)])
            self._append("durations_seconds", [len(clip) / fps])
            self._append("sigmas_seconds", [timing.sigma_seconds])

    def compute(self) -> dict[str, Tensor]:
        """Own and shuffled score, their gap with its interval, and the counts; see the class."""
        pairs = self._pairs()
        own, shuffled = alignment_gap(pairs)
        low, high = alignment_gap_interval(pairs, num_resamples=self.num_resamples, seed=self.seed)
        excluded = pairs.own.isnan()
        result = {
            "own": own,
            "shuffled": shuffled,
            "gap": own - shuffled,
            "gap_low": low,
            "gap_high": high,
            "num_clips": (~excluded).sum().double(),
            "num_excluded": excluded.sum().double(),
        }
        return {name: value.to(self.device) for name, value in result.items()}

    @property
    def clip_values(self) -> Tensor:
        """Each clip's score with its own music (N,), NaN where either has no beats; this process's own."""
        music, motion, durations, sigmas = self._clips()
        scores = [
            beat_alignment(
                own_music[(own_music >= 0) & (own_music < duration)], own_motion, sigma, self.direction
            )
            for own_music, own_motion, duration, sigma in zip(music, motion, durations, sigmas, strict=True)
        ]
        return torch.stack(scores) if scores else torch.empty(0, dtype=torch.float64)

    def clip_scores(self) -> dict[str, Tensor]:
        """``own``, ``shuffled`` and ``gap`` of each of this process's clips (N,), with the music of the others.

        ``shuffled`` is a clip's mean over other music; over clips with equally many others, its mean is that of
        ``compute``. NaN where there is no such score.
        """
        pairs = self._pairs()
        shuffled = pairs.others_sum / pairs.others_count
        return {"own": pairs.own, "shuffled": shuffled, "gap": pairs.own - shuffled}

    def interval(self, *, num_resamples: int = 1000, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Bounds of the 95 % bootstrap interval of the own score's mean over this process's clips."""
        return mean_interval(self.clip_values, num_resamples=num_resamples, seed=seed)

    def plot(
        self, val: dict[str, Tensor] | Sequence[dict[str, Tensor]] | None = None, ax: _AX_TYPE | None = None
    ) -> _PLOT_OUT_TYPE:
        """Figure and axes of own, shuffled and gap, now or of given results of ``compute``."""
        results = self.compute() if val is None else val
        if isinstance(results, dict):
            return self._plot(_scores_only(results), ax)
        return self._plot([_scores_only(result) for result in results], ax)

    def _timing(self, fps: float) -> BeatTiming:
        timing = beat_timing(self.protocol, fps)
        return BeatTiming(
            timing.sigma_seconds if self.sigma_seconds is None else self.sigma_seconds,
            timing.smoothing_seconds if self.smoothing_seconds is None else self.smoothing_seconds,
        )

    def _clips(self) -> tuple[list[Tensor], list[Tensor], list[float], list[float]]:
        """Music beats, motion beats, duration and tolerance of each clip."""
        music = self._gathered("music_times").split(self._gathered("num_music_beats").tolist())
        motion = self._gathered("motion_times").split(self._gathered("num_motion_beats").tolist())
        durations, sigmas = self._gathered("durations_seconds"), self._gathered("sigmas_seconds")
        return list(music), list(motion), durations.tolist(), sigmas.tolist()

    def _pairs(self) -> PairedAlignment:
        return paired_beat_alignment(*self._clips(), self.direction)


def _finite_beats(beats: Tensor | np.ndarray) -> Tensor:
    """The beats as a tensor, refused if one is no time."""
    times = torch.as_tensor(beats, dtype=torch.float64)
    if not times.isfinite().all():
        raise ValueError("music_beats must be finite seconds; leave out what is NaN or infinite")
    return times


def _scores_only(result: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: result[name] for name in ("own", "shuffled", "gap")}
