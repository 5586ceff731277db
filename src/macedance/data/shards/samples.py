"""Samples in an order, read and prepared one by one in whichever process is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from torch.utils.data import Dataset

from macedance.data.shards.index import ShardError
from macedance.data.shards.order import SampleOrder, sample_seed
from macedance.data.shards.reader import ShardReader

MAX_REPLACEMENTS = 16

OnError = Literal["raise", "skip"]


class Fetched(NamedTuple):
    """What came of asking for a sample: errors travel as values, so that they arrive whole from other processes.

    Attributes:
        sample: The prepared sample, or that which replaces it; None if there is an error.
        skipped: What was wrong with samples that were replaced.
        error: Why there is no sample.
    """

    sample: dict[str, Any] | None
    skipped: tuple[str, ...] = ()
    error: Exception | None = None


class ShardSamples(Dataset[Fetched]):
    """The samples of some sources, asked for by (epoch, position), or by a position of the first epoch.

    Args:
        sources: A reader for each source of the order.
        order: What comes where.
        members: Names of the members that are needed.
        prepare: Makes a training sample of the decoded members and a seed that is a function of (seed, epoch, key).
        seed: Seed of the samples.
        on_error: ``raise`` tells the first sample that cannot be used. ``skip`` takes another in its place, drawn by
            (seed, epoch, position), so that it is the same one on any rank.
    """

    def __init__(
        self,
        sources: Sequence[ShardReader],
        order: SampleOrder,
        *,
        members: Sequence[str],
        prepare: Callable[[dict[str, Any], int], dict[str, Any]],
        seed: int = 0,
        on_error: OnError = "raise",
    ) -> None:
        self.sources, self.order = sources, order
        self.members, self.prepare = tuple(members), prepare
        self.seed, self.on_error = seed, on_error
        self._windows: dict[int, tuple[int, int, int]] = {}

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, where: tuple[int, int] | int) -> Fetched:
        epoch, position = where if isinstance(where, tuple) else (0, where)
        skipped: list[str] = []
        random = np.random.default_rng((self.seed, epoch, position))
        self._turn_to_window(epoch, position)
        while True:
            try:
                return Fetched(self._read(epoch, position), tuple(skipped))
            except ShardError as error:
                skipped.append(str(error))
            except (
                OSError,
                ModuleNotFoundError,
            ) as error:  # out of reach, or a full disk: of this rank alone
                return Fetched(None, error=error)
            if self.on_error == "raise":
                return Fetched(None, error=ShardError(skipped[0]))
            if len(skipped) > MAX_REPLACEMENTS:
                problem = f"{len(skipped)} samples in a row cannot be used; the first: {skipped[0]}"
                return Fetched(None, error=ShardError(problem))
            position = int(random.integers(len(self.order)))

    def _read(self, epoch: int, position: int) -> dict[str, Any]:
        draw = self.order.draw(epoch, position)
        sample = self.sources[draw.source].read(draw.shard, draw.number, self.members)
        seed = sample_seed(self.seed, draw.pass_number, f"{sample['__key__']}/{draw.repeat}")
        return self.prepare(sample, seed)

    def _turn_to_window(self, epoch: int, position: int) -> None:
        """On coming to a new window of a source with remote shards, begin to fetch it and the next one."""
        if not any(source.has_remote for source in self.sources):
            return
        window = self.order.window(epoch, position)
        source = self.sources[window[0]]
        if source.has_remote and window != self._windows.get(window[0]):
            self._windows[window[0]] = window
            source.turn_to(self.order.window_shards(*window), ahead=self.order.next_window_shards(*window))
