"""Schedules of the learning rate."""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


class WarmupCosineLR(LambdaLR):
    """A linear rise to the optimizer's learning rate, then half a cosine down to zero.

    It is a function of the step and of ``num_training_steps`` as configured now: a run that goes on with more
    steps than it was begun with takes the longer curve.

    Args:
        optimizer: Whose learning rate is scheduled.
        num_training_steps: Optimizer steps from the first to the last.
        warmup_fraction: Share of them that the rise takes, in [0, 1).
        last_epoch: The last step done; torch's name for it.

    Raises:
        ValueError: A number is out of its range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        num_training_steps: int,
        warmup_fraction: float = 0.05,
        last_epoch: int = -1,
    ) -> None:
        if num_training_steps < 1:
            raise ValueError(
                f"num_training_steps must be at least 1, got {num_training_steps}; set trainer.max_steps"
            )
        if not 0 <= warmup_fraction < 1:
            raise ValueError(f"warmup_fraction must lie in [0, 1), got {warmup_fraction}; 0.05 is usual")
        num_warmup_steps = round(warmup_fraction * num_training_steps)

        def factor(step: int) -> float:
            if step < num_warmup_steps:
                return (step + 1) / (num_warmup_steps + 1)
            progress = (step - num_warmup_steps) / (num_training_steps - num_warmup_steps)
            return 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))

        super().__init__(optimizer, factor, last_epoch)
