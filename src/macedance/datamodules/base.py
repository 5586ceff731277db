"""What every expert's data have in common: shards, a deterministic order, exact resume."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_warn
from torch.utils.data import DataLoader

from macedance.data.shards import ShardLocation, ShardReader, Shards, locate_shards
from macedance.data.shards.cache import GIB, ShardCache, needed_bytes
from macedance.data.shards.loader import ElasticLoader
from macedance.data.shards.order import SampleOrder
from macedance.data.shards.samples import OnError, ShardSamples

Sources = str | list[str] | dict[str, float]


class ShardData(L.LightningDataModule):
    """Training samples from shards, in an order that is a function of seed, epoch and the shards' sizes.

    Ranks and workers divide each global batch. A checkpoint of the trainer holds the position in the epoch, so a run
    goes on exactly, on any number of ranks and workers.

    Args:
        shards: A folder, a glob pattern, a list of shards, or a mapping from such to their shares of a mixture.
            Each may be local or a URL for fsspec.
        batch_size: Samples in a global batch; divisible by the number of ranks.
        num_workers: Processes on each rank that prepare batches.
        seed: Seed of order, cuts, augmentation and noise.
        window_shards: Shards among whose samples the order is shuffled. So many remote ones are fetched ahead.
        on_error: ``raise`` stops at the first sample that cannot be used, ``skip`` takes others in their place and
            counts them.
        cache_dir: Where remote shards are kept; the user's cache folder if None.
        cache_gib: Bound of that folder in GiB. Should hold three windows of shards.
        pin_memory: Whether batches go into page-locked memory.

    Raises:
        ValueError: ``on_error`` is neither ``raise`` nor ``skip``.
    """

    def __init__(
        self,
        shards: Sources,
        batch_size: int,
        num_workers: int = 0,
        seed: int = 0,
        window_shards: int = 8,
        on_error: OnError = "raise",
        cache_dir: str | None = None,
        cache_gib: float = 50.0,
        pin_memory: bool = False,
    ) -> None:
        super().__init__()
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error must be 'raise' or 'skip', got {on_error!r}")
        self.sources: list[Shards] = list(shards) if isinstance(shards, Mapping) else [shards]
        self.shares = list(shards.values()) if isinstance(shards, Mapping) else [1.0]
        self.batch_size, self.num_workers, self.seed = batch_size, num_workers, seed
        self.window_shards, self.on_error, self.pin_memory = window_shards, on_error, pin_memory
        self.cache = ShardCache(cache_dir, cache_gib)
        self.located: dict[str, list[list[ShardLocation]]] = {}

    def require_own_division(self) -> None:
        """Refuse a trainer that would divide the batches among the ranks once more.

        Raises:
            ValueError: It would.
        """
        trainer = self.trainer
        # The trainer keeps the flag where no public name leads.
        if trainer and trainer.world_size > 1 and trainer._accelerator_connector.use_distributed_sampler:
            raise ValueError(
                f"use_distributed_sampler must be False for {type(self).__name__}, which divides each batch itself; "
                "pass Trainer(use_distributed_sampler=False)"
            )

    def locate(self, split: str) -> list[list[ShardLocation]]:
        """The shards of a split, for each source.

        Raises:
            FileNotFoundError: A source has none.
        """
        if split not in self.located:
            self.located[split] = [locate_shards(source, split) for source in self.sources]
        return self.located[split]

    def training_loader(
        self,
        *,
        members: Sequence[str],
        prepare: Callable[[dict[str, Any], int], dict[str, Any]],
        repeats: int = 1,
    ) -> ElasticLoader:
        """This rank's share of each global batch of the ``train`` split.

        Args:
            members: Members that ``prepare`` needs.
            prepare: Makes a training sample of the decoded members and a seed that is a function of (seed, epoch,
                key).
            repeats: How often each sample comes in an epoch.

        Raises:
            FileNotFoundError: There are no training shards.
            ValueError: The ranks cannot share a batch evenly, or there are not enough samples for one batch.
        """
        located = self.locate("train")
        self._warn_of_small_cache(located)
        order = SampleOrder(
            [[shard.num_samples for shard in shards] for shards in located],
            ratio=self.shares,
            repeats=repeats,
            window_shards=self.window_shards,
            seed=self.seed,
        )
        samples = ShardSamples(
            [ShardReader(shards, self.cache) for shards in located],
            order,
            members=members,
            prepare=prepare,
            seed=self.seed,
            on_error=self.on_error,
        )
        rank, world_size = self.rank_and_world_size()
        return ElasticLoader.of(
            samples,
            self.batch_size,
            rank=rank,
            world_size=world_size,
            num_workers=self.num_workers,
            pin_memory=self.pin_memory,
            fingerprint=self._fingerprint(located, repeats),
            progress=self._progress if self.trainer else None,
        )

    def evaluation_loader(self, split: str) -> DataLoader[Any]:
        """This rank's share of the samples of ``val`` or ``test``, each once."""
        raise NotImplementedError(f"{type(self).__name__} has nothing to evaluate on")

    def val_dataloader(self) -> DataLoader[Any]:
        """Samples of the validation split."""
        return self.evaluation_loader("val")

    def test_dataloader(self) -> DataLoader[Any]:
        """Samples of the test split."""
        return self.evaluation_loader("test")

    def predict_dataloader(self) -> DataLoader[Any]:
        """Samples of the test split."""
        return self.evaluation_loader("test")

    def rank_and_world_size(self) -> tuple[int, int]:
        """This process's rank and the number of ranks; (0, 1) without a trainer."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def needs_even_batches(self) -> bool:
        """Whether all ranks must evaluate equally many batches, since each holds a part of the weights."""
        return bool(self.trainer and getattr(self.trainer.strategy, "needs_even_batches", False))

    def tell_left_out(self, split: str, num_clips: int) -> None:
        """Warn that a validation leaves clips out; a test must not.

        Raises:
            ValueError: A test or prediction would leave some out.
        """
        if num_clips == 0:
            return
        _, world_size = self.rank_and_world_size()
        if split != "val":
            raise ValueError(
                f"{split} clips must come in equally many batches on each of the {world_size} ranks that share the "
                f"weights, but {num_clips} are left over; use --trainer.devices 1 or configs/trainer/ddp.yaml"
            )
        rank_zero_warn(
            f"{num_clips} validation clips are left out, so that the {world_size} ranks that share the weights have "
            "equally many batches"
        )

    def warn_of_skipped(self, problems: Sequence[str]) -> None:
        """Tell, once, of evaluation samples that were left out."""
        if problems:
            rank_zero_warn(f"{len(problems)} samples were left out: {'; '.join(problems[:3])}")

    def _warn_of_small_cache(self, located: Sequence[Sequence[ShardLocation]]) -> None:
        needed = sum(needed_bytes(shards, self.window_shards) for shards in located)
        if needed > self.cache.max_bytes:
            rank_zero_warn(
                f"cache_gib should be at least {_round_up(needed / GIB)} for windows of {self.window_shards} such "
                f"remote shards, got {self.cache.max_bytes / GIB:.3g}; shards will be fetched more than once"
            )

    def _fingerprint(self, located: Sequence[Sequence[ShardLocation]], repeats: int) -> dict[str, Any]:
        sizes = [(shard.name, shard.num_samples) for shards in located for shard in shards]
        return {
            "shards": hashlib.sha256(repr(sizes).encode()).hexdigest()[:16],
            "num_samples": sum(num_samples for _, num_samples in sizes),
            "mixture": [float(share) for share in self.shares],
            "repeats": repeats,
            "seed": self.seed,
            "window_shards": self.window_shards,
        }

    def _progress(self) -> tuple[int, int]:
        """Batches of the epoch that the weights have learnt from, and batches that the trainer takes of an epoch.

        More may have been handed out: one that did not come to its end, and those whose gradients are still being
        accumulated. ``limit_train_batches`` may cut epochs short.
        """
        assert self.trainer is not None
        num_batches = int(self.trainer.num_training_batches)
        processed = int(self.trainer.fit_loop.epoch_loop.batch_progress.current.processed)
        waiting = 0 if processed == num_batches else processed % self.trainer.accumulate_grad_batches
        return processed - waiting, num_batches


def _round_up(number: float) -> str:
    """Three digits, not less than the number."""
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return f"{math.ceil(number / step) * step:.3g}"
