"""The loader: ranks and workers divide each global batch; its state goes on anywhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.shards import ShardError, ShardReader, locate_shards
from macedance.data.shards.loader import BatchPositions, ElasticLoader
from macedance.data.shards.order import SampleOrder
from macedance.data.shards.samples import ShardSamples

SIZES = (3, 5, 4, 6, 2)


def prepare(sample: dict[str, Any], seed: int) -> dict[str, Any]:
    return {"key": sample["__key__"], "seed": seed}


def loader(
    shards: Any, batch_size: int, rank: int = 0, world_size: int = 1, num_workers: int = 0, **options: Any
) -> ElasticLoader:
    located = locate_shards(shards)
    order = SampleOrder([[shard.num_samples for shard in located]], window_shards=2, seed=3)
    members = options.pop("members", ("json",))
    on_error = options.pop("on_error", "raise")
    samples = ShardSamples(
        [ShardReader(located)], order, members=members, prepare=prepare, seed=3, on_error=on_error
    )
    return ElasticLoader.of(
        samples, batch_size, rank=rank, world_size=world_size, num_workers=num_workers, **options
    )


def batches(one: ElasticLoader) -> list[list[tuple[str, int]]]:
    return [list(zip(batch["key"], batch["seed"].tolist(), strict=True)) for batch in one]


def together(shares: list[list[list]]) -> list[list]:
    """Global batches of the ranks' shares of them."""
    return [list(itertools.chain.from_iterable(parts)) for parts in zip(*shares, strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    world_size=st.integers(1, 8),
    per_rank=st.integers(1, 4),
    extra=st.integers(0, 70),
    epoch=st.integers(0, 5),
    data=st.data(),
)
def test_ranks_partition_each_global_batch_and_resume_gives_the_tail(
    world_size: int, per_rank: int, extra: int, epoch: int, data: st.DataObject
) -> None:
    batch_size = world_size * per_rank
    num_samples = batch_size + extra
    alone = BatchPositions(num_samples, batch_size)
    ranks = [BatchPositions(num_samples, batch_size, rank, world_size) for rank in range(world_size)]
    first = data.draw(st.integers(0, alone.num_batches - 1))
    for positions in (alone, *ranks):
        positions.set_epoch(epoch)
    whole = list(alone)
    assert whole == [(epoch, position) for position in range(alone.num_batches * batch_size)]
    assert num_samples - len(whole) < batch_size
    shares = [list(positions) for positions in ranks]
    assert {len(share) for share in shares} == {len(ranks[0])}
    for batch in range(alone.num_batches):
        part = slice(batch * per_rank, (batch + 1) * per_rank)
        joined = [position for share in shares for position in share[part]]
        assert joined == whole[batch * batch_size : (batch + 1) * batch_size]
    for positions, share in zip(ranks, shares, strict=True):
        positions.go_to(epoch, first)
        assert list(positions) == share[first * per_rank :]
        positions.set_epoch(epoch)  # the same epoch is not begun anew
        assert list(positions) == share[first * per_rank :]
        positions.set_epoch(epoch + 1)
        assert len(list(positions)) == len(share)


@pytest.mark.parametrize("num_workers", range(5))
def test_workers_change_nothing_and_resume_gives_the_tail(
    write_set: Callable[..., list[Path]], num_workers: int
) -> None:
    folder = write_set(*SIZES)[0].parent
    plain = loader(folder, 4)
    expected = batches(plain)
    assert len(expected) == len(plain) == 5
    assert len({key for batch in expected for key, _ in batch}) == 20
    mine = loader(folder, 4, num_workers=num_workers)
    assert batches(mine) == expected
    mine.sampler.set_epoch(1)
    assert batches(mine) != expected
    for stopped_after in (1, 3) if num_workers else range(6):
        started = loader(folder, 4, num_workers=num_workers)
        iterator = iter(started)
        for _ in range(stopped_after):
            next(iterator)
        state = started.state_dict()
        resumed = loader(folder, 4, num_workers=num_workers)
        resumed.load_state_dict(state)
        if stopped_after < 5:
            assert batches(resumed) == expected[stopped_after:]
        else:
            assert state["epoch"] == 1
            assert batches(resumed) == batches(mine)


@pytest.mark.parametrize(("world_size", "num_workers"), [(2, 1), (2, 3), (4, 2), (8, 4)])
def test_ranks_with_workers_partition_each_global_batch(
    write_set: Callable[..., list[Path]], world_size: int, num_workers: int
) -> None:
    folder = write_set(*SIZES)[0].parent
    ranks = [loader(folder, 8, rank, world_size, num_workers) for rank in range(world_size)]
    assert together([batches(one) for one in ranks]) == batches(loader(folder, 8))


@pytest.mark.parametrize("world_size", [1, 2, 3, 4, 6, 8])
def test_a_state_loads_on_another_number_of_ranks(
    write_set: Callable[..., list[Path]], world_size: int
) -> None:
    folder = write_set(10, 9, 8, 7, 6, 5, 4, 3)[0].parent
    expected = batches(loader(folder, 24))
    halfway = loader(folder, 24)
    next(iter(halfway))
    shares = []
    for rank in range(world_size):
        resumed = loader(folder, 24, rank, world_size)
        resumed.load_state_dict(halfway.state_dict())
        shares.append(batches(resumed))
    assert together(shares) == expected[1:]


def test_other_data_do_not_go_on_in_mid_epoch(write_set: Callable[..., list[Path]]) -> None:
    folder = write_set(4, 4)[0].parent
    one = loader(folder, 2, fingerprint={"shards": "abc", "seed": 0})
    next(iter(one))
    other = loader(folder, 2, fingerprint={"shards": "def", "seed": 0})
    with pytest.raises(ValueError, match=r"other data \(shards was abc, is def\).*--weights"):
        other.load_state_dict(one.state_dict())
    with pytest.raises(ValueError, match=r"batch_size was 2, is 4"):
        loader(folder, 4, fingerprint=one.fingerprint | {"batch_size": 4}).load_state_dict(one.state_dict())
    for _ in one:
        pass
    other.load_state_dict(one.state_dict())  # at an epoch's end, new data are welcome
    assert (other.sampler.epoch, other.sampler.first_batch) == (1, 0)


def test_a_training_loop_may_say_how_much_of_what_it_was_given_it_trained_on(
    write_set: Callable[..., list[Path]],
) -> None:
    one = loader(write_set(8)[0].parent, 2, progress=lambda: (1, 3))

    def place() -> tuple[int, int]:
        return one.state_dict()["epoch"], one.state_dict()["batch"]

    assert place() == (0, 0)  # what it counts now is of no epoch that has begun
    iterator = iter(one)
    assert place() == (0, 0)
    next(iterator)
    next(iterator)
    assert place() == (0, 1)
    one.progress = lambda: (3, 3)  # the loop takes but three of four
    assert place() == (1, 0)
    one.sampler.set_epoch(1)
    assert place() == (1, 0)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_bad_sample_is_told_in_one_line_whichever_process_met_it(
    write_set: Callable[..., list[Path]], num_workers: int
) -> None:
    folder = write_set(4)[0].parent
    one = loader(folder, 2, num_workers=num_workers, members=("video.mp4",))
    with pytest.raises(
        ShardError, match=r"^[^\n]*train-000000\.tar: sample clip0-\d has no member video\.mp4$"
    ):
        list(one)


@pytest.mark.parametrize(("num_workers", "world_size"), [(0, 1), (2, 1), (0, 2)])
def test_skipped_samples_are_replaced_alike_and_counted(
    write_set: Callable[..., list[Path]], num_workers: int, world_size: int
) -> None:
    paths = write_set(6, 6)
    data = bytearray(paths[0].read_bytes())
    start = data.index(b'{"fps"')
    data[start : start + 4] = b"????"
    paths[0].write_bytes(data)
    folder = paths[0].parent
    expected = batches(loader(folder, 4, on_error="skip"))
    assert [len(batch) for batch in expected] == [4, 4, 4]
    assert "clip0-0" not in {key for batch in expected for key, _ in batch}
    ranks = [loader(folder, 4, rank, world_size, num_workers, on_error="skip") for rank in range(world_size)]
    shares = [batches(one) for one in ranks]
    assert together(shares) == expected
    problems = [problem for one in ranks for problem in one.skipped]
    assert len(problems) == 1
    assert "sample clip0-0" in problems[0]


def test_nothing_but_bad_samples_ends_in_an_error(write_set: Callable[..., list[Path]]) -> None:
    one = loader(write_set(4)[0].parent, 2, members=("video.mp4",), on_error="skip")
    with pytest.raises(ShardError, match=r"17 samples in a row cannot be used; the first: .*video\.mp4"):
        list(one)


@pytest.mark.parametrize(
    ("batch_size", "world_size", "message"),
    [(3, 2, "divisible by the 2 ranks"), (30, 1, "must not exceed the 20"), (0, 1, "divisible")],
)
def test_refuses_batches_that_cannot_be(batch_size: int, world_size: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BatchPositions(20, batch_size, 0, world_size)


def test_refuses_a_batch_beyond_the_epoch() -> None:
    with pytest.raises(ValueError, match=r"0\.\.4"):
        BatchPositions(20, 4).go_to(0, 5)


def test_errors_of_ours_are_not_taken_for_the_datas(write_set: Callable[..., list[Path]]) -> None:
    one = loader(write_set(4)[0].parent, 2, on_error="skip")
    one.dataset.prepare = lambda sample, seed: torch.zeros(2) @ torch.zeros(3)
    with pytest.raises(RuntimeError):
        list(one)
