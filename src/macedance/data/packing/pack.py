"""Packing a source into a folder of MA-Data shards."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from macedance.data.motion_statistics import MEMBERS, statistics_of
from macedance.data.music_features import MUSIC_FPS
from macedance.data.packing.clips import make_clips
from macedance.data.packing.planning import Listing, PackJob, Plan, damage, describe_damage
from macedance.data.packing.settings import PackSettings
from macedance.data.packing.splits import SPLITS
from macedance.data.packing.tracks import Source
from macedance.data.shards import OpenShard, read_index
from macedance.data.shards.building import ShardBuilder

FORMAT = 2
"""Part of every set's settings; to be raised when equal settings give other clips."""

_DAMAGE_NOTES = ".damaged.jsonl"


@dataclass(frozen=True)
class PackReport:
    """What was packed and what was not.

    Attributes:
        is_new: False if all of it was there already.
        num_clips: Clips of each split.
        hours: Their length together.
        num_without_music: Those of them that have no music.
        left_out: Number of recordings left out, by the reason.
        damaged: What is wrong with each damaged recording, by its name.
    """

    is_new: bool
    num_clips: dict[str, int]
    hours: float
    num_without_music: int
    left_out: dict[str, int]
    damaged: dict[str, str]


def pack(
    folder: str | Path,
    source: Source,
    plan: Plan,
    listing: Listing,
    settings: PackSettings,
    *,
    skip_damaged: bool = False,
    num_workers: int = 1,
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda num_clips: None,
) -> PackReport:
    """Write a packed set. A run that was cut off goes on after its last whole shard.

    Args:
        folder: Where to.
        source: The recordings.
        plan: Which clips of them; the settings, the source's kind and its files' sizes and times are part of
            what the set is known by.
        listing: What the plan was made from.
        settings: How.
        skip_damaged: Leave damaged recordings out.
        num_workers: Processes; the result does not depend on it.
        overwrite: Replace a set of other settings.
        on_progress: Called with the number of clips newly done, or found done.

    Raises:
        FileExistsError: ``folder`` holds something else and ``overwrite`` is off.
        ValueError: A recording is damaged and ``skip_damaged`` is off.
    """
    folder = Path(folder)
    builder = ShardBuilder(folder, plan.shards, pack_identity(source, plan, settings))
    is_new = builder.build(
        functools.partial(make_or_note, source, settings, folder if skip_damaged else None),
        statistics=lambda: _statistics(folder, plan),
        num_workers=num_workers,
        overwrite=overwrite,
        on_progress=lambda job: on_progress(len(job.windows)),
    )
    return pack_report(folder, plan, listing, is_new=is_new)


def pack_identity(source: Source, plan: Plan, settings: PackSettings) -> dict[str, Any]:
    """What packed clips are known by, in values that JSON knows; it tells no folder."""
    return {
        "packed": type(source).__name__.removesuffix("Source").lower(),
        "format": FORMAT,
        **asdict(settings),
        "video_fps": str(settings.video_fps),
        "up_axis": getattr(source, "up_axis", None),
        "plan": plan.digest,
    }


def make_or_note(
    source: Source, settings: PackSettings, notes: Path | None, job: PackJob
) -> list[dict[str, Any]]:
    """The clips of a job; if it is damaged and there is a folder for notes, none, and a note.

    Raises:
        ValueError: The job is damaged and there is no folder for notes.
    """
    try:
        return make_clips(source, settings, job)
    except ValueError as error:
        if notes is None:
            raise damage(source, job.track.main_file, error) from error
        note = {job.track.name: describe_damage(job.track.main_file, error)}
        with (notes / _DAMAGE_NOTES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(note) + "\n")
        return []


def _statistics(folder: Path, plan: Plan) -> dict[str, Any]:
    """The range of the training motion; empty where there is none."""
    return statistics_of(
        _training_motion([folder / name for name in plan.shards if name.startswith("train-")])
    )


def _training_motion(shards: list[Path]) -> Iterator[dict[str, Any]]:
    for path in shards:
        shard = OpenShard(path)
        for number, members in enumerate(shard.index.samples.values()):
            if MEMBERS[-1] in members:
                yield shard.read(number, MEMBERS)
        shard.close()


def pack_report(folder: Path, plan: Plan, listing: Listing, *, is_new: bool) -> PackReport:
    """What became of a plan's jobs; its shards may hold other clips too."""
    num_clips, num_frames, num_without_music = dict.fromkeys(SPLITS, 0), 0, 0
    damaged, notes = dict(listing.damaged), _notes(folder)
    for name, jobs in plan.shards.items():
        packed = read_index(folder / name).samples
        for job in jobs:
            if job.keys[0] not in packed:
                damaged[job.track.name] = notes.get(job.track.name, "damaged")
                continue
            num_clips[name.partition("-")[0]] += len(job.keys)
            num_without_music += sum("music.npy" not in packed[key] for key in job.keys)
            num_frames += sum(window.num_frames for window in job.windows)
    return PackReport(
        is_new=is_new,
        num_clips=num_clips,
        hours=num_frames / MUSIC_FPS / 3600,
        num_without_music=num_without_music,
        left_out={reason: len(names) for reason, names in plan.left_out.items()},
        damaged=damaged,
    )


def _notes(folder: Path) -> dict[str, str]:
    notes: dict[str, str] = {}
    path = folder / _DAMAGE_NOTES
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        notes |= json.loads(line)
    return notes
