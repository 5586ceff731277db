"""Humans of the package anny (Brégier et al., "Human Mesh Modeling for Anny Body", ECCV 2026).

V vertices, N bones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch

from macedance.geometry.human_rig import RiggedHuman

TRAITS = ("gender", "age", "muscle", "weight", "proportions")
"""What can be told of a human, each in [0, 1]. There is no height: its bones become as long as SMPL's."""
TO_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Rows of coordinates times this: anny is z up and looks to -y."""


def anny_version() -> str | None:
    """The version of anny; None if it is not installed."""
    try:
        return version("anny")
    except PackageNotFoundError:
        return None


def read_humans(humans: Sequence[Mapping[str, float]]) -> list[RiggedHuman]:
    """The humans with these traits, at rest."""
    model = import_module("anny").Anny(skinning_method="lbs").to(torch.float64)
    return [_at_rest(model, traits) for traits in humans]


@torch.no_grad()
def _at_rest(model: Any, traits: Mapping[str, float]) -> RiggedHuman:
    rest = model(phenotype_kwargs=dict(traits))
    shares, bones = model.vertex_bone_weights.numpy(), model.vertex_bone_indices.numpy()
    weights = np.zeros((len(bones), len(model.bone_labels)))
    np.add.at(weights, (np.arange(len(bones))[:, None], bones), shares)
    return RiggedHuman(
        vertices=rest["rest_vertices"][0].numpy() @ TO_Y_UP,
        faces=model.faces.numpy(),
        bone_names=tuple(model.bone_labels),
        bone_parents=tuple(int(parent) for parent in model.bone_parents),
        bone_heads=rest["rest_bone_heads"][0].numpy() @ TO_Y_UP,
        bone_weights=weights,
    )
