"""The range of a training set's motion, by which networks normalise it. Axis: C channels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from macedance.data.motion_statistics import motion_statistics
from macedance.data.shards import Shards
from macedance.data.shards.index import OnShardError
from macedance.data.shards.locations import find_manifest
from macedance.geometry.representation import (
    CONTACT_CHANNELS,
    MOTION_DIM,
    PELVIS_CHANNELS,
    ROTATION_CHANNELS,
)
from macedance.geometry.skeleton import FOOT_JOINTS, MIRRORED_JOINTS, NUM_JOINTS

log = logging.getLogger(__name__)

Range = tuple[Tensor, Tensor]


def training_range(shards: Shards, on_error: OnShardError | None = None) -> Range:
    """Smallest and largest value (C,) of each channel of the training motion, from the manifest if it tells.

    Args:
        shards: The set.
        on_error: Called with what is wrong with a sample that has to be read and is then left out; None raises it.

    Raises:
        FileNotFoundError: There are no training shards.
        ShardError: The manifest, or a sample that has to be read, cannot be used.
    """
    manifest = find_manifest(shards) if isinstance(shards, (str, Path)) else None
    statistics = manifest.statistics if manifest else {}
    if "motion_min" not in statistics:
        log.warning(
            "no statistics of motion beside %s: reading all of it; 'macedance data index' stores them", shards
        )
        statistics = motion_statistics(shards, on_error=on_error)
    return torch.tensor(statistics["motion_min"]), torch.tensor(statistics["motion_max"])


def joint_range(ranges: Sequence[Range]) -> Range:
    """The range that holds several."""
    lows, highs = zip(*ranges, strict=True)
    return torch.stack(lows).amin(dim=0), torch.stack(highs).amax(dim=0)


def augmented_range(low: Tensor, high: Tensor, *, mirror: bool, yaw: bool) -> Range:
    """The range (C,) after motion was mirrored, or turned about the vertical by any angle, of that before."""
    if mirror:
        order, sign = _mirrored_channels()
        low, high = joint_range([(low, high), _scaled(low[order], high[order], sign)])
    if yaw:
        low, high = low.clone(), high.clone()
        ground = [PELVIS_CHANNELS.start, PELVIS_CHANNELS.start + 2]
        reach = torch.maximum(low[ground].abs(), high[ground].abs()).norm()
        low[ground], high[ground] = -reach, reach
        root = slice(ROTATION_CHANNELS.start, ROTATION_CHANNELS.start + 6)
        low[root], high[root] = -1.0, 1.0
    return low, high


def _scaled(low: Tensor, high: Tensor, sign: Tensor) -> Range:
    return torch.minimum(low * sign, high * sign), torch.maximum(low * sign, high * sign)


def _mirrored_channels() -> tuple[Tensor, Tensor]:
    """For each channel, the one that a mirror at x = 0 puts in its place, and with which sign."""
    order, sign = torch.arange(MOTION_DIM), torch.ones(MOTION_DIM)
    feet = [FOOT_JOINTS.index(MIRRORED_JOINTS[joint]) for joint in FOOT_JOINTS]
    order[CONTACT_CHANNELS] = torch.tensor(feet)
    sign[PELVIS_CHANNELS.start] = -1
    joints = torch.arange(6 * NUM_JOINTS).view(NUM_JOINTS, 6)[list(MIRRORED_JOINTS)]
    order[ROTATION_CHANNELS] = ROTATION_CHANNELS.start + joints.flatten()
    # First two rows of M R M with M = diag(-1, 1, 1).
    sign[ROTATION_CHANNELS] = torch.tensor([1.0, -1.0, -1.0, -1.0, 1.0, 1.0]).repeat(NUM_JOINTS)
    return order, sign
