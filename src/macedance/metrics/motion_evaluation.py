"""Generated dances scored beside the ground truth and controls.

Axis letters: N clips, C features, T frames.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from macedance.metrics.controls import late, skating, still, to_other_music, white_noise
from macedance.metrics.dance import Dance
from macedance.metrics.functional.protocols import MotionProtocol, motion_protocol
from macedance.metrics.motion_features import MotionFeatureMetric
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.scores import ScoreRow

GROUND_TRUTH, GENERATED = "ground truth", "generated"
HALVES = "truth, half against half"
STILL, NOISE = "standing still", "white noise"
LATE, OTHER_MUSIC, SKATING = "truth, 0.2 s late", "truth, other music", "truth, skating"
_LATE_SECONDS = 0.2
MIN_CLIPS_FOR_GAP = 64
CLIPS_PER_FEATURE = 10


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
    metrics = {name: MotionMetrics(protocol, floor_height_metres) for name in sets}
    truth = metrics[GROUND_TRUTH]
    for dance in reference:
        with _naming(dance):
            truth.update_reference([dance.joints], dance.fps)
    for row_metrics in metrics.values():
        row_metrics.use_reference_of(truth)

    def score(row_metrics: MotionMetrics, dance: Dance | None) -> None:
        if dance is not None:
            with _naming(dance):
                _update(row_metrics, dance)
            on_dance()

    with ThreadPoolExecutor() as executor:  # torch and scipy release the lock while they compute
        for dances in itertools.zip_longest(*sets.values()):
            list(executor.map(score, metrics.values(), dances))
    return MotionEvaluation(
        protocol=motion_protocol(protocol),
        rows=_rows(metrics, {name: len(dances) for name, dances in sets.items()}),
        clip_values={name: metrics[name].clip_values() for name in sets},
        features=_features(metrics),
        keys={name: [dance.key for dance in dances] for name, dances in sets.items()},
        warnings=_warnings(generated, reference, truth),
    )


def num_scored(generated: Sequence[Dance], reference: Sequence[Dance], more_controls: bool = False) -> int:
    """How often :func:`evaluate_motions` will call ``on_dance``."""
    return len(generated) + (6 if more_controls else 3) * len(reference)


def _controls(reference: Sequence[Dance], more: bool, seed: int) -> dict[str, Sequence[Dance]]:
    generator = torch.Generator().manual_seed(seed)
    controls: dict[str, Sequence[Dance]] = {}
    if more:
        controls = {
            LATE: [late(dance, _LATE_SECONDS) for dance in reference],
            OTHER_MUSIC: to_other_music(reference),
            SKATING: [skating(dance) for dance in reference],
        }
    return {
        **controls,
        STILL: [still(dance) for dance in reference],
        NOISE: [white_noise(dance, generator) for dance in reference],
    }


def _update(metrics: MotionMetrics, dance: Dance) -> None:
    poses = None if dance.poses is None else [dance.poses]
    metrics.update([dance.joints], [dance.beats], poses, dance.fps)


@contextlib.contextmanager
def _naming(dance: Dance) -> Iterator[None]:
    """Name the dance in what is raised about it."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{dance.key}: {error}") from error


def _rows(metrics: dict[str, MotionMetrics], num_clips: dict[str, int]) -> dict[str, ScoreRow]:
    rows = {}
    for name, row_metrics in metrics.items():
        scores = {key: float(value) for key, value in row_metrics.compute().items()}
        intervals = row_metrics.intervals()
        intervals["bas_gap"] = (scores["bas_gap_low"], scores["bas_gap_high"])
        rows[name] = ScoreRow(num_clips[name], scores, intervals)
    truth = rows.pop(GROUND_TRUTH)
    distances = metrics[GROUND_TRUTH].frechet_distances()
    halves = {key: float(metric.halves()) for key, metric in distances.items()}
    return {
        GROUND_TRUTH: _without(truth, distances),  # 0 by definition
        HALVES: ScoreRow(truth.num_clips // 2, halves),
        **rows,
    }


def _without(row: ScoreRow, names: Collection[str]) -> ScoreRow:
    scores = {name: value for name, value in row.scores.items() if name not in names}
    intervals = {name: bounds for name, bounds in row.intervals.items() if name not in names}
    return ScoreRow(row.num_clips, scores, intervals)


def _features(metrics: dict[str, MotionMetrics]) -> dict[str, dict[str, np.ndarray]]:
    return {
        distance.features: {
            name: row_metrics[key].normalized()[0].numpy() for name, row_metrics in metrics.items()
        }
        for key, distance in sorted(metrics[GROUND_TRUTH].frechet_distances().items(), reverse=True)
    }


def _warnings(generated: Sequence[Dance], reference: Sequence[Dance], truth: MotionMetrics) -> list[str]:
    form = motion_protocol(truth.protocol)
    found = []
    smallest = min(len(generated), len(reference))
    widths = {key: _width(metric) for key, metric in truth.frechet_distances().items()}
    needed = CLIPS_PER_FEATURE * max(widths.values())
    if smallest < needed:
        found.append(
            f"{smallest} clips are too few for a Fréchet distance over {max(widths.values())} features: its bias "
            f"grows as clips get fewer. Compare with the row '{HALVES}', compare only sets of equal size, and "
            f"take {needed} clips or more for figures to publish"
        )
    if len(generated) < MIN_CLIPS_FOR_GAP:
        found.append(
            f"{len(generated)} generated clips give a wide interval of BAS; take {MIN_CLIPS_FOR_GAP} or more"
        )
    rates = sorted({dance.fps for dance in (*generated, *reference)})
    if form.published_fps is not None and rates != [form.published_fps]:
        found.append(
            f"protocol {form.name} was published for {form.published_fps:g} fps and depends on it; these dances "
            f"have {', '.join(f'{rate:g}' for rate in rates)}"
        )
    if form.normalized_by_itself:
        found.append(
            f"protocol {form.name} normalises each side by its own statistics, as published, which hides "
            "differences of scale; default-2d does not"
        )
    return found


def _width(metric: MotionFeatureMetric) -> int:
    return metric.normalized()[1].shape[1]
