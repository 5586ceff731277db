"""Ranges of a set's motion, by which networks normalise it. Axes: T frames, C channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from macedance.data.shards import ShardError, Shards, read_shards
from macedance.geometry.motion import Motion
from macedance.geometry.representation import encode_motion

MEMBERS = ("json", "motion.npz")


def motion_statistics(shards: Shards, split: str = "train") -> dict[str, list[float]]:
    """Smallest and largest value of each channel (C,) of the motion's representation, over a split.

    Returns:
        ``motion_min`` and ``motion_max``, as the manifest stores them.

    Raises:
        FileNotFoundError: There is no shard of that split.
        ShardError: A sample has no motion, or motion that cannot be used; shard and key are named.
    """
    return motion_range(read_shards(shards, MEMBERS, split))


def motion_range(samples: Iterable[dict[str, Any]]) -> dict[str, list[float]]:
    """The same over samples with the members :data:`MEMBERS`; empty if there are none.

    Raises:
        ShardError: A sample's motion cannot be used; shard and key are named.
    """
    lowest, highest = [], []
    for sample in samples:
        motion = _encoded(sample)
        lowest.append(motion.amin(dim=0))
        highest.append(motion.amax(dim=0))
    if not lowest:
        return {}
    return {
        "motion_min": torch.stack(lowest).amin(dim=0).tolist(),
        "motion_max": torch.stack(highest).amax(dim=0).tolist(),
    }


def _encoded(sample: dict[str, Any]) -> Tensor:
    """The representation (T, 151) of a sample's motion."""
    try:
        arrays, up_axis = sample["motion.npz"], sample["json"].get("up_axis", "y")
        motion = Motion(arrays["poses"], arrays["trans"], up_axis=up_axis).to_up_axis("y")
    except (KeyError, TypeError, ValueError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ShardError(f"{sample['__url__']}: sample {sample['__key__']}: {reason}") from error
    return encode_motion(motion.poses, motion.trans)
