"""Synthetic MA-Data mixed with recorded dances, in the same shards."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from macedance.data.motion_statistics import motion_statistics
from macedance.data.packing import (
    AmassSource,
    Listing,
    PackJob,
    PackReport,
    PackSettings,
    Plan,
    Track,
    WindowLengths,
    list_tracks,
    make_plan,
)
from macedance.data.packing.pack import make_or_note, pack_identity, pack_report
from macedance.data.packing.tracks import NoRecordingError
from macedance.data.shards.building import ShardBuilder, fill_shards
from macedance.data.synthesis import MIN_SECONDS, SynthesisSettings, make_clip
from macedance.geometry.motion import Motion
from macedance.metrics.functional.floor_contact import estimate_floor_height

SUBSET = "real"
"""What the json of recorded clips calls them."""

_NUM_COMPARED_BYTES = 2**20

MixJob = tuple[str, int] | PackJob
"""A made-up clip's split and number, or clips of a recording."""


@dataclass(frozen=True)
class DanceSource(AmassSource):
    """Motions in the manner of AMASS with sounds of their names; those without sound are left out.

    Recordings whose sounds are copies of one song are to the same music. Each is put where made-up dancers are: on
    a floor at height 0, around the middle of it.
    """

    argument: ClassVar[str] = "motions"

    def track(self, path: Path) -> Track:
        """What the headers tell."""
        track = super().track(path)
        if track.music is None:
            raise NoRecordingError("motions without sound of the same name")
        return replace(track, music_group=_song_identity(track.music))

    def motion(self, track: Track) -> Motion | None:
        """The motion at 30 fps, y up, on the floor."""
        motion = super().motion(track)
        return _on_the_floor(motion) if motion is not None else None


def _on_the_floor(motion: Motion) -> Motion:
    """The motion, moved so that its floor is at height 0 and the pelvis is mostly above the origin."""
    joints = motion.joints()
    offset = joints[:, 0].median(dim=0).values
    offset[1] = estimate_floor_height(joints)
    return replace(motion, trans=motion.trans - offset)


def _song_identity(path: Path) -> str:
    """The same for copies of a file: its size, and a hash of how it begins."""
    with path.open("rb") as file:
        beginning = file.read(_NUM_COMPARED_BYTES)
    return f"{path.stat().st_size}-{hashlib.sha256(beginning).hexdigest()}"


@dataclass(frozen=True)
class Mixture:
    """Which clips are made up, which are cut of recordings, and which shard each goes to.

    Attributes:
        synthesis: What to make up.
        source: The recordings.
        packing: How their clips are cut and stored.
        listing: What the plan was made from.
        plan: The recorded clips in their shards.
        shards: All clips of each shard, by its file name.
        real_share: Share of the training clips that was asked for.
    """

    synthesis: SynthesisSettings
    source: DanceSource
    packing: PackSettings
    listing: Listing
    plan: Plan
    shards: dict[str, list[MixJob]]
    real_share: float | None

    @classmethod
    def of(
        cls,
        source: DanceSource,
        synthesis: SynthesisSettings,
        *,
        real_share: float | None = None,
        licence: str | None = None,
        skip_damaged: bool = False,
    ) -> Mixture:
        """Add the clips of recordings to made-up ones.

        Args:
            source: The recordings. Their clips last from 8 s to ``synthesis.seconds``.
            synthesis: What to make up, and how to store either kind.
            real_share: Take no more recorded clips than make up this share of the training clips; all if None.
                The held-out splits have all of theirs in any case.
            licence: Of the recordings.
            skip_damaged: Leave damaged recordings out.

        Raises:
            ValueError: A recording is damaged and ``skip_damaged`` is off, none can be used, or there are too few
                for ``real_share``.
        """
        if real_share is not None and not 0 < real_share < 1:
            raise ValueError(
                f"real-share must lie between 0 and 1, got {real_share:g}; leave it out to mix in all clips"
            )
        packing = PackSettings(
            subset=SUBSET,
            window_lengths=WindowLengths.from_seconds(MIN_SECONDS, synthesis.seconds),
            seed=synthesis.seed,
            clips_per_shard=synthesis.clips_per_shard,
            has_audio=synthesis.has_audio,
            licence=licence,
        )
        listing = list_tracks(source, skip_damaged=skip_damaged)
        plan = make_plan(source, listing, packing)
        if real_share is not None:
            plan = _with_share(plan, real_share, synthesis.num_clips["train"])
        shards = _mixed(synthesis, plan)
        real = {name: [job for job in jobs if isinstance(job, PackJob)] for name, jobs in shards.items()}
        return cls(synthesis, source, packing, listing, replace(plan, shards=real), shards, real_share)

    @property
    def num_clips(self) -> int:
        """Clips of both kinds."""
        return sum(_num_clips(job) for jobs in self.shards.values() for job in jobs)

    def identity(self) -> dict[str, Any]:
        """What the set is known by: settings, and sizes and times of the recordings, but no folders."""
        recorded = {**pack_identity(self.source, self.plan, self.packing), "real_share": self.real_share}
        return {**self.synthesis.identity(), "real": recorded}


def mix(
    folder: str | Path,
    mixture: Mixture,
    *,
    skip_damaged: bool = False,
    num_workers: int = 1,
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda num_clips: None,
) -> PackReport:
    """Write a mixed set, and tell what became of the recordings.

    A run that was cut off goes on after its last whole shard. The result does not depend on ``num_workers``.

    Args:
        folder: Where to.
        mixture: What to write.
        skip_damaged: Leave out recordings that are found damaged when they are read.
        num_workers: Processes.
        overwrite: Replace a set of other settings.
        on_progress: Called with the number of clips newly done, or found done.

    Raises:
        FileExistsError: ``folder`` holds something else and ``overwrite`` is off.
        ValueError: A recording is damaged and ``skip_damaged`` is off.
    """
    folder = Path(folder)
    notes = folder if skip_damaged else None
    is_new = ShardBuilder(folder, mixture.shards, mixture.identity()).build(
        functools.partial(_make, mixture.synthesis, mixture.source, mixture.packing, notes),
        statistics=lambda: motion_statistics(folder),
        num_workers=num_workers,
        overwrite=overwrite,
        on_progress=lambda job: on_progress(_num_clips(job)),
    )
    return pack_report(folder, mixture.plan, mixture.listing, is_new=is_new)


def _make(
    synthesis: SynthesisSettings, source: DanceSource, packing: PackSettings, notes: Path | None, job: MixJob
) -> list[dict[str, Any]]:
    if isinstance(job, PackJob):
        return make_or_note(source, packing, notes, job)
    return [make_clip(synthesis, *job)]


def _with_share(plan: Plan, share: float, num_made_up: int) -> Plan:
    """The plan with fewer training clips, a few of as many recordings as can be.

    Raises:
        ValueError: There are too few.
    """
    training = [name for name in plan.shards if name.startswith("train-")]
    keys = [key for name in training for job in plan.shards[name] for key in job.keys]
    wanted = max(1, round(num_made_up * share / (1 - share)))
    if len(keys) < wanted:
        raise ValueError(
            f"real-share {share:g} beside {num_made_up} made-up training clips takes {wanted} recorded ones, but the "
            f"motions give {len(keys)}; lower --clips or --real-share, or leave --real-share out to take all"
        )
    ordered = sorted(keys, key=_shuffled)
    chosen, others = set(ordered[:wanted]), ordered[wanted:]
    shards = {
        name: [part for job in jobs if (part := _part(job, chosen))] if name in training else jobs
        for name, jobs in plan.shards.items()
    }
    left_out = plan.left_out | ({"clips beyond real-share": others} if others else {})
    return replace(plan, shards=shards, left_out=left_out)


def _part(job: PackJob, chosen: set[str]) -> PackJob | None:
    """The chosen clips of a job, if there are any."""
    pairs = [pair for pair in zip(job.windows, job.keys, strict=True) if pair[1] in chosen]
    if not pairs:
        return None
    windows, keys = zip(*pairs, strict=True)
    return PackJob(job.track, windows, keys)


def _mixed(synthesis: SynthesisSettings, plan: Plan) -> dict[str, list[MixJob]]:
    """Shards of both kinds, shuffled by their names' hashes."""
    shards: dict[str, list[MixJob]] = {}
    for split, clips in synthesis.clips().items():
        real = [job for name in plan.shards if name.startswith(f"{split}-") for job in plan.shards[name]]
        jobs: list[MixJob] = sorted([*clips, *real], key=lambda job: _shuffled(_name(job)))
        shards |= fill_shards(split, jobs, [_num_clips(job) for job in jobs], synthesis.clips_per_shard)
    return shards


def _name(job: MixJob) -> str:
    return job.keys[0] if isinstance(job, PackJob) else f"{job[0]} {job[1]}"


def _num_clips(job: MixJob) -> int:
    return len(job.keys) if isinstance(job, PackJob) else 1


def _shuffled(name: str) -> bytes:
    """A place in an order that has nothing to do with the names' own."""
    return hashlib.sha256(name.encode()).digest()
