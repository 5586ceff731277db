"""What determines a training, and plans of several."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A share of a training's time.

    Attributes:
        share: Of the whole, in (0, 1].
        window_frames: Length of windows.
        batch_size: Windows in a batch.
    """

    share: float
    window_frames: int
    batch_size: int


@dataclass(frozen=True)
class Recipe:
    """What determines a training, but for the data and how fast the device is.

    Attributes:
        name: Of the run.
        minutes: Time in steps and in taking data in; what comes before the first step is not counted.
        stages: One after the other.
        seed: Of weights, windows and noise.
        expert: Arguments of :class:`~macedance.lightning_modules.MotionExpert`.
        learning_rate: Highest; it rises over ``warmup`` of the time and falls along half a cosine to zero.
        weight_decay: Of AdamW.
        warmup: Share of the time.
    """

    name: str
    minutes: float
    stages: tuple[Stage, ...]
    seed: int
    expert: dict[str, Any]
    learning_rate: float
    weight_decay: float = 0.02
    warmup: float = 0.03

    def rate(self, progress: float) -> float:
        """The learning rate after a share of the time."""
        if progress < self.warmup:
            return self.learning_rate * max(progress / self.warmup, 0.01)
        done = (progress - self.warmup) / (1 - self.warmup)
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def recipes(plan: dict[str, Any]) -> dict[str, Recipe]:
    """The runs of a plan by name; those of a variant of an ablation are called ``VARIANT-SEED``.

    Raises:
        ValueError: Stages do not share out the whole time.
    """
    runs = list(plan.get("runs", []))
    ablations = plan.get("ablations", {"seeds": []})
    for seed in ablations["seeds"]:
        for variant, changes in ablations["variants"].items():
            name = f"{variant}-{seed}"
            runs.append({"name": name, "seed": seed, "minutes": ablations["minutes"], "expert": changes})
    found = {}
    for run in runs:
        settings = {**plan["common"], **run, "expert": {**plan["common"]["expert"], **run.get("expert", {})}}
        settings["stages"] = tuple(Stage(**stage) for stage in settings["stages"])
        found[run["name"]] = Recipe(**settings)
        shares = [stage.share for stage in settings["stages"]]
        if abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"{run['name']}: the stages' shares must sum to 1, got {shares}")
    return found
