"""Training on two ranks is the training on one, seen from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

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


def run(command: str, folder: Path, shards: Path, more: dict[str, object]) -> None:
    options = {"data.init_args.shards": shards, **SMALL, **more}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    subprocess.run(
        [sys.executable, "-m", "macedance.cli", command, "--config", "configs/motion/tiny.yaml", *flags],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=600,
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / LAST, weights_only=True)["state_dict"]


@pytest.mark.distributed
@pytest.mark.slow
def test_two_ranks_train_and_score_as_one(tmp_path: Path, motion_shards: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, devices in ((one, {"trainer.devices": 1}), (two, TWO_RANKS)):
        folder.mkdir()
        run("fit", folder, motion_shards, devices)
        run("test", folder, motion_shards, {**devices, "ckpt_path": one / LAST})
    expected = weights(one)
    for name, tensor in weights(two).items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-3, atol=1e-5, msg=name)

    expected_scores, scores = (json.loads((folder / SCORES).read_text()) for folder in (one, two))
    for row in ("ground truth", "this model", "untrained"):
        assert scores[row] == pytest.approx(expected_scores[row], rel=1e-3, nan_ok=True)
