"""A run that is preempted at any moments, and goes on each time, equals one that never was."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from ..forks import Fork, Forks
from .recorded_run import Run, assert_equal, wait_until

NUM_PREEMPTIONS = 10
FOR_EVER = 100_000  # steps

pytestmark = pytest.mark.distributed


def last_step(run: Run) -> int:
    lines = (run.folder / "steps-0.jsonl").read_text().splitlines()
    return int(json.loads(lines[-1])["step"])


def whole_run(forks: Forks, folder: Path, shards: Path, num_steps: int, num_ranks: int = 1) -> Run:
    return Run(forks, folder, shards, "--save-every", 0, num_ranks=num_ranks).train(num_steps)


def assert_ended_well(process: Fork, run: Run) -> None:
    told = process.output.read_text() if process.wait() == 0 else ""
    assert f"stopped by a signal after step {last_step(run)}" in told, process.output.read_text()
    assert f"--ckpt_path {run.folder / 'last.ckpt'}" in told


@pytest.mark.slow
def test_ten_preemptions_at_random_moments_change_nothing(forks: Forks, shards: Path, tmp_path: Path) -> None:
    """Some in the middle of a validation, some of a process with workers, some with a second signal."""
    moments = random.Random(0)
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, "--validate-every", 4)
    for number in range(NUM_PREEMPTIONS):
        is_in_validation = number % 3 == 2
        options = ["--workers", 2] if number in (4, 5) else []
        options += ["--validation-seconds", 0.15] if is_in_validation else []
        (process,) = run.start("--steps", FOR_EVER, *options, go_on=number > 0)
        run.wait_for_step(process)
        if is_in_validation:
            wait_until((run.folder / "validating").exists, process)
        else:
            time.sleep(moments.uniform(0, 0.15))
        for _ in range(moments.randint(1, 2)):
            os.kill(process.pid, (signal.SIGTERM, signal.SIGUSR1)[number % 2])
        assert_ended_well(process, run)
    num_steps = last_step(run) + 3
    run.train(num_steps, go_on=True)
    assert_equal(run, whole_run(forks, tmp_path / "whole", shards, num_steps))


def test_gradients_that_wait_for_others_are_computed_again(
    forks: Forks, shards: Path, tmp_path: Path
) -> None:
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, "--accumulate", 3)
    (process,) = run.start("--steps", FOR_EVER)
    run.wait_for_step(process)
    wait_until(lambda: last_step(run) >= 2, process)
    os.kill(process.pid, signal.SIGTERM)
    assert_ended_well(process, run)
    num_steps = last_step(run) + 3
    run.train(num_steps, go_on=True)
    whole = Run(forks, tmp_path / "whole", shards, "--save-every", 0, "--accumulate", 3)
    assert_equal(run, whole.train(num_steps))


def test_all_ranks_stop_at_one_step_when_one_gets_the_signal(
    forks: Forks, shards: Path, tmp_path: Path
) -> None:
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, num_ranks=2)
    ranks = run.start("--steps", FOR_EVER)
    run.wait_for_step(ranks[0])
    os.kill(ranks[1].pid, signal.SIGUSR1)
    for rank in ranks:
        assert rank.wait() == 0, rank.output.read_text()
    assert_ended_well(ranks[0], run)
    assert len(run.batches()) == last_step(run), "every rank trained as many steps"
    num_steps = last_step(run) + 3
    run.train(num_steps, go_on=True)
    assert_equal(run, whole_run(forks, tmp_path / "whole", shards, num_steps, num_ranks=2))


@pytest.mark.parametrize("strategy", ["auto", "fsdp2"])
def test_an_interrupt_of_all_ranks_saves_and_ends_them(
    forks: Forks, shards: Path, tmp_path: Path, strategy: str
) -> None:
    """As Ctrl-C in a terminal gets to all of them."""
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, "--strategy", strategy, num_ranks=2)
    ranks = run.start("--steps", FOR_EVER)
    run.wait_for_step(ranks[0])
    for rank in ranks:
        os.kill(rank.pid, signal.SIGINT)
    for rank in ranks:
        assert rank.wait() == 0, rank.output.read_text()
    assert (run.folder / "last.ckpt").exists()


def test_a_signal_to_the_whole_process_group_spares_the_workers(
    forks: Forks, shards: Path, tmp_path: Path
) -> None:
    """So torchrun passes signals on."""
    run = Run(forks, tmp_path / "run", shards, "--save-every", 0, "--workers", 2, "--own-group")
    (process,) = run.start("--steps", FOR_EVER)
    run.wait_for_step(process)
    os.killpg(process.pid, signal.SIGTERM)
    assert_ended_well(process, run)
