"""The Motion Expert's losses (MACE-Dance, section 3.2).

Axes: B batch, T frames, J joints, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from macedance.geometry.representation import representation_joints
from macedance.geometry.skeleton import FOOT_JOINTS

CONTACT_THRESHOLD = 0.95
"""A foot counts as planted where the model's own contact channel exceeds this."""


@dataclass(frozen=True)
class MotionLoss:
    """The weighted sum of four squared errors, and each of them.

    ``reconstruction`` compares normalised motion. The others are in metres (and metres per frame), after
    forward kinematics: ``joint`` compares positions, ``velocity`` their differences from frame to frame,
    and ``foot`` holds a foot still where the model itself says that it is planted.
    """

    reconstruction: float = 0.636
    joint: float = 0.636
    velocity: float = 2.964
    foot: float = 10.942

    @classmethod
    def with_weights(cls, weights: Mapping[str, float]) -> MotionLoss:
        """The loss with some weights changed, by their names.

        Raises:
            ValueError: There is no such term.
        """
        names = [field.name for field in fields(cls)]
        for name in weights:
            if name not in names:
                raise ValueError(f"loss_weights must name some of {', '.join(names)}, got {name!r}")
        return cls(**weights)

    def __call__(
        self, predicted: Tensor, target: Tensor, denormalize: Callable[[Tensor], Tensor]
    ) -> dict[str, Tensor]:
        """Return ``loss`` and its unweighted terms, as means over the batch, from normalised (B, T, 151)."""
        predicted = predicted.float()  # half precision rounds positions by millimetres
        predicted_natural = denormalize(predicted)
        joints, target_joints = (
            representation_joints(predicted_natural),
            representation_joints(denormalize(target)),
        )
        velocity, target_velocity = joints.diff(dim=1), target_joints.diff(dim=1)
        planted = (predicted_natural[:, :-1, :4] > CONTACT_THRESHOLD).unsqueeze(-1)
        feet = torch.stack([velocity[:, :, joint] for joint in FOOT_JOINTS], dim=2)
        terms = {
            "reconstruction": (predicted - target).square().mean(),
            "joint": (joints - target_joints).square().mean(),
            "velocity": (velocity - target_velocity).square().mean(),
            "foot": torch.where(planted, feet, 0).square().mean(),
        }
        return {
            "loss": sum(
                (getattr(self, name) * term for name, term in terms.items()), predicted.new_zeros(())
            ),
            **terms,
        }
