"""Training on two ranks is the training on one, seen from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from macedance import cli

from ..forks import LIMIT_SECONDS, Forks, free_port

LAST = "runs/motion-tiny/version_0/checkpoints/last.ckpt"
SCORES = "runs/motion-tiny/version_1/test_scores.json"
SMALL = {
    "trainer.accelerator": "cpu",
    "trainer.enable_progress_bar": "false",
    "trainer.max_steps": 4,
    "trainer.val_check_interval": 4,
    "data.init_args.batch_size": 4,
    "data.init_args.window_frames": 40,
    "data.init_args.windows_per_clip": 2,
    "data.init_args.eval_batch_size": 1,  # so that each clip is computed alone, whichever rank has it
    "model.init_args.width": 16,
    "model.init_args.state_size": 4,
    "model.init_args.num_sampling_steps": 2,
    "model.init_args.num_validation_sampling_steps": 2,
    # Adam would blow up the rounding of gradients that are zero, such as those of the keys' biases.
    "model.init_args.optimizer": "torch.optim.SGD",
}
TWO_RANKS = {"trainer.devices": 2, "trainer.strategy": "ddp"}


def command_line(command: str, shards: Path, more: dict[str, object]) -> list[str]:
    options = {"data.init_args.shards": shards, **SMALL, **more}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [command, "--config", "configs/motion/tiny.yaml", *flags]


def run(forks: Forks, num_ranks: int, folder: Path, arguments: list[str]) -> None:
    for rank in forks.start_ranks(num_ranks, cli.__file__, *arguments, folder=folder):
        assert rank.wait() == 0, rank.output.read_text()


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / LAST, weights_only=True)["state_dict"]


@pytest.mark.distributed
@pytest.mark.slow
def test_two_ranks_train_and_score_as_one(forks: Forks, tmp_path: Path, motion_shards: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    # The command starts its second rank itself; the forks below are told by whoever started them which rank they are.
    fit_two = subprocess.Popen(
        [sys.executable, "-m", "macedance.cli", *command_line("fit", motion_shards, TWO_RANKS)],
        cwd=two,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MASTER_PORT": str(free_port())},
    )
    run(forks, 1, one, command_line("fit", motion_shards, {"trainer.devices": 1}))
    assert fit_two.wait(LIMIT_SECONDS) == 0
    for num_ranks, folder, devices in ((1, one, {"trainer.devices": 1}), (2, two, TWO_RANKS)):
        trained = {**devices, "ckpt_path": one / LAST}
        run(forks, num_ranks, folder, command_line("test", motion_shards, trained))
    expected = weights(one)
    for name, tensor in weights(two).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-3, atol=1e-5, msg=name)

    expected_scores, scores = (json.loads((folder / SCORES).read_text()) for folder in (one, two))
    for row in ("ground truth", "this model", "untrained"):
        assert scores[row] == pytest.approx(expected_scores[row], rel=1e-3, nan_ok=True)
