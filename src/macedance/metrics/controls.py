"""Dances that are wrong in a known way, to see that metrics tell them.

Axis letters: T frames.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor

from macedance.geometry.rotations import axis_angle_to_matrix
from macedance.geometry.skeleton import forward_kinematics
from macedance.metrics.dance import Dance

_NOISE_RADIANS = 0.1
_NOISE_METRES = 0.02
_NOISE_OF_EXTENT = 0.02


def still(dance: Dance) -> Dance:
    """The dance's first frame, held."""
    held = {
        name: value[:1].expand_as(value)
        for name, value in (("joints", dance.joints), ("poses", dance.poses))
        if value is not None
    }
    return dataclasses.replace(dance, **held)


def white_noise(dance: Dance, generator: torch.Generator) -> Dance:
    """The dance's first frame with fresh noise in every frame: 0.1 rad at each joint, 2 cm at the pelvis.

    Key-points get noise of 2 % of the body's extent.
    """
    first = still(dance)
    if first.poses is None:
        spread = _extent(first.joints) * _NOISE_OF_EXTENT
        return dataclasses.replace(first, joints=first.joints + spread * _noise(first.joints, generator))
    poses = first.poses + _NOISE_RADIANS * _noise(first.poses, generator)
    pelvis = first.joints[:, 0] + _NOISE_METRES * _noise(first.joints[:, 0], generator)
    return dataclasses.replace(
        first, joints=forward_kinematics(axis_angle_to_matrix(poses), pelvis), poses=poses
    )


def skating(dance: Dance, metres_per_second: float = 0.5) -> Dance:
    """The dance on a floor that moves sideways at a constant speed.

    In key-points a metre is taken for half of the body's extent in the first frame.
    """
    scale = 1.0 if dance.poses is not None else float(_extent(dance.joints)) / 2
    seconds = torch.arange(len(dance.joints), dtype=dance.joints.dtype) / dance.fps
    drift = torch.zeros(len(seconds), 1, dance.joints.shape[2], dtype=dance.joints.dtype)
    drift[:, 0, 0] = scale * metres_per_second * seconds
    return dataclasses.replace(dance, joints=dance.joints + drift)


def late(dance: Dance, seconds: float) -> Dance:
    """The dance, begun so much too late for its music; beats that it misses are dropped."""
    beats = dance.beats - seconds
    return dataclasses.replace(dance, beats=beats[beats >= 0])


def to_other_music(dances: Sequence[Dance]) -> list[Dance]:
    """Each dance with the music of the next one that has another; without beats if all have the same."""
    return [
        dataclasses.replace(dance, beats=_other_beats(dance, [*dances[place + 1 :], *dances[:place]]))
        for place, dance in enumerate(dances)
    ]


def _other_beats(dance: Dance, others: Sequence[Dance]) -> Tensor:
    different = (other.beats for other in others if not torch.equal(other.beats, dance.beats))
    return next(different, dance.beats[:0])


def _extent(points: Tensor) -> Tensor:
    """The larger side of the box around the first frame's key-points."""
    first = points[0, :, :2]
    return (first.amax(dim=0) - first.amin(dim=0)).amax()


def _noise(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, dtype=like.dtype)
