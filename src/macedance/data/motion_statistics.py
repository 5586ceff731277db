"""Ranges of a set's motion, by which networks normalise it. Axes: T frames, C channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from macedance.data.motion_clips import dance_of
from macedance.data.shards import Shards, read_shards
from macedance.data.shards.index import OnShardError, each_usable
from macedance.geometry.representation import encode_motion

MEMBERS = ("json", "motion.npz")


def motion_statistics(
    shards: Shards, split: str = "train", on_error: OnShardError | None = None
) -> dict[str, list[float]]:
    """Smallest and largest value of each channel (C,) of the motion's representation, over a split.

    Args:
        shards: Where the motion is.
        split: ``train``, ``val`` or ``test``.
        on_error: Called with what is wrong with a sample, which is then left out; None raises it.

    Returns:
        ``motion_min`` and ``motion_max``, as the manifest stores them.

    Raises:
        FileNotFoundError: There is no shard of that split.
        ShardError: A sample has no motion, or motion that cannot be used; shard and key are named.
    """
    return statistics_of(read_shards(shards, MEMBERS, split, on_error), on_error)


def statistics_of(
    samples: Iterable[dict[str, Any]], on_error: OnShardError | None = None
) -> dict[str, list[float]]:
    """The same over samples with the members :data:`MEMBERS`; empty if there are none.

    Raises:
        ShardError: A sample's motion cannot be used; shard and key are named.
    """
    lowest, highest = [], []
    for dance in each_usable(samples, dance_of, on_error):
        motion = encode_motion(dance.poses, dance.trans)
        lowest.append(motion.amin(dim=0))
        highest.append(motion.amax(dim=0))
    if not lowest:
        return {}
    return {
        "motion_min": torch.stack(lowest).amin(dim=0).tolist(),
        "motion_max": torch.stack(highest).amax(dim=0).tolist(),
    }
