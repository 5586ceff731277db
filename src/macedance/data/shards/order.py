"""The order in which samples are read: a function of seed, epoch and the shards' sizes.

It knows nothing of ranks, workers or what was read before, so a run can go on anywhere, on any number of them.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

_PASS, _WINDOW, _BLOCK = 0, 1, 2  # what a random generator is for
_KEPT = 8
_MAX_BLOCK = 1000


class Draw(NamedTuple):
    """One sample of an epoch.

    Attributes:
        source: Which of the sources it comes from.
        shard: Which of the source's shards.
        number: Which sample of the shard.
        repeat: Which of the sample's repeats.
        pass_number: How often the source was gone through before.
    """

    source: int
    shard: int
    number: int
    repeat: int
    pass_number: int


class SampleOrder:
    """Shuffles shards, then the samples in windows of a few shards, and mixes sources by ratio.

    An epoch of one source is a permutation of its samples. An epoch of several is as long as it takes for every
    sample to come at least once; it is made of blocks of ``sum(whole_shares(ratio))`` positions that keep the ratio.

    Args:
        sources: Number of samples in each shard, for each source.
        ratio: Share of each source; equal shares of one another if None.
        repeats: How often each sample comes in a pass over its source.
        window_shards: Shards among whose samples the order is shuffled, so that only these need be at hand.
        seed: Seed of it all.

    Raises:
        ValueError: There are no samples, or a number is out of range.
    """

    def __init__(
        self,
        sources: Sequence[Sequence[int]],
        *,
        ratio: Sequence[float] | None = None,
        repeats: int = 1,
        window_shards: int = 8,
        seed: int = 0,
    ) -> None:
        if repeats < 1 or window_shards < 1:
            raise ValueError(
                f"repeats and window_shards must be at least 1, got {repeats} and {window_shards}"
            )
        self.sizes = [np.asarray(sizes, dtype=np.int64) for sizes in sources]
        if not self.sizes or any(sizes.sum() == 0 for sizes in self.sizes):
            raise ValueError("each source of samples must have at least one, got none")
        self.repeats, self.seed, self._window_size = repeats, seed, window_shards
        self._shares = whole_shares(ratio or [1] * len(self.sizes))
        if len(self._shares) != len(self.sizes):
            raise ValueError(f"ratio must have a number for each of {len(self.sizes)} sources, got {ratio}")
        self._totals = [int(sizes.sum()) * repeats for sizes in self.sizes]
        self._block = sum(self._shares)
        blocks = [math.ceil(total / share) for total, share in zip(self._totals, self._shares, strict=True)]
        self._length = self._block * max(blocks)
        self._passes: dict[tuple[int, int], _Pass] = {}
        self._arrangements: dict[tuple[int, int], np.ndarray] = {}

    def __len__(self) -> int:
        """Positions in an epoch."""
        return self._length

    def draw(self, epoch: int, position: int) -> Draw:
        """The sample at a position of an epoch.

        Raises:
            IndexError: The epoch has no such position.
        """
        source, pass_number, place = self._place(epoch, position)
        shard, offset = self._pass(source, pass_number).locate(place)
        number, repeat = offset % self.sizes[source][shard], offset // self.sizes[source][shard]
        return Draw(source, shard, int(number), int(repeat), pass_number)

    def window(self, epoch: int, position: int) -> tuple[int, int, int]:
        """What names the window that a position lies in: source, pass over it, window of that pass."""
        source, pass_number, place = self._place(epoch, position)
        return source, pass_number, self._pass(source, pass_number).window_of(place)

    def window_shards(self, source: int, pass_number: int, window: int) -> list[int]:
        """The shards of a window."""
        return self._pass(source, pass_number).window_shards(window)

    def next_window_shards(self, source: int, pass_number: int, window: int) -> list[int]:
        """The shards of the window after a given one, be it in the next pass."""
        here = self._pass(source, pass_number)
        if window + 1 < here.num_windows:
            return here.window_shards(window + 1)
        return self._pass(source, pass_number + 1).window_shards(0)

    def _place(self, epoch: int, position: int) -> tuple[int, int, int]:
        """Source, pass over it, and place in that pass."""
        if not 0 <= position < self._length:
            raise IndexError(f"position must lie in 0..{self._length - 1}, got {position}")
        block, slot = divmod(position, self._block)
        if len(self.sizes) == 1:
            source, drawn = 0, position
        else:
            arrangement = self._arrangement(epoch, block)
            source = int(arrangement[slot])
            drawn = block * self._shares[source] + int((arrangement[:slot] == source).sum())
        drawn_an_epoch = self._length // self._block * self._shares[source]
        passes_an_epoch = math.ceil(drawn_an_epoch / self._totals[source])
        more, place = divmod(drawn, self._totals[source])
        return source, epoch * passes_an_epoch + more, place

    def _arrangement(self, epoch: int, block: int) -> np.ndarray:
        if (epoch, block) not in self._arrangements:
            slots = np.repeat(np.arange(len(self._shares)), self._shares)
            random = np.random.default_rng((self.seed, _BLOCK, epoch, block))
            _keep(self._arrangements, (epoch, block), random.permutation(slots))
        return self._arrangements[epoch, block]

    def _pass(self, source: int, pass_number: int) -> _Pass:
        if (source, pass_number) not in self._passes:
            entropy = (self.seed, source, pass_number)
            made = _Pass(self.sizes[source] * self.repeats, self._window_size, entropy)
            _keep(self._passes, (source, pass_number), made, _KEPT * len(self.sizes))
        return self._passes[source, pass_number]


class _Pass:
    """One shuffled pass over the shards of a source; windows are shuffled when they are first asked for."""

    def __init__(self, sizes: np.ndarray, window_shards: int, entropy: tuple[int, ...]) -> None:
        self._entropy = entropy
        self._shards = np.random.default_rng((*entropy, _PASS)).permutation(len(sizes))
        self._ends = np.cumsum(sizes[self._shards])
        self._step = window_shards
        self._window_ends = self._ends[window_shards - 1 :: window_shards]
        if len(sizes) % window_shards:
            self._window_ends = np.append(self._window_ends, self._ends[-1])
        self.num_windows = len(self._window_ends)
        self._shuffled: dict[int, np.ndarray] = {}

    def window_of(self, place: int) -> int:
        return int(np.searchsorted(self._window_ends, place, side="right"))

    def window_shards(self, window: int) -> list[int]:
        return self._shards[window * self._step : (window + 1) * self._step].tolist()

    def locate(self, place: int) -> tuple[int, int]:
        """Shard, and offset among its repeated samples."""
        window = self.window_of(place)
        start = int(self._window_ends[window - 1]) if window else 0
        if window not in self._shuffled:
            random = np.random.default_rng((*self._entropy, _WINDOW, window))
            _keep(self._shuffled, window, random.permutation(int(self._window_ends[window]) - start))
        moved = start + int(self._shuffled[window][place - start])
        rank = int(np.searchsorted(self._ends, moved, side="right"))
        before = int(self._ends[rank - 1]) if rank else 0
        return int(self._shards[rank]), moved - before


def sample_seed(seed: int, epoch: int, key: str) -> int:
    """The seed of everything random about one sample: a function of these three alone."""
    entropy = (seed, epoch, zlib.crc32(key.encode()))
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1)


def whole_shares(ratio: Sequence[float]) -> list[int]:
    """Whole numbers in a ratio: the smallest if their sum is at most a thousand, else the nearest that sum to that.

    Raises:
        ValueError: A share is less than a thousandth of the whole.

    >>> whole_shares([2, 5]), whole_shares([0.5, 1.25]), whole_shares([28.3471, 88.1237])
    ([2, 5], [2, 5], [243, 757])
    """
    if not ratio or not all(0 < part < math.inf for part in ratio):
        raise ValueError(f"each share of a mixture must be positive, got {list(ratio)}; leave the source out")
    parts = [Fraction(part).limit_denominator(10**6) for part in ratio]
    whole = [part * math.lcm(*(part.denominator for part in parts)) for part in parts]
    divisor = math.gcd(*map(int, whole))
    shares = [int(part) // divisor for part in whole]
    if sum(shares) <= _MAX_BLOCK:
        return shares
    exact = [_MAX_BLOCK * part / sum(ratio) for part in ratio]
    shares = [math.floor(part) for part in exact]
    by_rest = sorted(range(len(ratio)), key=lambda source: shares[source] - exact[source])
    for source in by_rest[: _MAX_BLOCK - sum(shares)]:
        shares[source] += 1
    if min(shares) < 1:
        raise ValueError(
            f"each share of a mixture must be at least a thousandth of the whole, got {list(ratio)}"
        )
    return shares


def _keep(kept: dict, name: object, value: object, num_kept: int = _KEPT) -> None:
    """Add to a dictionary that forgets what was added first."""
    kept[name] = value
    if len(kept) > num_kept:
        del kept[next(iter(kept))]
