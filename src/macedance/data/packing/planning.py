"""Which clips of which recordings go to which shard, by the headers alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from macedance.data.music_features import MUSIC_FPS
from macedance.data.packing.keys import unique_keys
from macedance.data.packing.settings import PackSettings
from macedance.data.packing.splits import SPLITS, hashed_splits, read_splits
from macedance.data.packing.tracks import MissingSettingError, NoRecordingError, Source, Track
from macedance.data.packing.windows import Window, draw_windows
from macedance.data.shards.building import fill_shards

MAX_CLIPS_PER_JOB = 32
"""A longer recording is divided: a job's clips are held in memory together."""


@dataclass(frozen=True)
class PackJob:
    """Clips of one recording, to be made at once.

    Attributes:
        track: The recording.
        windows: Where the clips are in it.
        keys: The clips' names.
    """

    track: Track
    windows: tuple[Window, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The recordings of a source.

    Attributes:
        tracks: Those that can be used, in the order of their names.
        left_out: Names of the others, by the reason.
        damaged: What is wrong with each damaged one, by its name.
    """

    tracks: list[Track] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)

    def names(self) -> set[str]:
        """All names, also of what is left out."""
        return {track.name for track in self.tracks}.union(self.damaged, *self.left_out.values())


@dataclass(frozen=True)
class Plan:
    """What is to be packed.

    Attributes:
        shards: The jobs of each shard, by its file name.
        left_out: Names of recordings that are not, by the reason.
        digest: SHA-256 of the shards, and of the sizes and times of all files.
    """

    shards: dict[str, list[PackJob]]
    left_out: dict[str, list[str]]
    digest: str

    def jobs(self) -> list[PackJob]:
        """All jobs in their order."""
        return [job for jobs in self.shards.values() for job in jobs]


def list_tracks(source: Source, *, skip_damaged: bool = False) -> Listing:
    """The recordings of a source.

    Raises:
        ValueError: One is damaged and ``skip_damaged`` is off, or two have the same name.
    """
    listing = Listing()
    paths: dict[str, Path] = {}
    for path in source.paths():
        name = source.name(path)
        if name in paths:
            raise ValueError(
                f"{source.argument}: {str(paths[name])!r} and {str(path)!r} have one name; rename one of them"
            )
        paths[name] = path
        try:
            listing.tracks.append(source.track(path))
        except NoRecordingError as reason:
            listing.left_out.setdefault(str(reason), []).append(name)
        except MissingSettingError:
            raise
        except ValueError as error:
            if not skip_damaged:
                raise damage(source, path, error) from error
            listing.damaged[name] = describe_damage(path, error)
    return listing


def damage(source: Source, path: Path, error: ValueError) -> ValueError:
    """The error to raise for a damaged recording."""
    return ValueError(
        f"{source.argument}: cannot pack {describe_damage(path, error)}; repair or remove it, "
        "or leave out all that is damaged with --skip-damaged"
    )


def describe_damage(path: Path, error: ValueError) -> str:
    """The file of a damaged recording, and what is wrong with it or with another of its files."""
    what = str(error).removeprefix("path: ")
    own_name = f"{str(path)!r} "
    return f"{path}: {'it ' + what.removeprefix(own_name) if what.startswith(own_name) else what}"


def make_plan(
    source: Source, listing: Listing, settings: PackSettings, split_file: Path | None = None
) -> Plan:
    """Assign recordings to splits, clips to recordings, and both to shards.

    Raises:
        FileNotFoundError: There is no such split file.
        ValueError: The split file is wrong, or nothing is left to pack.
    """
    left_out = {reason: list(names) for reason, names in listing.left_out.items()}
    shortest = settings.window_lengths.shortest
    long_enough = [track for track in listing.tracks if track.num_frames >= shortest]
    _leave_out(left_out, f"shorter than {shortest / MUSIC_FPS:g} s", listing.tracks, long_enough)
    if split_file:
        splits = read_splits(split_file, listing.names())
        tracks = [track for track in long_enough if track.name in splits]
        _leave_out(left_out, "not in the split file", long_enough, tracks)
    else:
        tracks = long_enough
        splits = hashed_splits({track.name: track.music_group for track in tracks})
    if not tracks:
        reasons = "".join(f"; {len(names)} {reason}" for reason, names in left_out.items())
        damaged = f"; {len(listing.damaged)} damaged" if listing.damaged else ""
        raise ValueError(f"{source.argument}: nothing to pack in {str(source.folder)!r}{reasons}{damaged}")
    shards = _shards(tracks, splits, settings)
    return Plan(shards, left_out, _digest(shards, source.folder))


def _leave_out(
    left_out: dict[str, list[str]], reason: str, tracks: Sequence[Track], kept: Sequence[Track]
) -> None:
    names = {track.name for track in kept}
    missing = [track.name for track in tracks if track.name not in names]
    if missing:
        left_out[reason] = missing


def _shards(
    tracks: Sequence[Track], splits: Mapping[str, str], settings: PackSettings
) -> dict[str, list[PackJob]]:
    """Jobs in an order that mixes the source's folders and genres, so many to a shard that it is full."""
    keys = unique_keys([track.name for track in tracks])
    mixed = sorted(tracks, key=lambda track: hashlib.sha256(track.name.encode()).digest())
    shards: dict[str, list[PackJob]] = {}
    for split in SPLITS:
        own = [track for track in mixed if splits[track.name] == split]
        jobs = [job for track in own for job in _jobs(track, keys[track.name], settings)]
        shards |= fill_shards(split, jobs, [len(job.windows) for job in jobs], settings.clips_per_shard)
    return shards


def _jobs(track: Track, key: str, settings: PackSettings) -> list[PackJob]:
    windows = draw_windows(track.num_frames, settings.window_lengths, settings.seed, track.name)
    keys = tuple(f"{key}-{number:03d}" for number in range(len(windows)))
    parts = [slice(first, first + MAX_CLIPS_PER_JOB) for first in range(0, len(windows), MAX_CLIPS_PER_JOB)]
    return [PackJob(track, windows[part], keys[part]) for part in parts]


def _digest(shards: Mapping[str, Sequence[PackJob]], folder: Path) -> str:
    digest = hashlib.sha256()
    for name, jobs in shards.items():
        for job in jobs:
            files = [_identity(path, folder) for path in job.track.files]
            digest.update(json.dumps([name, job.track.name, job.windows, files]).encode())
    return digest.hexdigest()


def _identity(path: Path, folder: Path) -> tuple[str, int, int]:
    status = path.stat()
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    return name, status.st_size, status.st_mtime_ns
