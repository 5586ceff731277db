"""The order: a permutation in each epoch, kept near in shards, mixed by ratio."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.shards.order import Draw, SampleOrder, sample_seed, whole_shares

SIZES = st.lists(st.integers(0, 7), min_size=1, max_size=12).filter(sum)


def epoch_of(order: SampleOrder, epoch: int) -> list[Draw]:
    return [order.draw(epoch, position) for position in range(len(order))]


@settings(max_examples=100, deadline=None)
@given(SIZES, st.integers(1, 4), st.integers(1, 3), st.integers(0, 2**31), st.integers(0, 1000))
def test_every_epoch_is_a_permutation(sizes, window, repeats, seed, epoch) -> None:
    order = SampleOrder([sizes], repeats=repeats, window_shards=window, seed=seed)
    draws = epoch_of(order, epoch)
    everything = {
        (shard, number, repeat)
        for shard, size in enumerate(sizes)
        for number in range(size)
        for repeat in range(repeats)
    }
    assert {(draw.shard, draw.number, draw.repeat) for draw in draws} == everything
    assert len(draws) == len(everything)
    assert {draw.pass_number for draw in draws} == {epoch}
    fresh = SampleOrder([sizes], repeats=repeats, window_shards=window, seed=seed)
    positions = list(range(len(order)))[::-1]
    assert [fresh.draw(epoch, position) for position in positions] == draws[::-1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=12), st.integers(1, 4), st.integers(0, 99))
def test_only_the_shards_of_a_window_are_in_use_at_once(sizes, window, epoch) -> None:
    order = SampleOrder([sizes], window_shards=window, seed=3)
    draws = epoch_of(order, epoch)
    seen: list[tuple[int, int, int]] = []
    for position, draw in enumerate(draws):
        here = order.window(epoch, position)
        if here not in seen:
            if seen:
                assert order.window_shards(*here) == order.next_window_shards(*seen[-1])
            seen.append(here)
        assert here == seen[-1], "a window was left and come back to"
        shards = order.window_shards(*here)
        assert draw.shard in shards
        assert len(shards) <= window
    first_of_next = order.window(epoch + 1, 0)
    assert order.window_shards(*first_of_next) == order.next_window_shards(*seen[-1])


def test_epochs_and_seeds_differ() -> None:
    order, other = SampleOrder([[5, 5, 5]], seed=0), SampleOrder([[5, 5, 5]], seed=1)
    orders = [[draw[1:3] for draw in epoch_of(o, e)] for o in (order, other) for e in range(3)]
    assert len({tuple(one) for one in orders}) == 6


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 5)), min_size=2, max_size=4),
    st.integers(1, 2),
    st.integers(0, 9),
)
def test_a_mixture_keeps_its_ratio_and_leaves_nothing_out(sources, repeats, epoch) -> None:
    sizes, ratio = [[total] for total, _ in sources], [share for _, share in sources]
    order = SampleOrder(sizes, ratio=ratio, repeats=repeats, seed=5)
    draws, shares = epoch_of(order, epoch), whole_shares(ratio)
    block = sum(shares)
    for start in range(0, len(draws) - block + 1, block):
        counts = Counter(draw.source for draw in draws[start : start + block])
        assert [counts[source] for source in range(len(shares))] == shares
    for source, (total, _) in enumerate(sources):
        passes: dict[int, list[tuple]] = {}
        for draw in draws:
            if draw.source == source:
                passes.setdefault(draw.pass_number, []).append((draw.shard, draw.number, draw.repeat))
        for drawn in list(passes.values())[:-1]:
            assert len(set(drawn)) == len(drawn) == total * repeats
        last = list(passes.values())[-1]
        assert len(set(last)) == len(last)
        assert len(next(iter(passes.values()))) == total * repeats
    assert len(draws) % block == 0


def test_ma_data_mixes_two_to_five_in_one_pass() -> None:
    order = SampleOrder([[20] * 10, [50] * 10], ratio=[2, 5], seed=0)
    assert len(order) == 700
    draws = epoch_of(order, 4)
    assert Counter(draw.source for draw in draws) == {0: 200, 1: 500}
    assert len({draw[:4] for draw in draws}) == 700
    assert {draw.pass_number for draw in draws} == {4}


def test_any_hours_make_a_ratio() -> None:
    shares = whole_shares([28.3471, 88.1237, 10.3331])
    assert sum(shares) == 1000
    assert shares == pytest.approx([223.55, 694.96, 81.49], abs=1)
    assert whole_shares([1e-4, 3e-4]) == [1, 3]


def test_passes_over_a_mixed_source_go_on_from_epoch_to_epoch() -> None:
    order = SampleOrder([[2], [10]], ratio=[1, 1], seed=0)
    numbers = [{d.pass_number for d in epoch_of(order, epoch) if d.source == 0} for epoch in range(3)]
    assert numbers == [{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}, {10, 11, 12, 13, 14}]


def test_it_travels_to_other_processes() -> None:
    order = SampleOrder([[3, 4]], seed=1)
    before = epoch_of(order, 2)
    assert epoch_of(pickle.loads(pickle.dumps(order)), 2) == before  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sources": []}, "at least one"),
        ({"sources": [[0, 0]]}, "at least one"),
        ({"sources": [[3], [0]]}, "at least one"),
        ({"sources": [[3]], "repeats": 0}, "at least 1"),
        ({"sources": [[3]], "window_shards": 0}, "at least 1"),
        ({"sources": [[3], [3]], "ratio": [1, 0]}, "must be positive"),
        ({"sources": [[3], [3]], "ratio": [1, float("nan")]}, "must be positive"),
        ({"sources": [[3], [3]], "ratio": [1, 1e-5]}, "at least a thousandth"),
        ({"sources": [[3], [3]], "ratio": [1]}, "a number for each of 2 sources"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        SampleOrder(**arguments)


def test_positions_end_with_the_epoch() -> None:
    with pytest.raises(IndexError, match=r"0\.\.2"):
        SampleOrder([[3]]).draw(0, 3)


def test_a_seed_follows_from_seed_epoch_and_key() -> None:
    seeds = {sample_seed(seed, epoch, key) for seed in (0, 1) for epoch in (0, 1) for key in "ab"}
    assert len(seeds) == 8
    assert sample_seed(1, 2, "a") == sample_seed(1, 2, "a")
    assert all(0 <= seed < 2**63 for seed in seeds)
