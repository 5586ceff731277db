"""What a reader of an evaluation of videos should know before believing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from macedance.metrics.evaluation_warnings import CLIPS_PER_FEATURE, MAX_DURATION_RATIO
from macedance.metrics.filmed_dance import FilmedDance
from macedance.metrics.video_metrics import VideoMetrics


def video_warnings(
    generated: Sequence[FilmedDance],
    reference: Sequence[FilmedDance],
    pairs: Mapping[str, FilmedDance],
    metrics: VideoMetrics,
) -> list[str]:
    """Warnings of random networks, too few samples, and videos that do not fit each other, as sentences.

    Args:
        generated: The videos that were scored.
        reference: The ground truth.
        pairs: By the key of a generated video the real one it was compared with.
        metrics: The metrics of the generated videos.
    """
    return [
        *network_warnings(metrics),
        *_of_pairs(generated, pairs),
        *_of_time(generated, reference),
    ]


def network_warnings(metrics: VideoMetrics) -> list[str]:
    """Warnings of random networks and of too few samples, as sentences."""
    return [*_of_networks(metrics), *_of_distances(metrics)]


def _of_networks(metrics: VideoMetrics) -> Iterator[str]:
    random = [name for name in metrics.keys() if name.endswith("[random]")]  # noqa: SIM118
    if random:
        yield (
            f"{', '.join(random)} come from networks with random weights: they show that everything runs, and are "
            "no figures to compare with anybody's"
        )


def _of_distances(metrics: VideoMetrics) -> Iterator[str]:
    for name, distance in metrics.frechet_distances().items():
        num_samples = min(int(distance.num_generated), int(distance.num_real))
        what = "frames" if name.startswith("fid") else "windows"
        if num_samples < 2:
            yield f"{name} is left blank: each side must have two {what} or more"
        elif num_samples < CLIPS_PER_FEATURE * distance.num_features:
            yield (
                f"{num_samples} {what} are too few for {name} over {distance.num_features} features: its bias "
                f"grows as they get fewer, so compare only sets of equal size, and take "
                f"{CLIPS_PER_FEATURE * distance.num_features} or more for figures to publish"
            )


def _of_pairs(generated: Sequence[FilmedDance], pairs: Mapping[str, FilmedDance]) -> Iterator[str]:
    alone = [dance.key for dance in generated if dance.key not in pairs]
    if alone:
        those = f"all {len(alone)}" if len(alone) == len(generated) else f"{len(alone)} of {len(generated)}"
        yield (
            f"{those} generated videos have no real one of their name (first: {alone[0]}), so they have no SSIM, "
            "PSNR and LPIPS"
        )
    uneven = [
        dance.key
        for dance in generated
        if dance.key in pairs and dance.num_frames != pairs[dance.key].num_frames
    ]
    if uneven:
        yield (
            f"{len(uneven)} generated videos have other numbers of frames than the real ones of their name "
            f"(first: {uneven[0]}) and are compared while both last"
        )
    rates = [
        dance.key
        for dance in generated
        if dance.key in pairs and abs(dance.fps - pairs[dance.key].fps) > 0.01
    ]
    if rates:
        yield (
            f"{len(rates)} generated videos have other frame rates than the real ones of their name "
            f"(first: {rates[0]}), so frames of different moments are compared"
        )


def _of_time(generated: Sequence[FilmedDance], reference: Sequence[FilmedDance]) -> Iterator[str]:
    durations = [median(dance.num_frames / dance.fps for dance in side) for side in (generated, reference)]
    if max(durations) > MAX_DURATION_RATIO * min(durations):
        yield (
            f"generated videos last {durations[0]:.1f} s and real ones {durations[1]:.1f} s in the median; "
            "consistency and drift depend on length, so cut them to one"
        )
