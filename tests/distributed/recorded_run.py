"""Trainings that write down what they did, to be compared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ..forks import LIMIT_SECONDS, Fork, Forks

SCRIPT = Path(__file__).with_name("train_and_record.py")


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

    def wait_for_step(self, process: Fork) -> None:
        """Wait until a process that was just started has trained a step, or has ended."""
        steps = self.folder / "steps-0.jsonl"
        before = steps.stat().st_size if steps.exists() else 0
        wait_until(
            lambda: process.poll() is not None or (steps.exists() and steps.stat().st_size > before), process
        )

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


def wait_until(is_so: Callable[[], bool], process: Fork) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, process.output.read_text()
        time.sleep(0.01)


def _joined(ranks: list[tuple]) -> tuple:
    steps, seeds, motion, losses = zip(*ranks, strict=True)
    assert len(set(steps)) == 1
    return steps[0], sum(seeds, []), motion, losses  # noqa: RUF017 - two short lists


def assert_equal(run: Run, expected: Run, about: str = "") -> None:
    assert run.batches() == expected.batches(), about
    weights = run.weights()
    for name, tensor in expected.weights().items():
        assert torch.equal(weights[name], tensor), f"{name} {about}"
