from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import lightning as L
import pytest

from macedance.callbacks import HangWatchdog

from ..distributed.recorded_run import Run, wait_until
from ..forks import Forks
from .toy_training import GOOD, Toy, batches, toy_trainer

MINUTES = 0.03
HANGS = ("--hang-minutes", MINUTES)
FOR_EVER = 100_000  # steps


@pytest.mark.distributed
def test_a_rank_that_waits_for_its_batch_is_named(forks: Forks, motion_shards: Path, tmp_path: Path) -> None:
    run = Run(forks, tmp_path / "run", motion_shards, *HANGS, "--stall-at", 2, num_ranks=2)
    ranks = run.start("--steps", FOR_EVER)
    assert [rank.wait() for rank in ranks] == [1, 1]
    told = [rank.output.read_text() for rank in ranks]
    assert re.search(
        rf"macedance: training stands still: rank 1 has been waiting for its batch in step 2 for {MINUTES} minutes "
        r"\(HangWatchdog\); meanwhile rank 0 in the (forward|backward) pass of step 2\n",
        told[1],
    )
    assert "on_before_batch_transfer" in told[1], "the stacks tell what it waits for"
    assert "stands still" not in told[0]


@pytest.mark.distributed
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_rank_that_does_not_answer_is_named_by_the_other(
    forks: Forks, motion_shards: Path, tmp_path: Path, stopped: int
) -> None:
    """The first rank too, which keeps what the ranks tell."""
    run = Run(forks, tmp_path / "run", motion_shards, *HANGS, num_ranks=2)
    ranks = run.start("--steps", FOR_EVER)
    run.wait_for_step(ranks[0])
    other = ranks[1 - stopped]
    os.kill(ranks[stopped].pid, signal.SIGSTOP)
    try:
        assert other.wait() == 1
        told = other.output.read_text()
    finally:
        ranks[stopped].kill()
    assert f"training stands still: no answer from rank {stopped} (last heard of: rank {stopped} " in told
    assert f"; meanwhile rank {1 - stopped} " in told


@pytest.mark.distributed
def test_a_process_alone_names_itself(forks: Forks, motion_shards: Path, tmp_path: Path) -> None:
    run = Run(forks, tmp_path / "run", motion_shards, *HANGS, "--stall-at", 3, "--troubled-rank", 0)
    (process,) = run.start("--steps", FOR_EVER)
    assert process.wait() == 1
    told = process.output.read_text()
    assert "training stands still: this process has been waiting for its batch in step 3 for" in told
    assert "on_before_batch_transfer" in told


@pytest.mark.distributed
def test_time_in_which_a_job_is_suspended_is_no_hang(
    forks: Forks, motion_shards: Path, tmp_path: Path
) -> None:
    slow = ("--validate-every", 2, "--validation-seconds", 1)
    run = Run(forks, tmp_path / "run", motion_shards, *HANGS, *slow)
    (process,) = run.start("--steps", FOR_EVER)
    wait_until((run.folder / "validating").exists, process)
    time.sleep(60 * MINUTES / 4)  # so that it is known to be there before it is stopped
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(60 * MINUTES * 1.2)
    os.kill(process.pid, signal.SIGCONT)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait() == 0, process.output.read_text()


@pytest.mark.distributed
def test_training_that_goes_on_is_left_alone(forks: Forks, motion_shards: Path, tmp_path: Path) -> None:
    options = ("--hang-minutes", 5, "--validate-every", 2)
    run = Run(forks, tmp_path / "run", motion_shards, *options, num_ranks=2)
    ranks = run.start("--steps", 5)
    assert [rank.wait() for rank in ranks] == [0, 0]
    assert not any("stands still" in rank.output.read_text() for rank in ranks)


class Raiser(L.Callback):
    def on_train_batch_end(self, *args: Any) -> None:
        raise RuntimeError("as was asked for")


@pytest.mark.parametrize("fails", [False, True])
def test_no_thread_is_left_behind(tmp_path: Path, fails: bool) -> None:
    before = threading.active_count()
    counts = []

    class Count(L.Callback):
        def on_train_epoch_start(self, *args: Any) -> None:
            counts.append(threading.active_count())

    trainer = toy_trainer(tmp_path, HangWatchdog(), Count(), *[Raiser()] * fails)
    if fails:
        with pytest.raises(RuntimeError, match="as was asked for"):
            trainer.fit(Toy(), batches(GOOD))
    else:
        trainer.fit(Toy(), batches(GOOD))
    assert counts == [before + 1]
    assert threading.active_count() == before


def test_the_time_must_be_positive() -> None:
    with pytest.raises(ValueError, match="timeout_minutes must be positive, got 0"):
        HangWatchdog(0)
