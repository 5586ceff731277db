"""How many bytes tensors take at once while some code runs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

BLOCK_BYTES = 512
"""Sizes are rounded up to this, as torch's allocator on a GPU does."""


class LiveMemory(TorchDispatchMode):
    """Counts the bytes of all that operators allocate while it is active, until each is freed.

    What an operator allocates and frees within itself is not seen. The tensors need no memory themselves: on the
    meta device, or under a :class:`torch._subclasses.FakeTensorMode` that was entered before, it is counted alike.

    Attributes:
        live: Bytes that are allocated now.
        peak: The most that there were, since the last :meth:`restart_peak`.

    >>> from torch import empty
    >>> with LiveMemory() as memory:
    ...     kept = empty(256, device="meta") * 2
    >>> memory.live, memory.peak
    (1024, 2048)
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._known: set[int] = set()

    def ignore(self, tensors: Iterable[Tensor]) -> None:
        """Do not count these, which were there before."""
        for tensor in tensors:
            self._watch(tensor, size=0)

    def restart_peak(self) -> None:
        """From now on, tell the most that there is after this moment."""
        self.peak = self.live

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._watch(leaf, size=-(-leaf.untyped_storage().nbytes() // BLOCK_BYTES) * BLOCK_BYTES)
        return result

    def _watch(self, tensor: Tensor, size: int) -> None:
        """Count the memory of a tensor, which may be a view of one that is counted already."""
        storage = tensor.untyped_storage()
        if storage._cdata in self._known:
            return
        self._known.add(storage._cdata)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._forget, storage._cdata, size).atexit = False

    def _forget(self, address: int, size: int) -> None:
        self._known.discard(address)
        self.live -= size
