"""Where each rank is in the training, shared without the ranks' own ways to talk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

import lightning as L
from torch import distributed

CONNECT_SECONDS = 120.0
FIRST_PLACE = "waiting for its first batch"
NUM_NAMED = 8


@dataclass
class Progress:
    """Where a rank is.

    Attributes:
        place: In words.
        position: Number of marks that all ranks make alike: the lowest is furthest behind.
        num_marks: Number of all marks.
        num_told: How often the rank has told the others.
    """

    place: str = FIRST_PLACE
    position: int = 0
    num_marks: int = 0
    num_told: int = 0


class ProgressBoard:
    """Every rank's progress, in the memory of the first."""

    def __init__(self, store: distributed.TCPStore, rank: int, world_size: int) -> None:
        self._store, self._rank, self._keys = store, rank, [str(rank) for rank in range(world_size)]

    @classmethod
    def shared(cls, trainer: L.Trainer) -> ProgressBoard:
        """The ranks' board; all must make it together."""
        address = trainer.strategy.cluster_environment.main_address
        options = {"timeout": timedelta(seconds=CONNECT_SECONDS), "wait_for_workers": False}
        store = (
            distributed.TCPStore(address, 0, is_master=True, **options) if trainer.is_global_zero else None
        )
        if store is not None:
            for rank in range(trainer.world_size):
                store.set(str(rank), json.dumps(asdict(Progress())))
        port = trainer.strategy.broadcast(store.port if store is not None else 0)
        if store is None:
            store = distributed.TCPStore(address, port, **options)
        return cls(store, trainer.global_rank, trainer.world_size)

    def tell(self, progress: Progress) -> None:
        """Tell the others; waits for the first rank, for ever if it is stopped.

        Raises:
            RuntimeError: The first rank is gone.
        """
        self._store.set(str(self._rank), json.dumps(asdict(progress)))

    def read(self) -> dict[int, Progress]:
        """What each has told last; waits and raises as :meth:`tell`."""
        values = self._store.multi_get(self._keys)
        return {rank: Progress(**json.loads(value)) for rank, value in enumerate(values)}


def standstill_line(
    everyone: Mapping[int, Progress], behind: set[int], is_silent: bool, minutes: float, is_alone: bool
) -> str:
    """What is told of a hang."""
    place = everyone[min(behind)].place
    if is_alone:
        told = f"this process has been {place}"
    elif is_silent:
        last = ", ".join(f"rank {rank} {everyone[rank].place}" for rank in sorted(behind)[:NUM_NAMED])
        told = f"no answer from {_ranks(behind)} (last heard of: {last})"
    else:
        told = f"{_ranks(behind)} {'has' if len(behind) == 1 else 'have'} been {place}"
    places: dict[str, set[int]] = {}
    for rank in everyone.keys() - behind:
        places.setdefault(everyone[rank].place, set()).add(rank)
    others = [f"{_ranks(ranks)} {place}" for place, ranks in places.items()]
    rest = f"; meanwhile {'; '.join(others)}" if others else ""
    return f"macedance: training stands still: {told} for {minutes:g} minutes (HangWatchdog){rest}\n"


def _ranks(ranks: set[int]) -> str:
    """``rank 3``, or ``ranks 0, 1, 2``."""
    named = ", ".join(str(rank) for rank in sorted(ranks)[:NUM_NAMED])
    more = f" and {len(ranks) - NUM_NAMED} more" if len(ranks) > NUM_NAMED else ""
    return f"rank{'s' if len(ranks) > 1 else ''} {named}{more}"
