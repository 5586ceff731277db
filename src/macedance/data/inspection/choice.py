"""Which clips to show of a set that is too large to show."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from macedance.data.inspection.report import ClipFacts, split_rank


def choose_clips(clips: Sequence[ClipFacts], max_clips: int) -> list[ClipFacts]:
    """At most so many of the clips with which nothing is wrong and whose length is known.

    Which, is a function of the input alone.
    The splits get equal shares as far as they reach; those of one split are evenly spaced, and so spread over its
    shards. They come in turns: train, val, test, train ...

    Raises:
        ValueError: ``max_clips`` is negative.
    """
    if max_clips < 0:
        raise ValueError(f"clips must not be negative, got {max_clips}")
    sound: dict[str, list[ClipFacts]] = {}
    for clip in clips:
        if clip.is_sound and clip.seconds is not None:
            sound.setdefault(clip.split, []).append(clip)
    splits = [sound[split] for split in sorted(sound, key=split_rank)]
    shares = _equal_shares([len(split) for split in splits], max_clips)
    chosen = [_evenly_spaced(split, share) for split, share in zip(splits, shares, strict=True)]
    turns = itertools.zip_longest(*chosen)
    return [clip for turn in turns for clip in turn if clip is not None]


def _equal_shares(sizes: Sequence[int], total: int) -> list[int]:
    """How many to take of each so that no more than ``total`` are taken, as equally as the sizes allow.

    >>> _equal_shares([100, 2, 5], 10)
    [4, 2, 4]
    """
    shares = [0] * len(sizes)
    while sum(shares) < min(total, sum(sizes)):
        open_places = [place for place, size in enumerate(sizes) if shares[place] < size]
        shares[min(open_places, key=lambda place: shares[place])] += 1
    return shares


def _evenly_spaced(clips: Sequence[ClipFacts], count: int) -> list[ClipFacts]:
    return [clips[(2 * place + 1) * len(clips) // (2 * count)] for place in range(count)]
