"""The report of an inspection: facts of shards and clips, their sums, and the problems."""

from __future__ import annotations

import posixpath
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a shard (path or URL; a manifest's for what is wrong with that) or with a sample in it."""

    shard: str
    key: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ShardFacts:
    """A shard that was inspected; None where it is too damaged to tell."""

    url: str
    num_samples: int | None
    num_bytes: int | None

    @property
    def split(self) -> str:
        """``train``, ``val`` or ``test``, whatever else stands before the first dash of the name, or nothing."""
        return split_of(self.url)


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What one sample is.

    Attributes:
        shard: Path or URL of the shard it is in.
        number: Its place in the shard, from 0.
        key: Its name.
        subset: Which part of the data it belongs to, if its json tells.
        genre: As its json tells.
        fps: Frames per second, as its json tells.
        num_frames: As its json tells, else counted.
        seconds: Duration, as its json tells, else frames / fps, else that of the sound.
        members: Names of its files.
        video_size: Width and height of ``video.mp4``.
        is_sound: Whether nothing is wrong with it.
        num_video_frames: Of video, pose, face and key-points, if its json tells.
    """

    shard: str
    number: int
    key: str
    subset: str | None
    genre: str | None
    fps: float | None
    num_frames: int | None
    seconds: float | None
    members: tuple[str, ...]
    video_size: tuple[int, int] | None
    is_sound: bool
    num_video_frames: int | None = None

    @property
    def split(self) -> str:
        """That of its shard."""
        return split_of(self.shard)


@dataclass(frozen=True)
class Group:
    """The clips of one split and subset.

    Attributes:
        split: Name of the split; empty if the shards' names tell none.
        subset: Name of the subset; None if the samples tell none.
        num_shards: Shards with such clips, and for None also those without any clip.
        num_clips: Samples.
        hours: Sum of the durations that are known.
        seconds: Shortest, median and longest duration; None if no duration is known.
        genres: Clips of each genre; None counts as "none told".
        fps: Clips at each frame rate.
        members: Clips that have each member.
        lacking: For each member that more than half of the clips have, the keys of those that lack it.
        video_sizes: Clips of each size, as "width x height".
    """

    split: str
    subset: str | None
    num_shards: int
    num_clips: int
    hours: float
    seconds: tuple[float, float, float] | None
    genres: dict[str, int]
    fps: dict[str, int]
    members: dict[str, int]
    lacking: dict[str, list[str]]
    video_sizes: dict[str, int]


@dataclass(frozen=True)
class InspectionReport:
    """What an inspection found.

    Attributes:
        path: What was inspected.
        shards: In the order of their names.
        clips: In their order in the shards.
        problems: Those of manifests, then in the order of the shards; empty if all is well.
    """

    path: str
    shards: tuple[ShardFacts, ...]
    clips: tuple[ClipFacts, ...]
    problems: tuple[Problem, ...]

    @property
    def hours(self) -> float:
        """Sum of all durations that are known."""
        return sum(clip.seconds or 0.0 for clip in self.clips) / 3600

    def groups(self) -> list[Group]:
        """The clips by split and subset: train, val, test, then others."""
        clips: dict[tuple[str, str | None], list[ClipFacts]] = {}
        for clip in self.clips:
            clips.setdefault((clip.split, clip.subset), []).append(clip)
        with_clips = {clip.shard for clip in self.clips}
        bare = Counter(shard.split for shard in self.shards if shard.url not in with_clips)
        for split in bare:
            clips.setdefault((split, None), [])
        return [
            _group(split, subset, clips[split, subset], num_bare=0 if subset is not None else bare[split])
            for split, subset in sorted(clips, key=lambda group: (split_rank(group[0]), group[1] or ""))
        ]

    def to_json(self) -> dict[str, Any]:
        """The report without the single clips, in values that JSON knows."""
        return {
            "path": self.path,
            "num_shards": len(self.shards),
            "num_clips": len(self.clips),
            "hours": self.hours,
            "groups": [asdict(group) for group in self.groups()],
            "shards": [asdict(shard) for shard in self.shards],
            "problems": [asdict(problem) for problem in self.problems],
        }


def split_of(shard: str) -> str:
    """The split that a shard's name tells: what stands before its first dash.

    >>> split_of("ma-data/rendered/train-000000.tar"), split_of("clips.tar")
    ('train', '')
    """
    name = posixpath.basename(shard)
    return name.partition("-")[0] if "-" in name else ""


def split_rank(split: str) -> tuple[int, str]:
    """Where a split stands in a list: train, val, test, then others by name."""
    known = ("train", "val", "test")
    return (known.index(split) if split in known else len(known), split)


def _group(split: str, subset: str | None, clips: Sequence[ClipFacts], num_bare: int) -> Group:
    seconds = [clip.seconds for clip in clips if clip.seconds is not None]
    members = Counter(member for clip in clips for member in clip.members)
    common = [member for member, count in members.items() if 2 * count > len(clips)]
    lacking = {member: [clip.key for clip in clips if member not in clip.members] for member in common}
    return Group(
        split=split,
        subset=subset,
        num_shards=len({clip.shard for clip in clips}) + num_bare,
        num_clips=len(clips),
        hours=sum(seconds) / 3600,
        seconds=(min(seconds), statistics.median(seconds), max(seconds)) if seconds else None,
        genres=_counts(clip.genre or "none told" for clip in clips),
        fps=_counts(f"{clip.fps:g}" for clip in clips if clip.fps is not None),
        members=dict(sorted(members.items())),
        lacking={member: keys for member, keys in sorted(lacking.items()) if keys},
        video_sizes=_counts("{} x {}".format(*clip.video_size) for clip in clips if clip.video_size),
    )


def _counts(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
