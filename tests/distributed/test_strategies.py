"""Two ranks train as one does on the same global batch, under DDP and FSDP2, and go on from one another."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file

from macedance import cli
from macedance.cli import main
from macedance.distributed import is_sharded_checkpoint, read_sharded_checkpoint
from macedance.lightning_modules.loading import load_expert
from macedance.models.appearance.tiny import tiny_backbone

from ..forks import Forks
from ..latent_shards import write_latent_shards

SCRIPT = Path(__file__).with_name("train_with_strategy.py")
STEPS, MORE_STEPS = 4, 7
EXPERTS = ("motion", "kinematic", "aesthetic")
FSDP2 = ("--strategy", "fsdp2")

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


class Run(NamedTuple):
    """A finished training."""

    folder: Path
    num_ranks: int

    def reports(self) -> list[dict[str, Any]]:
        return [
            json.loads((self.folder / f"losses-{rank}.json").read_text()) for rank in range(self.num_ranks)
        ]

    def losses(self) -> dict[int, float]:
        """Of each step, over the global batch."""
        ranks = [report["losses"] for report in self.reports()]
        return {int(step): sum(rank[step] for rank in ranks) / len(ranks) for step in ranks[0]}

    def scores(self) -> dict[str, float]:
        return self.reports()[0]["scores"]

    def checkpoint(self) -> dict[str, Any]:
        path = self.folder / "last.ckpt"
        return read_sharded_checkpoint(path) if path.is_dir() else torch.load(path, weights_only=True)


class Runs:
    """Trainings, each done once."""

    def __init__(self, forks: Forks, folder: Path, shards: dict[str, Path]) -> None:
        self.forks, self.folder, self.shards = forks, folder, shards
        self.done: dict[tuple[object, ...], Run] = {}

    def train(self, expert: str, num_ranks: int, *options: object, go_on_from: Run | None = None) -> Run:
        asked = (expert, num_ranks, *options, go_on_from)
        if asked not in self.done:
            folder = Path(tempfile.mkdtemp(dir=self.folder))
            arguments = [folder, "--expert", expert, "--shards", self.shards[expert], "--devices", num_ranks]
            arguments += [*options]
            if go_on_from:
                arguments += ["--ckpt-path", go_on_from.folder / "last.ckpt", "--steps", MORE_STEPS]
            ranks = self.forks.start_ranks(num_ranks, SCRIPT, *arguments)
            for rank in ranks:
                assert rank.wait() == 0, rank.output.read_text()
            (folder / "output.txt").write_text("".join(rank.output.read_text() for rank in ranks))
            self.done[asked] = Run(folder, num_ranks)
        return self.done[asked]


@pytest.fixture(scope="module")
def runs(forks: Forks, motion_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    latents = write_latent_shards(tmp_path_factory.mktemp("latents"), {"train": 8, "val": 2})
    shards = {"motion": motion_shards, "kinematic": latents, "aesthetic": latents}
    return Runs(forks, tmp_path_factory.mktemp("runs"), shards)


def assert_same_training(run: Run, expected: Run, tolerance: float = 1e-5) -> None:
    assert run.losses() == pytest.approx(expected.losses(), rel=tolerance)
    # of the averaged weights, on all validation clips
    assert run.scores()["val/loss"] == pytest.approx(expected.scores()["val/loss"], rel=tolerance)
    weights, expected_weights = run.checkpoint(), expected.checkpoint()
    for part in ("state_dict", "current_model_state"):
        assert weights[part].keys() == expected_weights[part].keys()
        for name, tensor in expected_weights[part].items():
            torch.testing.assert_close(
                weights[part][name], tensor, rtol=1e-3, atol=1e-5, msg=f"{part} {name}"
            )
    assert int(weights["averaging_state"]["n_averaged"]) == max(run.losses())


@pytest.mark.parametrize("expert", EXPERTS)
@pytest.mark.parametrize("strategy", ["ddp", "fsdp2"])
def test_two_ranks_train_as_one(runs: Runs, expert: str, strategy: str) -> None:
    one, two = runs.train(expert, 1), runs.train(expert, 2, "--strategy", strategy)
    assert list(one.losses()) == list(range(1, STEPS + 1))
    assert_same_training(two, one)
    average, current = (one.checkpoint()[part] for part in ("state_dict", "current_model_state"))
    assert any(not torch.equal(average[name], current[name]) for name in current)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((2, *FSDP2), (1, *FSDP2)),
        ((2, *FSDP2), (2, "--strategy", "ddp")),
        ((1,), (2, *FSDP2)),
        ((2, *FSDP2), (1,)),
    ],
    ids=["fsdp2-on-2-to-1", "fsdp2-to-ddp", "one-to-fsdp2", "fsdp2-to-one"],
)
@pytest.mark.parametrize("expert", ["motion", "aesthetic"])
def test_a_checkpoint_goes_on_elsewhere(runs: Runs, expert: str, before: tuple, after: tuple) -> None:
    whole = runs.train(expert, 1, "--steps", MORE_STEPS)
    first = runs.train(expert, *before)
    assert is_sharded_checkpoint(first.folder / "last.ckpt") == ("fsdp2" in before)
    run = runs.train(expert, *after, go_on_from=first)
    expected = {step: loss for step, loss in whole.losses().items() if step > STEPS}
    assert run.losses() == pytest.approx(expected, rel=1e-5)
    assert run.scores()["val/loss"] == pytest.approx(whole.scores()["val/loss"], rel=1e-5)


def test_accumulated_gradients_are_those_of_one_rank(runs: Runs) -> None:
    accumulate = ("--accumulate", 2)
    assert_same_training(runs.train("motion", 2, *FSDP2, *accumulate), runs.train("motion", 1, *accumulate))


@pytest.mark.parametrize(
    ("options", "tolerance"),
    [
        ({"reshard_after_forward": False}, 1e-5),
        ({"save_distributed_checkpoint": False}, 1e-5),
        ({"param_dtype": "bfloat16", "reduce_dtype": "float32", "output_dtype": "float32"}, 0.03),
    ],
    ids=str,
)
def test_options_change_how_and_not_what(runs: Runs, options: dict[str, Any], tolerance: float) -> None:
    expected = runs.train("motion", 1)
    run = runs.train("motion", 2, *FSDP2, "--options", json.dumps(options))
    assert run.losses() == pytest.approx(expected.losses(), rel=tolerance)
    assert (run.losses() == pytest.approx(expected.losses(), rel=1e-5)) == (tolerance < 1e-3)
    assert (run.folder / "last.ckpt").is_dir() == options.get("save_distributed_checkpoint", True)


def test_offloading_to_the_cpu_from_the_cpu_is_told_to_do_nothing(runs: Runs) -> None:
    run = runs.train("motion", 2, *FSDP2, "--options", json.dumps({"cpu_offload": True}))
    assert run.losses() == runs.train("motion", 2, *FSDP2).losses()
    assert "cpu_offload has no effect on the CPU" in (run.folder / "output.txt").read_text()


def test_a_backbone_from_files_is_read_in_slices(runs: Runs, tmp_path: Path) -> None:
    tiny_backbone().save_pretrained(tmp_path / "backbone")
    run = runs.train("aesthetic", 2, *FSDP2, "--backbone", tmp_path / "backbone")
    assert_same_training(run, runs.train("aesthetic", 1))


def test_checkpoints_hold_only_what_trains(runs: Runs) -> None:
    folder = runs.train("kinematic", 2, *FSDP2).folder / "last.ckpt"
    names = {name for file in folder.glob("*.safetensors") for name in load_file(file)}
    weights = {name for name in names if name.startswith("state_dict.")}
    assert weights == {
        f"state_dict.{name}"
        for name in ("pose_patch_embedding.weight", "pose_patch_embedding.bias", "base_fingerprint")
    }


@pytest.mark.parametrize("expert", ["motion", "aesthetic"])
def test_a_sharded_checkpoint_becomes_one_file(runs: Runs, expert: str, tmp_path: Path) -> None:
    run = runs.train(expert, 2, *FSDP2)
    checkpoint = run.folder / "last.ckpt"
    assert main(["export", str(checkpoint), "--out", str(tmp_path / "export")]) == 0
    weights = load_file(tmp_path / "export" / "model.safetensors")
    average = run.checkpoint()["state_dict"]
    assert weights.keys() == average.keys()
    assert all(torch.equal(weights[name], average[name]) for name in average)
    loaded = load_expert(tmp_path / "export").state_dict()
    assert all(torch.equal(loaded[name], average[name]) for name in average)


def test_two_ranks_that_share_the_weights_score_as_one(
    runs: Runs, motion_shards: Path, tmp_path: Path
) -> None:
    checkpoint = runs.train("motion", 2, *FSDP2).folder / "last.ckpt"
    model = {"num_dance_layers": 2, "num_music_layers": 1, "num_heads": 2, "width": 16, "state_size": 4}
    options = {
        **{f"model.init_args.{name}": value for name, value in model.items()},
        "model.init_args.num_sampling_steps": 2,
        "data.init_args.shards": motion_shards,
        "data.init_args.eval_batch_size": 1,
        "trainer.accelerator": "cpu",
        "trainer.enable_progress_bar": "false",
        "ckpt_path": checkpoint,
    }
    scores = []
    for num_ranks, layers in ((1, ()), (3, ("--config", "configs/trainer/fsdp2.yaml"))):
        folder = tmp_path / str(num_ranks)
        folder.mkdir()
        own = {**options, "trainer.devices": num_ranks}
        flags = [part for name, value in own.items() for part in (f"--{name}", str(value))]
        arguments = ["test", "--config", "configs/motion/tiny.yaml", *layers, *flags]
        for rank in runs.forks.start_ranks(num_ranks, cli.__file__, *arguments, folder=folder):
            assert rank.wait() == 0, rank.output.read_text()
        (file,) = folder.rglob("test_scores.json")
        scores.append(json.loads(file.read_text()))
    assert scores[0]["weights_sha256"] == scores[1]["weights_sha256"]
    assert scores[1]["this model"] == pytest.approx(scores[0]["this model"], rel=1e-3, nan_ok=True)


def test_weights_of_another_form_are_refused(runs: Runs, motion_shards: Path, tmp_path: Path) -> None:
    weights = runs.train("motion", 2, *FSDP2).folder / "last.ckpt"
    layers = ["--config", "configs/motion/tiny.yaml", "--config", "configs/trainer/fsdp2.yaml"]
    options = {
        "data.init_args.shards": motion_shards,
        "data.init_args.batch_size": 2,
        "trainer.accelerator": "cpu",
        "trainer.devices": 1,
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    for command, given in (("fit", "--weights"), ("validate", "--ckpt_path")):
        (run,) = runs.forks.start_ranks(
            1, cli.__file__, command, *layers, *flags, given, weights, folder=tmp_path
        )
        assert run.wait() == 2, run.output.read_text()
        lines = run.output.read_text().splitlines()
        assert any(line.startswith(f"macedance: {given}: ") for line in lines), lines
