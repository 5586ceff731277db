from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from jsonargparse import Namespace

from macedance.cli import main
from macedance.commands.plan_config import read_spread, read_training
from macedance.commands.plan_verdict import judge
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.memory_plan import GIB, Activations, ExpertMemory, Spread
from macedance.lightning_modules.step_rehearsal import OptimizerMemory

MOTION = ("configs/motion/tiny.yaml", "--set", "model.init_args.num_dance_layers=1")
TINY = ("configs/appearance/tiny-aesthetic.yaml", "--size", "64", "64")


class Silent(MotionExpert):
    """Cannot be rehearsed."""

    rehearsal = None  # type: ignore[assignment]


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Plans, and gives what was printed and written."""

    def run(*arguments: str) -> SimpleNamespace:
        file = tmp_path / "plan.json"
        assert main(["plan", *arguments, "--json", str(file)]) == 0
        return SimpleNamespace(printed=capsys.readouterr().out, **json.loads(file.read_text()))

    return run


def test_a_plan_is_a_table_and_a_verdict(plan) -> None:
    found = plan(*MOTION)
    for row in (
        "weights, trained",
        "gradients",
        "optimizer state",
        "weight average",
        "activations",
        "together",
    ):
        assert row in found.printed
    assert "fits: about" in found.printed
    assert "DDP" not in found.printed
    assert "counted as mamba-ssm's kernel" in found.printed
    sizes = found.bytes
    assert sizes["gradients"] == sizes["trained_weights"] == sizes["weight_average"] > 1_000_000
    assert sizes["optimizer_state"] == pytest.approx(2 * sizes["gradients"], rel=0.1)
    assert found.total_bytes == sum(sizes.values()) - sizes["optimizer_temporaries"]
    assert found.fits
    assert found.samples_per_gpu == 16
    assert found.largest_batch_size > 1000


def test_more_gpus_take_smaller_shares(plan) -> None:
    one = plan(*MOTION)
    ddp = plan("configs/motion/tiny.yaml", "configs/trainer/ddp.yaml", *MOTION[1:], "--gpus", "4")
    sharded = plan("configs/motion/tiny.yaml", "configs/trainer/fsdp2.yaml", *MOTION[1:], "--gpus", "4")
    assert (one.strategy, ddp.strategy, sharded.strategy) == ("single", "ddp", "fsdp2")
    assert ddp.samples_per_gpu == sharded.samples_per_gpu == 4
    assert ddp.bytes["activations"] < 0.5 * one.bytes["activations"]
    assert ddp.bytes["gradients"] == 4 * sharded.bytes["gradients"]
    assert ddp.bytes["ddp_buckets"] == 0 < plan(*MOTION, "--gpus", "4").bytes["ddp_buckets"]
    assert sharded.bytes["gathered"] > 0


def test_what_does_not_fit_is_told_with_what_would(plan) -> None:
    found = plan(*TINY, "--gpus", "2", "--gpu-gib", "2.004")
    assert found.fits is False
    assert "does not fit" in found.printed
    assert found.largest_batch_size < 8
    told = " ".join(found.advice)
    assert "model.init_args.gradient_checkpointing true" in told
    assert "configs/trainer/fsdp2.yaml" in told
    assert "cpu_offload" in told
    assert all(line in found.printed for line in found.advice)


def test_a_stage_needs_no_adapter_to_be_planned_and_a_size_is_assumed(plan) -> None:
    wide = (
        "--set",
        "model.init_args.backbone=Wan-AI/Wan2.2-Animate-14B-Diffusers",
        "--set",
        "data.init_args.num_frames=5",
    )
    found = plan("configs/appearance/tiny-kinematic.yaml", *wide, "--set", "data.init_args.batch_size=1")
    assert any("832 x 480 is taken" in note for note in found.notes)
    assert found.bytes["frozen_weights"] / GIB == pytest.approx(4 * 16.09, rel=0.01)  # in float32
    assert plan(*TINY).expert == "AppearanceExpert"


def test_an_expert_that_cannot_be_rehearsed_is_planned_without_activations(
    plan,
) -> None:
    found = plan(*MOTION, "--set", f"model.class_path={Silent.__module__}.Silent")
    assert found.expert == "Silent"
    assert found.bytes["activations"] is found.fits is found.largest_batch_size is None
    assert "has no rehearsal()" in found.printed
    assert "may fit" in found.printed


def test_the_tiny_backbone_is_planned_at_a_size_that_suits_it(plan) -> None:
    found = plan(*TINY[:1])
    assert any("64 x 64 is taken" in note for note in found.notes)
    assert found.bytes == plan(*TINY).bytes


class Waiting(Silent):
    """Cannot make its optimizer without a trainer."""

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1 / self.trainer.max_steps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [*MOTION, "--set", f"model.class_path={Silent.__module__}.Waiting"],
            "Waiting cannot be planned",
        ),
        ([*MOTION, "--set", "data.init_args.window_frames=0"], "MotionExpert cannot be planned"),
        (["none.yaml"], "no configuration none.yaml"),
        ([*MOTION, "--set", "model.init_args.widht=3"], "Option 'widht' is not accepted"),
        ([*MOTION, "--set", "width"], "--set must be KEY=VALUE"),
        ([*MOTION, "--set", "trainer.strategy=deepspeed"], "trainer.strategy must be auto, DDP"),
        ([*MOTION, "--set", "trainer.strategy=fsdp"], "which is FSDP1"),
        ([*MOTION, "--set", "model.init_args.objective=none"], "objective must be one of"),
        (
            [*MOTION, "--gpus", "3"],
            "data.init_args.batch_size must be a multiple of the number of GPUs, 3, got 16",
        ),
        ([*MOTION, "--gpus", "0"], "--gpus must be at least 1"),
        ([*MOTION, "--gpu-gib", "nan"], "--gpu-gib must be above 0"),
        ([*TINY[:1], "--size", "0", "8"], "--size must be above 0"),
        ([*TINY[:1], "--size", "832", "480"], "size must be at most 512 px"),
        (["configs/cascade/tiny.yaml"], "a cascade is not trained"),
        (["configs/trainer/ddp.yaml"], "arguments are required: fit.model"),
        (
            [*MOTION, "--set", "data.class_path=macedance.datamodules.AppearanceData"],
            "must have 'window_frames'",
        ),
        ([*TINY, "--set", "model.init_args.backbone=./none"], "none"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) <= 2  # the hub may be asked first


@pytest.mark.parametrize("files", [["motion/paper"], ["appearance/aesthetic", "trainer/fsdp2"]])
def test_what_is_read_is_what_fit_would_run(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["macedance"])
    paths = [f"configs/{name}.yaml" for name in files]
    with pytest.raises(SystemExit):
        main(["fit", *(part for path in paths for part in ("--config", path)), "--print_config"])
    expected = yaml.safe_load(capsys.readouterr().out)
    training = read_training(paths, [])
    for part in ("model", "data"):
        assert _plain(training[part]) == {**expected[part], "init_args": _resolved(expected, part)}
    assert training.trainer.max_steps == expected["trainer"]["max_steps"]
    assert len(training.trainer.callbacks) == len(expected["trainer"]["callbacks"])


def _resolved(config: dict[str, Any], part: str) -> dict[str, Any]:
    """The arguments, with the one interpolation that our files have."""
    arguments = config[part]["init_args"]
    return {
        name: config["seed_everything"] if value == "${seed_everything}" else value
        for name, value in arguments.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Namespace):
        return {name: _plain(item) for name, item in vars(value).items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


@pytest.mark.parametrize(
    ("strategy", "num_gpus", "expected"),
    [
        ("auto", 1, Spread("single", 1)),
        ("auto", 2, Spread("ddp", 2, has_own_buckets=True)),
        ("ddp", 1, Spread("ddp", 1, has_own_buckets=True)),
        ("ddp_find_unused_parameters_true", 2, Spread("ddp", 2, has_own_buckets=True)),
        (
            Namespace(
                class_path="macedance.distributed.FSDP2Strategy",
                init_args=Namespace(param_dtype="bfloat16", reshard_after_forward=False, cpu_offload=True),
            ),
            8,
            Spread("fsdp2", 8, param_dtype=torch.bfloat16, reshard_after_forward=False, cpu_offload=True),
        ),
    ],
)
def test_strategies_are_read(strategy: Any, num_gpus: int, expected: Spread) -> None:
    assert read_spread(strategy, num_gpus) == expected


def test_the_largest_batch_fits_and_one_more_does_not() -> None:
    def expert(num_samples: int) -> ExpertMemory:
        activations = Activations(num_samples, num_samples * GIB, 2 * num_samples * GIB)
        return ExpertMemory(GIB, GIB, 0, OptimizerMemory(2 * GIB, GIB), activations, ())

    most = judge(expert(1), Spread("single", 1), 40 * GIB).most_samples
    assert most == 32
    assert judge(expert(most), Spread("single", 1), 40 * GIB).fits
    assert not judge(expert(most + 1), Spread("single", 1), 40 * GIB).fits
    assert judge(expert(1), Spread("single", 1), 4 * GIB).most_samples == 0
    greedy = replace(expert(1), optimizer=OptimizerMemory(2 * GIB, 40 * GIB))
    assert judge(greedy, Spread("single", 1), 40 * GIB).most_samples == 0


def test_the_advice_is_of_the_global_batch() -> None:
    activations = Activations(10, 100 * GIB, 200 * GIB)
    expert = ExpertMemory(GIB, 0, 0, OptimizerMemory(0, 0), activations, ())
    batch_size, *others = judge(expert, Spread("ddp", 4), 60 * GIB).advice
    assert batch_size.startswith("data.init_args.batch_size 20;")
    assert all("does not fit either" in other for other in others)
