"""The trainer's counters in a checkpoint, put so that the trainer goes on where the data do.

Lightning counts on rightly from a checkpoint that was saved at the end of a batch. From one saved between epochs it
takes a batch too many; from one saved between accumulated batches it goes on after them, their gradients forgotten.
"""

from __future__ import annotations

from typing import Any


def align_progress(fit_loop: dict[str, Any], num_batches: int) -> None:
    """Rewrite the fit loop's counters to those at the end of the last batch before the data loader's position.

    Where they are so already, or before the first batch, nothing changes.

    Args:
        fit_loop: The state of the fit loop in a checkpoint, with that of one
            :class:`~macedance.data.shards.loader.ElasticLoader`.
        num_batches: Batches in an epoch.
    """
    position = fit_loop["state_dict"]["combined_loader"][0]
    batches, epochs = fit_loop["epoch_loop.batch_progress"], fit_loop["epoch_progress"]
    epoch, batch = position["epoch"], position["batch"]
    processed = batches["current"]["processed"]
    is_epoch_before = batch == 0 and processed == num_batches
    num_too_many = 0 if is_epoch_before else processed - batch
    if (epoch, batch) == (0, 0) or (batch and not num_too_many):
        return
    if batch == 0:
        epoch, batch = epoch - 1, num_batches
    _set_to_batch_end(batches["total"], batches["total"]["processed"] - num_too_many)
    _set_to_batch_end(batches["current"], batch)
    batches["is_last_batch"] = batch == num_batches
    earlier = epochs["total"]["processed"] - epochs["current"]["processed"]
    _set_to_mid_epoch(epochs["total"], earlier + epoch)
    _set_to_mid_epoch(epochs["current"], epoch)
    steps = fit_loop["epoch_loop.automatic_optimization.optim_progress"]["optimizer"]["step"]
    fit_loop["epoch_loop.state_dict"]["_batches_that_stepped"] = steps["total"]["completed"] - 1


def _set_to_batch_end(counter: dict[str, int], num_batches: int) -> None:
    """As they are when ``on_train_batch_end`` is called."""
    counter.update(ready=num_batches, started=num_batches, processed=num_batches, completed=num_batches - 1)


def _set_to_mid_epoch(counter: dict[str, int], epoch: int) -> None:
    counter.update(ready=epoch + 1, started=epoch + 1, processed=epoch, completed=epoch)
