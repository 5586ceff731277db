"""How an inspection's numbers are told."""

from __future__ import annotations

from collections.abc import Mapping

from macedance.data.inspection.report import Group, InspectionReport


def totals_text(report: InspectionReport) -> str:
    """Shards, clips and their duration."""
    shards, clips = num_of(len(report.shards), "shard"), num_of(len(report.clips), "clip")
    return f"{shards}, {clips}, {duration_text(report.hours)}"


def num_of(number: int, noun: str) -> str:
    """A number with its noun.

    >>> num_of(1, "clip"), num_of(1200, "clip")
    ('1 clip', '1,200 clips')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration_text(hours: float) -> str:
    """A length of time in words.

    >>> duration_text(0.02), duration_text(0.5), duration_text(116.2)
    ('72 s', '30 min', '116.2 h')
    """
    if hours < 1 / 12:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.1f} h"


def counts_text(counts: Mapping[str, int], num_clips: int | None = None) -> str:
    """Names with their counts, but for those that all clips have.

    >>> counts_text({"json": 8, "audio.flac": 7}, 8)
    'json, audio.flac (7)'
    """
    return ", ".join(name if count == num_clips else f"{name} ({count})" for name, count in counts.items())


def group_texts(group: Group) -> dict[str, str]:
    """What there is to tell of a group, by its heading."""
    seconds = "" if group.seconds is None else "{:.2f} / {:.2f} / {:.2f}".format(*group.seconds)
    lacking = {member: len(keys) for member, keys in group.lacking.items()}
    return {
        "shards": str(group.num_shards),
        "clips": str(group.num_clips),
        "hours": f"{group.hours:.3f}",
        "seconds, min / median / max": seconds,
        "fps": counts_text(group.fps, group.num_clips),
        "genres": counts_text(group.genres),
        "members": counts_text(group.members, group.num_clips),
        "samples that lack one": counts_text(lacking),
        "video sizes": counts_text(group.video_sizes, group.num_clips),
    }
