"""Steps whose numbers are not finite, left out and written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import torch
from torch import Tensor, distributed, nn
from torch.distributed.tensor import DTensor
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

NUM_NAMED = 3
FILE_NAME = "non_finite.jsonl"


class NonFiniteGuard(L.Callback):
    """Leaves out each optimizer step in which the loss or a gradient of any rank is infinite or not a number.

    Weights, weight decay and the optimizer's state stay as they were on all ranks. ``train/skipped_steps`` counts
    these steps, and ``non_finite.jsonl`` in the run's folder tells of each, a line each: the step as in the logs, the
    ranks whose loss it was, the first parameters with bad gradients, and the keys of each rank's samples since the
    last optimizer step. Where precision ``16-mixed`` scales the loss, infinite gradients are usual and Lightning's
    scaler leaves out the step itself; then only the loss counts.

    Args:
        limit_in_a_row: So many such steps in a row end the run.
        limit: So many in all end it; they are counted on when it is resumed.

    Raises:
        ValueError: A limit is below 1.
    """

    def __init__(self, limit_in_a_row: int = 10, limit: int = 100) -> None:
        for name, value in (("limit_in_a_row", limit_in_a_row), ("limit", limit)):
            if value < 1:
                raise ValueError(
                    f"{name} must be at least 1, got {value}; leave the callback out to skip no step"
                )
        self.limit_in_a_row, self.limit = limit_in_a_row, limit
        self.num_skipped, self.num_in_a_row = 0, 0
        self._path = Path()
        self._keys: list[str] = []
        self._is_loss_bad: Tensor | None = None
        self._is_counted, self._has_stepped = False, False

    def state_dict(self) -> dict[str, int]:
        """How many steps were left out."""
        return {"num_skipped": self.num_skipped, "num_in_a_row": self.num_in_a_row}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Count on."""
        self.num_skipped, self.num_in_a_row = state_dict["num_skipped"], state_dict["num_in_a_row"]

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Find the file while all ranks are here to agree on the run's folder."""
        self._path = Path(trainer.log_dir or trainer.default_root_dir) / FILE_NAME
        self._forget()

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Note whose batch it is, the first after a step or one more of those that are accumulated."""
        if self._has_stepped:
            self._forget()
        if isinstance(batch, dict):
            keys = batch.get("key", ())
            self._keys += [keys] if isinstance(keys, str) else [str(key) for key in keys]

    def on_before_backward(self, trainer: L.Trainer, pl_module: L.LightningModule, loss: Tensor) -> None:
        """Look at the loss, without waiting for it."""
        is_bad = ~loss.detach().isfinite().all()
        self._is_loss_bad = is_bad if self._is_loss_bad is None else self._is_loss_bad | is_bad

    def on_before_optimizer_step(
        self, trainer: L.Trainer, pl_module: L.LightningModule, optimizer: Optimizer
    ) -> None:
        """Take the gradients away if any rank's numbers are bad: then the optimizer changes nothing.

        Raises:
            ValueError: A limit is reached.
        """
        is_scaled = getattr(trainer.precision_plugin, "scaler", None) is not None
        own = {parameter for group in optimizer.param_groups for parameter in group["params"]}
        named = {name: parameter for name, parameter in pl_module.named_parameters() if parameter in own}
        gradients = {} if is_scaled else _local_gradients(named)
        if _on_any_rank([self._is_loss_bad, _are_bad(gradients)], trainer):
            if not self._is_counted:  # of several optimizers in a batch, the first
                self.num_skipped, self.num_in_a_row = self.num_skipped + 1, self.num_in_a_row + 1
                self._write(trainer, gradients)
            self._is_counted = True
            for parameter in named.values():
                parameter.grad = None
            self._check_limits()
        elif not self._is_counted:
            self.num_in_a_row = 0
        self._has_stepped = True
        self.log("train/skipped_steps", float(self.num_skipped))

    def _forget(self) -> None:
        self._keys, self._is_loss_bad = [], None
        self._is_counted, self._has_stepped = False, False

    def _write(self, trainer: L.Trainer, gradients: dict[str, Tensor]) -> None:
        """Append a line about all ranks."""
        bad = [name for name, gradient in gradients.items() if _are_bad({name: gradient})]
        own = _Problem(bool(self._is_loss_bad), bad[:NUM_NAMED], self._keys)
        ranks: list[Any] = [own]
        if trainer.world_size > 1:
            ranks = [None] * trainer.world_size
            distributed.all_gather_object(ranks, own)
        if trainer.is_global_zero:
            about = {
                "step": trainer.global_step,
                "epoch": trainer.current_epoch,
                "loss_of_ranks": [rank for rank, problem in enumerate(ranks) if problem.is_in_loss],
                "gradients_of": list(dict.fromkeys(name for problem in ranks for name in problem.parameters)),
                "keys_of_ranks": [problem.keys for problem in ranks],
            }
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(about, ensure_ascii=False) + "\n")

    def _check_limits(self) -> None:
        for number, limit, name, what in (
            (self.num_in_a_row, self.limit_in_a_row, "limit_in_a_row", "steps in a row"),
            (self.num_skipped, self.limit, "limit", "steps in all"),
        ):
            if number >= limit:
                raise ValueError(
                    f"the loss or its gradients were not finite in {number} {what}, and {name} of NonFiniteGuard is "
                    f"{limit}; look at the samples that {self._path} names, lower the learning rate, or raise {name}"
                )


class _Problem(NamedTuple):
    """What was bad on a rank, and of which samples it came."""

    is_in_loss: bool
    parameters: list[str]
    keys: list[str]


def _local_gradients(parameters: dict[str, nn.Parameter]) -> dict[str, Tensor]:
    """By parameter, of this rank's part of each."""
    found = {}
    for name, parameter in parameters.items():
        gradient = parameter.grad
        local = gradient.to_local() if isinstance(gradient, DTensor) else gradient
        if local is not None and local.numel():
            found[name] = local
    return found


def _are_bad(gradients: dict[str, Tensor]) -> Tensor | None:
    """Whether any is not finite, where they are; the largest magnitude tells it in one pass and cannot overflow."""
    if not gradients:
        return None
    return ~get_total_norm(list(gradients.values()), norm_type=torch.inf).isfinite()


def _on_any_rank(signs: list[Tensor | None], trainer: L.Trainer) -> bool:
    """Whether there is a true one; this waits for the device, once."""
    device = trainer.strategy.root_device
    found = torch.zeros((), dtype=torch.int32, device=device)
    for sign in signs:
        if sign is not None:
            found = torch.maximum(found, sign.to(device, torch.int32, non_blocking=True))
    if trainer.world_size > 1:
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
    return bool(found.item())
