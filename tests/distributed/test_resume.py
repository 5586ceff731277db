"""A run that was stopped, or killed in the middle of a step, and went on equals one that never stopped."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from macedance.data.shards import read_shards, write_shard
from macedance.data.shards.members import encode_sample

from ..forks import LIMIT_SECONDS, Fork, Forks

SCRIPT = Path(__file__).with_name("train_and_record.py")
NUM_STEPS = 12  # of 5 in an epoch

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


@pytest.fixture(scope="module")
def shards(motion_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven training clips in three shards: an epoch of five batches of four windows leaves one window out."""
    folder = tmp_path_factory.mktemp("resume-shards")
    clips = list(read_shards(motion_shards, split="train"))
    clips += [{**clips[0], "__key__": "one-more"}]
    encoded = [
        encode_sample(clip["__key__"], clip["json"], motion=clip["motion.npz"], music=clip["music.npy"])
        for clip in clips
    ]
    for number, part in enumerate((encoded[:2], encoded[2:5], encoded[5:])):
        write_shard(folder / f"train-{number:06d}.tar", part)
    write_shard(folder / "val-000000.tar", encoded[:2])
    return folder


class Run:
    """Trainings into one folder."""

    def __init__(self, forks: Forks, folder: Path, shards: Path, *options: Any, num_ranks: int = 1) -> None:
        folder.mkdir(exist_ok=True)
        self.forks, self.folder, self.num_ranks = forks, folder, num_ranks
        self.options = ["--shards", shards, "--devices", num_ranks, *options]

    def start(self, *options: Any, go_on: bool = False) -> list[Fork]:
        checkpoint = ["--ckpt-path", self.folder / "last.ckpt"] if go_on else []
        arguments = (self.folder, *self.options, *options, *checkpoint)
        return self.forks.start_ranks(self.num_ranks, SCRIPT, *arguments)

    def train(self, num_steps: int, *options: Any, go_on: bool = False, is_killed: bool = False) -> Run:
        for rank in self.start("--steps", num_steps, *options, go_on=go_on):
            assert (rank.wait() != 0) == is_killed, rank.output.read_text()
        return self

    def batches(self) -> dict[tuple[int, int], tuple]:
        """By epoch and batch: step, seeds and content of the global batch; what was done twice must be equal."""
        rows: dict[tuple[int, int], list] = {}
        for rank in range(self.num_ranks):
            of_rank: dict[tuple[int, int], tuple] = {}
            for line in (self.folder / f"steps-{rank}.jsonl").read_text().splitlines():
                row = json.loads(line)
                content = (row["step"], row["seeds"], row["motion"], row["loss"])
                assert of_rank.setdefault((row["epoch"], row["batch"]), content) == content
            for place, content in of_rank.items():
                rows.setdefault(place, []).append(content)
        return {place: _joined(rows[place]) for place in sorted(rows)}

    def weights(self) -> dict[str, torch.Tensor]:
        """Of the last checkpoint: the average, the weights in training, and the optimizer's state."""
        checkpoint = torch.load(self.folder / "last.ckpt", weights_only=True)
        optimizer = {
            f"{number}.{name}": value
            for number, state in checkpoint["optimizer_states"][0]["state"].items()
            for name, value in state.items()
        }
        parts = {
            "average": checkpoint["state_dict"],
            "current": checkpoint["current_model_state"],
            "adam": optimizer,
        }
        return {f"{part}.{name}": value for part, tensors in parts.items() for name, value in tensors.items()}


def _joined(ranks: list[tuple]) -> tuple:
    steps, seeds, motion, losses = zip(*ranks, strict=True)
    assert len(set(steps)) == 1
    return steps[0], sum(seeds, []), motion, losses  # noqa: RUF017 - two short lists


def assert_equal(run: Run, expected: Run, about: str = "") -> None:
    assert run.batches() == expected.batches(), about
    weights = run.weights()
    for name, tensor in expected.weights().items():
        assert torch.equal(weights[name], tensor), f"{name} {about}"


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
