"""Generated dances scored beside the ground truth and controls.

Axis letters: N clips, C features, T frames.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from macedance.metrics.controls import late, skating, still, to_other_music, white_noise
from macedance.metrics.dance import Dance
from macedance.metrics.evaluation_warnings import evaluation_warnings
from macedance.metrics.functional.protocols import MotionProtocol, motion_protocol
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.scores import CHANCE, GENERATED, GROUND_TRUTH, ScoreRow
from macedance.metrics.single_process import single_process

STILL, NOISE = "standing still", "white noise"
LATE, OTHER_MUSIC, SKATING = "truth, 0.2 s late", "truth, other music", "truth, skating"
_LATE_SECONDS = 0.2


@dataclass(frozen=True)
class MotionEvaluation:
    """What an evaluation found.

    Attributes:
        protocol: What was computed.
        rows: Scores by set of dances, the ground truth first.
        clip_values: By set and score, each clip's number (N,), NaN where it has none.
        features: By family (``kinetic``, ``geometric``) and set, normalised features (N, C).
        keys: Names of the clips by set.
        warnings: What a reader of the scores should know.
    """

    protocol: MotionProtocol
    rows: dict[str, ScoreRow]
    clip_values: dict[str, dict[str, np.ndarray]]
    features: dict[str, dict[str, np.ndarray]]
    keys: dict[str, list[str]]
    warnings: list[str]


def evaluate_motions(
    generated: Sequence[Dance],
    reference: Sequence[Dance],
    *,
    protocol: str = "default",
    floor_height_metres: float | None = None,
    more_controls: bool = False,
    seed: int = 0,
    on_dance: Callable[[], None] = lambda: None,
) -> MotionEvaluation:
    """Score generated dances, the ground truth itself, and controls made of it: stillness and noise at least.

    Args:
        generated: The dances to score.
        reference: The ground truth.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        floor_height_metres: Where the floor is; None estimates it in each clip.
        more_controls: Also score the ground truth 0.2 s late, with other clips' music, and skating at 0.5 m/s.
        seed: Seed of the noise.
        on_dance: Called after each dance that was scored; :func:`num_scored` tells how many there are.

    Raises:
        ValueError: A side is empty, a dance does not suit the protocol, or there is no such protocol.
    """
    for name, dances in (("generated", generated), ("reference", reference)):
        if not dances:
            raise ValueError(f"{name} must hold at least one dance, got none")
    sets = {GROUND_TRUTH: reference, GENERATED: generated, **_controls(reference, more_controls, seed)}
    metrics = {name: single_process(MotionMetrics(protocol, floor_height_metres)) for name in sets}
    _score(metrics, sets, reference, on_dance)
    keys = {
        name: [dance.key for dance in (generated if name == GENERATED else reference)] for name in metrics
    }
    rows = _rows(metrics, keys)
    return MotionEvaluation(
        protocol=motion_protocol(protocol),
        rows=rows,
        clip_values={name: row_metrics.clip_values() for name, row_metrics in metrics.items()},
        features=_features(metrics),
        keys=keys,
        warnings=evaluation_warnings(generated, reference, metrics[GENERATED], rows[GENERATED].scores),
    )


def num_scored(generated: Sequence[Dance], reference: Sequence[Dance], more_controls: bool = False) -> int:
    """How often :func:`evaluate_motions` will call ``on_dance``."""
    return len(generated) + (6 if more_controls else 3) * len(reference)


def _controls(reference: Sequence[Dance], more: bool, seed: int) -> dict[str, Iterable[Dance]]:
    """Controls by name, each dance made when it is needed."""
    generator = torch.Generator().manual_seed(seed)
    controls: dict[str, Iterable[Dance]] = {}
    if more:
        controls[LATE] = (late(dance, _LATE_SECONDS) for dance in reference)
        controls[OTHER_MUSIC] = to_other_music(reference)
        controls[SKATING] = (skating(dance) for dance in reference)
    controls[STILL] = (still(dance) for dance in reference)
    controls[NOISE] = (white_noise(dance, generator) for dance in reference)
    return controls


def _score(
    metrics: dict[str, MotionMetrics],
    sets: dict[str, Iterable[Dance]],
    reference: Sequence[Dance],
    on_dance: Callable[[], None],
) -> None:
    """Take each set into its metrics, a dance of every set at a time, each beside the reference."""
    truth = metrics[GROUND_TRUTH]
    for dance in reference:
        with _naming(GROUND_TRUTH, dance):
            truth.update_reference([dance.joints], dance.fps)
    for row_metrics in metrics.values():
        row_metrics.use_reference_of(truth)

    def score(name: str, dance: Dance | None) -> None:
        if dance is not None:
            poses = None if dance.poses is None else [dance.poses]
            with _naming(name, dance):
                metrics[name].update([dance.joints], [dance.beats], poses, dance.fps)
            on_dance()

    with ThreadPoolExecutor() as executor:  # torch and scipy release the lock while they compute
        for dances in itertools.zip_longest(*sets.values()):
            list(executor.map(score, sets, dances))


@contextlib.contextmanager
def _naming(name: str, dance: Dance) -> Iterator[None]:
    """Name set and dance in what is raised about it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name}, dance {dance.key}: {error}") from error


def _rows(metrics: dict[str, MotionMetrics], keys: dict[str, list[str]]) -> dict[str, ScoreRow]:
    with ThreadPoolExecutor() as executor:
        found = executor.map(motion_row, metrics.values(), (len(names) for names in keys.values()))
        rows = dict(zip(metrics, found, strict=True))
    truth = rows.pop(GROUND_TRUTH)
    distances = metrics[GENERATED].frechet_distances()
    chance = {name: float(metric.chance()) for name, metric in distances.items()}
    return {
        GROUND_TRUTH: _without(truth, distances),  # 0 by definition
        CHANCE: ScoreRow(rows[GENERATED].num_clips, chance),
        **rows,
    }


def motion_row(metrics: MotionMetrics, num_clips: int) -> ScoreRow:
    """The scores of one set of dances."""
    scores = {name: float(value) for name, value in metrics.compute().items()}
    intervals = metrics.intervals() | {"bas_gap": (scores["bas_gap_low"], scores["bas_gap_high"])}
    return ScoreRow(num_clips, scores, intervals)


def _without(row: ScoreRow, names: Collection[str]) -> ScoreRow:
    scores = {name: value for name, value in row.scores.items() if name not in names}
    intervals = {name: bounds for name, bounds in row.intervals.items() if name not in names}
    return ScoreRow(row.num_clips, scores, intervals)


def _features(metrics: dict[str, MotionMetrics]) -> dict[str, dict[str, np.ndarray]]:
    return {
        distance.features: {
            name: row_metrics.frechet_distances()[key].normalized()[0].numpy()
            for name, row_metrics in metrics.items()
        }
        for key, distance in metrics[GROUND_TRUTH].frechet_distances().items()
    }
