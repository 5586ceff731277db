"""A run that was stopped, or killed in the middle of a step, and went on equals one that never stopped."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
import torch

from ..forks import LIMIT_SECONDS, Forks
from .recorded_run import Run, assert_equal

NUM_STEPS = 12  # of 5 in an epoch

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


@pytest.fixture(scope="module")
def uninterrupted(forks: Forks, shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run(forks, tmp_path_factory.mktemp("runs") / "whole", shards).train(NUM_STEPS)
    assert list(run.batches()) == [(step // 5, step % 5) for step in range(NUM_STEPS)]
    return run


@pytest.fixture(scope="module")
def uninterrupted_two(forks: Forks, shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(forks, tmp_path_factory.mktemp("runs") / "whole2", shards, num_ranks=2).train(NUM_STEPS)


@pytest.mark.parametrize(
    ("stops", "options"),
    [
        ((3, 5), ()),
        ((2, 7), ("--workers", 2)),
        ((3, 6), ("--validate-every", 3)),
        ((5,), ("--validate-every", 5, "--workers", 2)),
    ],
)
def test_stopping_changes_nothing(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path, stops: tuple[int, ...], options: tuple
) -> None:
    run = Run(forks, tmp_path / "run", shards, *options).train(stops[0])
    for stop in (*stops[1:], NUM_STEPS):
        run.train(stop, go_on=True)
    assert_equal(run, uninterrupted)


def test_accumulated_gradients_are_kept_whole(forks: Forks, shards: Path, tmp_path: Path) -> None:
    whole = Run(forks, tmp_path / "whole", shards, "--accumulate", 2).train(6)
    run = Run(forks, tmp_path / "run", shards, "--accumulate", 2).train(4).train(6, go_on=True)
    assert_equal(run, whole)
    for place in ("batch_start:0:3", "batch_start:1:1"):  # one of two batches was accumulated
        run = Run(forks, tmp_path / place.replace(":", "-"), shards, "--accumulate", 2, "--save-every", 1000)
        run.train(6, "--raise-at", place, is_killed=True).train(6, go_on=True)
        assert_equal(run, whole)


@pytest.mark.parametrize(
    ("stop", "options"),
    [(6, ("--save-every", 0, "--validate-every", 3)), (3, ("--save-every", 1000, "--validate-every", 3))],
)
def test_a_run_that_ends_with_a_validation_goes_on(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path, stop: int, options: tuple
) -> None:
    run = Run(forks, tmp_path / "run", shards, *options).train(stop).train(NUM_STEPS, go_on=True)
    assert_equal(run, uninterrupted)


@pytest.mark.parametrize("place", ["epoch_end:0", "epoch_start:1", "before_optimizer_step:0:4"])
def test_what_an_exception_leaves_goes_on(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path, place: str
) -> None:
    run = Run(forks, tmp_path / "run", shards, "--save-every", 1000)
    run.train(NUM_STEPS, "--raise-at", place, is_killed=True).train(NUM_STEPS, go_on=True)
    assert_equal(run, uninterrupted)


@pytest.mark.parametrize(
    "trouble",
    [("--kill-in-validation", 6), ("--raise-at", "validation_batch_start:1:0")],
)
def test_what_ends_a_validation_costs_no_training(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path, trouble: tuple
) -> None:
    """Here nothing else saves the sixth step."""
    run = Run(forks, tmp_path / "run", shards, "--save-every", 1000, "--validate-every", 3)
    run.train(NUM_STEPS, *trouble, is_killed=True)
    assert [path.name for path in run.folder.glob("*.ckpt")] == ["last.ckpt"]
    assert torch.load(run.folder / "last.ckpt", weights_only=True)["global_step"] == 6
    assert_equal(run.train(NUM_STEPS, go_on=True), uninterrupted)


def test_an_epoch_that_is_saved_at_its_end_goes_on(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path
) -> None:
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, "--check-every-epoch")
    run.train(NUM_STEPS, "--kill-at", 7, is_killed=True).train(NUM_STEPS, go_on=True)
    assert_equal(run, uninterrupted)


def test_epochs_that_are_cut_short_end_where_they_end(forks: Forks, shards: Path, tmp_path: Path) -> None:
    whole = Run(forks, tmp_path / "whole", shards, "--limit", 3).train(7)
    assert list(whole.batches()) == [(step // 3, step % 3) for step in range(7)]
    run = (
        Run(forks, tmp_path / "run", shards, "--limit", 3).train(3).train(4, go_on=True).train(7, go_on=True)
    )
    assert_equal(run, whole)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_sigkill_in_the_middle_of_steps_changes_nothing(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path, num_workers: int
) -> None:
    # With one kill at the end of an epoch: the trainer counts such a restart in a way of its own.
    kills = sorted({5, *random.SystemRandom().sample(range(1, NUM_STEPS), 2)})
    run = Run(forks, tmp_path / "run", shards, "--workers", num_workers)
    for number, kill in enumerate(kills):
        run.train(NUM_STEPS, "--kill-at", kill, go_on=number > 0, is_killed=True)
    run.train(NUM_STEPS, go_on=True)
    assert_equal(run, uninterrupted, f"killed in steps {kills}")


def test_sigkill_at_any_moment_changes_nothing(
    forks: Forks, uninterrupted: Run, shards: Path, tmp_path: Path
) -> None:
    """The process is killed from outside: while it trains, reads, saves, or has not yet begun."""
    run, moments = Run(forks, tmp_path / "run", shards), []
    for _ in range(4):
        go_on = (run.folder / "last.ckpt").is_file()
        (process,) = run.start("--steps", NUM_STEPS, go_on=go_on)
        steps = run.folder / "steps-0.jsonl"
        before = steps.stat().st_size if steps.exists() else 0
        began = time.monotonic()
        while process.poll() is None and (not steps.exists() or steps.stat().st_size == before):
            assert time.monotonic() - began < LIMIT_SECONDS
            time.sleep(0.01)
        moments.append(random.SystemRandom().uniform(0, 0.3))
        time.sleep(moments[-1])
        process.kill()
        process.wait()
        lines = steps.read_text().splitlines()
        steps.write_text("".join(f"{line}\n" for line in lines if line.endswith("}")))
    run.train(NUM_STEPS, go_on=(run.folder / "last.ckpt").is_file())
    assert_equal(run, uninterrupted, f"killed {moments} s after a step")


def test_two_ranks_go_on_exactly_when_one_was_killed(
    forks: Forks, uninterrupted_two: Run, shards: Path, tmp_path: Path
) -> None:
    run = Run(forks, tmp_path / "run", shards, num_ranks=2)
    run.train(NUM_STEPS, "--kill-at", 7, "--kill-rank", 1, is_killed=True)
    run.train(NUM_STEPS, go_on=True)
    assert_equal(run, uninterrupted_two)


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_another_number_of_ranks_goes_on_with_the_same_global_batches(
    forks: Forks,
    uninterrupted: Run,
    uninterrupted_two: Run,
    shards: Path,
    tmp_path: Path,
    before: int,
    after: int,
) -> None:
    expected = {place: content[:2] for place, content in uninterrupted.batches().items()}
    assert {place: content[:2] for place, content in uninterrupted_two.batches().items()} == expected
    first = Run(forks, tmp_path / "run", shards, num_ranks=before).train(7)
    for path in first.folder.glob("steps-*.jsonl"):
        path.unlink()
    second = Run(forks, first.folder, shards, num_ranks=after)
    second.train(NUM_STEPS, go_on=True)
    batches = second.batches()
    assert list(batches) == [(step // 5, step % 5) for step in range(7, NUM_STEPS)]
    for place, content in batches.items():
        assert content[:2] == expected[place]


@pytest.mark.parametrize("num_ranks", [1, 2])
def test_a_damaged_sample_ends_a_run_on_all_ranks(
    forks: Forks, shards: Path, tmp_path: Path, num_ranks: int
) -> None:
    run = Run(forks, tmp_path / "run", _damaged(shards, tmp_path), num_ranks=num_ranks)
    ranks = run.start("--steps", NUM_STEPS)
    assert all(rank.wait() != 0 for rank in ranks)
    told = "".join(rank.output.read_text() for rank in ranks)
    assert "train-000000.tar: sample" in told
    assert "are not those that were written" in told


def test_skipping_is_counted_over_all_ranks_and_told(forks: Forks, shards: Path, tmp_path: Path) -> None:
    damaged = _damaged(shards, tmp_path)
    runs = [
        Run(forks, tmp_path / f"run{num_ranks}", damaged, "--on-error", "skip", num_ranks=num_ranks)
        for num_ranks in (1, 2)
    ]
    told = []
    for run in runs:
        ranks = run.start("--steps", 5)
        outputs = [rank.output.read_text() for rank in ranks if rank.wait() == 0]
        assert len(outputs) == run.num_ranks
        (line,) = (line for line in "".join(outputs).splitlines() if "samples skipped:" in line)
        told.append(line.partition("epoch 0: ")[2])
    one, two = (run.batches() for run in runs)
    assert {place: content[:2] for place, content in one.items()} == {
        place: content[:2] for place, content in two.items()
    }
    assert told[0] == told[1]
    assert told[0].startswith(("2 ", "3 "))


def _damaged(shards: Path, tmp_path: Path) -> Path:
    """The same set with a byte of one clip's music flipped."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in shards.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    path = folder / "train-000000.tar"
    index = json.loads((folder / "train-000000.idx").read_text())
    data = bytearray(path.read_bytes())
    data[next(iter(index["samples"].values()))["music.npy"][0] + 300] ^= 1
    path.write_bytes(data)
    return folder
