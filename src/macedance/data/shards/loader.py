"""A loader of global batches that ranks and workers divide, and that goes on anywhere in an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch.utils.data import DataLoader, Sampler, default_collate

from macedance.data.shards.index import ShardError
from macedance.data.shards.samples import Fetched, ShardSamples


class BatchPositions(Sampler[tuple[int, int]]):
    """This rank's (epoch, position) pairs, global batch by global batch.

    Every rank takes the same number of steps and no position comes twice in an epoch. Those at its end that do not
    fill a global batch are left out; they are others in each epoch.

    Args:
        num_samples: Positions in an epoch.
        batch_size: Global batch size; a multiple of ``world_size``.
        rank: This process's rank.
        world_size: Number of ranks.

    Raises:
        ValueError: The ranks cannot share a batch evenly, or there are not enough samples for one batch.
    """

    def __init__(self, num_samples: int, batch_size: int, rank: int = 0, world_size: int = 1) -> None:
        if batch_size < 1 or batch_size % world_size:
            raise ValueError(
                f"batch_size is global and must be divisible by the {world_size} ranks, got {batch_size}"
            )
        if num_samples < batch_size:
            raise ValueError(
                f"batch_size must not exceed the {num_samples} samples of an epoch, got {batch_size}; "
                "lower it or draw several windows of each clip"
            )
        self.batch_size, self.num_batches = batch_size, num_samples // batch_size
        self.local_batch_size = batch_size // world_size
        self._offset = rank * self.local_batch_size
        self.epoch, self.first_batch = 0, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that comes next; another one begins at its beginning."""
        if epoch != self.epoch:
            self.go_to(epoch, 0)

    def go_to(self, epoch: int, batch: int) -> None:
        """Begin at a batch of an epoch.

        Raises:
            ValueError: The epoch has no such batch.
        """
        if not 0 <= batch < self.num_batches:
            raise ValueError(f"batch must lie in 0..{self.num_batches - 1}, got {batch}")
        self.epoch, self.first_batch = epoch, batch

    def __len__(self) -> int:
        """Positions of a whole epoch, wherever the next one begins."""
        return self.num_batches * self.local_batch_size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return self._positions(self.epoch, self.first_batch)

    def _positions(self, epoch: int, first_batch: int) -> Iterator[tuple[int, int]]:
        for batch in range(first_batch, self.num_batches):
            start = batch * self.batch_size + self._offset
            yield from ((epoch, position) for position in range(start, start + self.local_batch_size))


class FetchedLoader(DataLoader[Any]):
    """Batches of a dataset whose items are :class:`Fetched`; its errors are raised here, as clear as they were."""

    def __iter__(self) -> Iterator[Any]:
        return map(self._unwrap, super().__iter__())

    def _unwrap(self, fetched: dict[str, Any]) -> Any:
        if fetched["error"] is not None:
            raise fetched["error"]
        return fetched["batch"]


class ElasticLoader(FetchedLoader):
    """Batches of :class:`ShardSamples`; its state is the number of global batches that were trained on.

    The state is equal on every rank, and loads on another number of ranks or workers. Make it with :meth:`of`.

    Attributes:
        skipped: What was wrong with the samples that were replaced since the list was last cleared.
        progress: Tells how many batches of the epoch were trained on, and how many the training loop takes of an
            epoch; None takes those that were handed out, and all.
        fingerprint: What must be the same for a state to load, by name.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.skipped: list[str] = []
        self.progress: Callable[[], tuple[int, int]] | None = None
        self.fingerprint: dict[str, Any] = {}
        self._num_handed_out = 0
        self._epoch_begun: int | None = None
        super().__init__(*args, **kwargs)

    @classmethod
    def of(
        cls,
        samples: ShardSamples,
        batch_size: int,
        *,
        rank: int = 0,
        world_size: int = 1,
        num_workers: int = 0,
        pin_memory: bool = False,
        fingerprint: dict[str, Any] | None = None,
        progress: Callable[[], tuple[int, int]] | None = None,
    ) -> ElasticLoader:
        """A loader of this rank's share of each global batch.

        Args:
            samples: What to load.
            batch_size: Global batch size.
            rank: This process's rank.
            world_size: Number of ranks.
            num_workers: Processes that prepare batches.
            pin_memory: Whether batches go into page-locked memory.
            fingerprint: What identifies the order, beside the batch size.
            progress: Tells how many batches of the epoch were trained on, and how many the training loop takes of an
                epoch, if it counts them.

        Raises:
            ValueError: The ranks cannot share a batch evenly, or there are not enough samples for one batch.
        """
        positions = BatchPositions(len(samples), batch_size, rank, world_size)
        loader = cls(
            samples,
            batch_size=positions.local_batch_size,
            sampler=positions,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=pin_memory,
            collate_fn=collate_fetched,
        )
        loader.fingerprint = {"batch_size": batch_size, **(fingerprint or {})}
        loader.progress = progress
        return loader

    def __iter__(self) -> Iterator[Any]:
        # Under overfit_batches, the trainer puts in a sampler of its own.
        if isinstance(self.sampler, BatchPositions):
            self._num_handed_out, self._epoch_begun = 0, self.sampler.epoch
        return super().__iter__()

    def state_dict(self) -> dict[str, Any]:
        """Epoch, its batches trained on, and the fingerprint."""
        if not isinstance(self.sampler, BatchPositions):
            return {"epoch": 0, "batch": 0, "fingerprint": self.fingerprint}
        epoch, batch, num_batches = self.sampler.epoch, self.sampler.first_batch, self.sampler.num_batches
        if self._epoch_begun == epoch and self._num_handed_out:
            counted = batch + self._num_handed_out, num_batches
            batch, num_batches = self.progress() if self.progress else counted
        if batch >= num_batches:
            epoch, batch = epoch + 1, 0
        return {"epoch": epoch, "batch": batch, "fingerprint": self.fingerprint}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the state was taken.

        Raises:
            ValueError: It was taken in the middle of an epoch of other data, or in another order.
        """
        if not isinstance(self.sampler, BatchPositions):
            return
        before, now = state["fingerprint"], self.fingerprint
        changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if changed and state["batch"]:
            differences = "; ".join(f"{name} was {before.get(name)}, is {now.get(name)}" for name in changed)
            raise ValueError(
                f"the checkpoint stopped in the middle of an epoch of other data ({differences}); give the same "
                "data to go on, or take its weights alone with --weights"
            )
        self.sampler.go_to(state["epoch"], state["batch"])

    def _unwrap(self, fetched: dict[str, Any]) -> Any:
        batch = super()._unwrap(fetched)
        self._num_handed_out += 1
        self.skipped += fetched["skipped"]
        return batch


def require_sample_for_each_rank(num_samples: int, world_size: int) -> None:
    """Refuse to evaluate on fewer samples than there are ranks: one without a batch would keep the others waiting.

    Raises:
        ValueError: There are fewer.
    """
    if num_samples < world_size:
        raise ValueError(
            f"each of the {world_size} ranks needs a clip to evaluate, got {num_samples}; "
            "use fewer devices or more clips"
        )


def collate_fetched(items: Sequence[Fetched]) -> dict[str, Any]:
    """A batch of samples, with what was skipped and the first error, if there is one."""
    error = next((item.error for item in items if item.error is not None), None)
    batch = None
    if error is None:
        samples = [item.sample or {} for item in items]
        try:
            batch = default_collate(samples)
        except RuntimeError as problem:
            keys = ", ".join(str(sample.get("key")) for sample in samples)
            reason = str(problem).partition("\n")[0]
            error = ShardError(f"samples of a batch must be alike in size: {keys} ({reason})")
    return {
        "batch": batch,
        "skipped": [problem for item in items for problem in item.skipped],
        "error": error,
    }
