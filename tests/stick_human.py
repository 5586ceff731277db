"""A small human of tubes around bones with MakeHuman's names, its arms hanging at an angle."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from macedance.geometry.human_rig import RiggedHuman

TRUNK = {
    "root": (0, 0, 0), "spine05": (0, 0, 0), "spine04": (0, 0.07, -0.03), "spine03": (0, 0.14, -0.02),
    "spine02": (0, 0.21, -0.02), "spine01": (0, 0.35, -0.03), "neck01": (0, 0.51, 0), "head": (0, 0.61, 0.03),
}  # fmt: skip
LEG = {
    "upperleg01": (0.10, 0, 0), "upperleg02": (0.10, -0.10, 0.02), "lowerleg01": (0.13, -0.40, 0.03),
    "lowerleg02": (0.15, -0.60, 0.01), "foot": (0.17, -0.80, 0), "toe2-1": (0.17, -0.84, 0.14),
}  # fmt: skip
ARM = {
    "clavicle": (0.02, 0.45, 0.02), "shoulder01": (0.10, 0.46, 0.02), "upperarm01": (0.17, 0.43, 0.01),
    "upperarm02": (0.22, 0.37, 0.01), "lowerarm01": (0.33, 0.24, 0.02), "lowerarm02": (0.39, 0.18, 0.09),
    "wrist": (0.45, 0.12, 0.17), "finger3-1": (0.49, 0.07, 0.25),
}  # fmt: skip
KNUCKLES = {"finger2-1": (0.48, 0.08, 0.27), "finger5-1": (0.50, 0.05, 0.21)}
TIPS = {"head": (0, 0.75, 0.03), "toe2-1": (0.17, -0.84, 0.20), "finger3-1": (0.50, 0.03, 0.29)}
TUBE_METRES = 0.05


def stick_human(girth: float = 1.0) -> RiggedHuman:
    """The human; with more girth its tubes are wider, and its feet stay where they are."""
    bones: list[tuple[str, int, tuple[float, float, float]]] = []
    tubes: list[tuple[int, np.ndarray, np.ndarray]] = []

    def grow(chain: dict[str, Any], parent: int, side: str = "") -> None:
        sign = np.array([-1.0 if side == ".R" else 1.0, 1.0, 1.0])
        places = [sign * np.array(place) for place in chain.values()]
        for number, (name, place) in enumerate(zip(chain, places, strict=True)):
            bones.append((name + side, parent, place))
            parent = len(bones) - 1
            end = places[number + 1] if number + 1 < len(places) else sign * np.array(TIPS.get(name, place))
            if np.any(end != place):
                tubes.append((parent, place, end))

    grow(TRUNK, -1)
    for side in (".L", ".R"):
        grow(LEG, 0, side)
        grow(ARM, [name for name, *_ in bones].index("spine01"), side)
        wrist = [name for name, *_ in bones].index(f"wrist{side}")
        for name, place in KNUCKLES.items():
            grow({name: place}, wrist, side)
    names, parents, heads = zip(*bones, strict=True)
    rings = [_tube(start, end, girth * TUBE_METRES) for _, start, end in tubes]
    owners = np.concatenate([np.full(len(ring), bone) for (bone, *_), ring in zip(tubes, rings, strict=True)])
    vertices = np.concatenate(rings)
    faces = np.arange(len(vertices) // 3 * 3).reshape(-1, 3)
    return RiggedHuman(vertices, faces, names, parents, np.array(heads), np.eye(len(names))[owners])


class StickAnny:
    """What this project calls of anny's model, around the human of tubes, whose girth is the weight."""

    def __init__(self, skinning_method: str) -> None:
        human = stick_human()
        self.bone_labels, self.bone_parents = list(human.bone_names), list(human.bone_parents)
        self.faces = torch.from_numpy(human.faces)
        weights, self.vertex_bone_indices = torch.from_numpy(human.bone_weights).topk(2)
        self.vertex_bone_weights = weights.double()

    def to(self, dtype: torch.dtype) -> StickAnny:
        return self

    def __call__(self, phenotype_kwargs: dict[str, float]) -> dict[str, torch.Tensor]:
        human = stick_human(girth=0.5 + phenotype_kwargs["weight"])
        as_anny = {"rest_vertices": human.vertices, "rest_bone_heads": human.bone_heads}
        return {name: torch.from_numpy(_z_up(places))[None] for name, places in as_anny.items()}


def stick_anny() -> Any:
    """What stands in for the module anny."""
    return SimpleNamespace(Anny=StickAnny)


def _z_up(places: np.ndarray) -> np.ndarray:
    return np.stack([places[:, 0], -places[:, 2], places[:, 1]], axis=1)


def _tube(start: np.ndarray, end: np.ndarray, radius: float) -> np.ndarray:
    """Rings of eight points every two centimetres, the last one short of the end."""
    axis = end - start
    across = np.linalg.svd(axis[None])[2][1:]
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ring = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1) @ across
    shares = np.linspace(0, 1, max(2, round(np.linalg.norm(axis) / 0.02)), endpoint=False)
    return (start + shares[:, None, None] * axis + ring).reshape(-1, 3)
