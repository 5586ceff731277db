"""How much memory a part of a test goes on holding."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def held_memory() -> Iterator[Callable[[], int]]:
    """A function that says how many bytes have come to be held since: by Python, by numpy, and by tensors on the CPU.

    A tensor that shares the memory of an array of numpy counts twice: nothing tells that it does.

    >>> with held_memory() as held:
    ...     many = torch.zeros(1000, 1000)
    ...     4_000_000 <= held() < 5_000_000
    True
    """
    gc.collect()
    gc.freeze()  # what is there already is neither searched for garbage nor for tensors
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield lambda: _held_bytes() - before
    finally:
        if not was_tracing:
            tracemalloc.stop()
        gc.unfreeze()


def _held_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] + _tensor_bytes()


def _tensor_bytes() -> int:
    """Of new tensors on the CPU, which tracemalloc does not see; those that share memory count once."""
    storages: dict[int, int] = {}
    for found in gc.get_objects():
        if issubclass(type(found), Tensor) and found.device.type == "cpu" and found.layout is torch.strided:
            storage = found.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())
