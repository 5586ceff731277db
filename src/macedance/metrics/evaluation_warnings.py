"""What a reader of an evaluation should know before believing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from macedance.metrics.dance import Dance
from macedance.metrics.functional.protocols import motion_protocol
from macedance.metrics.motion_metrics import MotionMetrics
from macedance.metrics.scores import CHANCE

MIN_CLIPS_FOR_GAP = 64
CLIPS_PER_FEATURE = 10
MAX_DURATION_RATIO = 1.2


def evaluation_warnings(
    generated: Sequence[Dance],
    reference: Sequence[Dance],
    metrics: MotionMetrics,
    scores: Mapping[str, float],
) -> list[str]:
    """Warnings of too few clips, clips without beats, and sides or rates that do not fit, as sentences.

    Args:
        generated: The dances that were scored.
        reference: The ground truth.
        metrics: The metrics of the generated dances.
        scores: Their scores.
    """
    return [
        *_of_distances(min(len(generated), len(reference)), metrics),
        *_of_rhythm(generated, reference, scores),
        *_of_time(generated, reference, metrics.protocol),
    ]


def _of_distances(num_clips: int, metrics: MotionMetrics) -> Iterator[str]:
    form = motion_protocol(metrics.protocol)
    num_features = max(metric.num_features for metric in metrics.frechet_distances().values())
    needed = CLIPS_PER_FEATURE * num_features
    if num_clips < needed:
        yield (
            f"{num_clips} {'clip is' if num_clips == 1 else 'clips are'} too few for a Fréchet distance over "
            f"{num_features} features: its bias grows as clips get fewer. Compare with the row '{CHANCE}', "
            f"compare only sets of equal size, and take {needed} clips or more for figures to publish"
        )
    if form.normalized_by_itself:
        yield (
            f"protocol {form.name} normalises each side by its own statistics, as published, which hides "
            "differences of scale; default-2d does not"
        )


def _of_rhythm(
    generated: Sequence[Dance], reference: Sequence[Dance], scores: Mapping[str, float]
) -> Iterator[str]:
    for name, dances in (("generated", generated), ("real", reference)):
        silent = [dance.key for dance in dances if not len(dance.beats)]
        if silent:
            those = f"all {len(dances)}" if len(silent) == len(dances) else f"{len(silent)} of {len(dances)}"
            yield (
                f"{those} {name} dances have no music with beats and are left out of BAS (first: {silent[0]}); "
                "songs are given with --music DIR, named as the dances"
            )
    num_scored = int(scores["bas_num_clips"])
    if not num_scored:
        return
    if len({tuple(dance.beats.tolist()) for dance in generated if len(dance.beats)}) == 1:
        yield "all generated dances have the same music, so there is none to compare with"
    elif num_scored < MIN_CLIPS_FOR_GAP:
        yield f"{num_scored} clips give a wide interval of BAS; take {MIN_CLIPS_FOR_GAP} songs or more"


def _of_time(generated: Sequence[Dance], reference: Sequence[Dance], protocol: str) -> Iterator[str]:
    form = motion_protocol(protocol)
    rates = sorted({dance.fps for dance in (*generated, *reference)})
    if form.published_fps is not None and rates != [form.published_fps]:
        yield (
            f"protocol {form.name} was published for {form.published_fps:g} fps and depends on it; these dances "
            f"have {', '.join(f'{rate:g}' for rate in rates)}"
        )
    durations = [
        median(len(dance.joints[: form.max_frames]) / dance.fps for dance in dances)
        for dances in (generated, reference)
    ]
    if max(durations) > MAX_DURATION_RATIO * min(durations):
        yield (
            f"generated dances last {durations[0]:.1f} s and real ones {durations[1]:.1f} s in the median; "
            "features of clips of different lengths differ by that alone, so cut them to one"
        )
