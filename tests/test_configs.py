from __future__ import annotations

import importlib
import inspect
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from lightning.fabric.plugins.environments import SLURMEnvironment

from macedance.cli import main
from macedance.config_files import find_config, list_configs
from macedance.metrics.extractors import (
    EXTRACTOR_KEYS,
    extractor_class,
    load_extractors,
    read_extractor_config,
)

from .integration.test_launching import slurm

ROOT = Path(__file__).parents[1]
METRICS = [path for path in list_configs() if path.parts[0] == "metrics"]
TRAINERS = [path for path in list_configs() if path.parts[0] == "trainer"]
MODELS = [
    path for path in list_configs() if path.stem not in ("base", "demo") and path not in METRICS + TRAINERS
]
EXPERTS = [path for path in MODELS if path.parts[0] != "cascade"]
STRATEGIES = {"cpu": "SingleDeviceStrategy", "ddp": "DDPStrategy", "fsdp2": "FSDP2Strategy"}
NAMES = {
    "motion": ("MotionExpert", "MotionData"),
    "appearance": ("AppearanceExpert", "AppearanceData"),
    "cascade": ("Cascade", "CascadeData"),
}
LAYERED = [
    ["motion/tiny.yaml", "motion/demo.yaml"],
    ["appearance/tiny-aesthetic.yaml", "appearance/demo.yaml"],
    ["cascade/tiny.yaml", "cascade/demo.yaml"],
]


def test_configs_are_found_by_the_readmes_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {path.stem for path in MODELS if path.parts[0] == "motion"} == {"tiny", "small", "paper"}
    stages = {path.stem for path in MODELS if path.parts[0] == "appearance"}
    assert stages == {"kinematic", "aesthetic", "tiny-kinematic", "tiny-aesthetic"}
    assert {path.stem for path in MODELS if path.parts[0] == "cascade"} == {"tiny", "paper"}
    assert {path.stem for path in METRICS} == {"random", "vbench"}
    assert {path.stem for path in TRAINERS} == set(STRATEGIES)
    assert find_config("configs/motion/tiny.yaml").is_file()
    (tmp_path / "mine.yaml").write_text("{}")
    assert find_config("mine.yaml") == Path("mine.yaml")
    with pytest.raises(FileNotFoundError, match="macedance configs"):
        find_config("configs/motion/huge.yaml")


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., SimpleNamespace]:
    """Builds what ``fit`` would run: model, data and trainer of layered configurations and further arguments."""

    def build_layers(names: list[str], *arguments: str) -> SimpleNamespace:
        commands = importlib.import_module("macedance.commands.lightning")
        built = SimpleNamespace()

        def no_run(cli, subcommand: str) -> None:
            built.__dict__.update(
                model=cli.model, data=cli.datamodule, trainer=cli.trainer, config=cli.config.fit
            )

        monkeypatch.setattr("lightning.pytorch.cli.LightningCLI._run_subcommand", no_run)
        monkeypatch.setattr("sys.argv", ["macedance"])
        monkeypatch.chdir(tmp_path)
        layers = [part for name in names for part in ("--config", f"configs/{name}")]
        assert commands.run(["fit", *layers, *arguments]) == 0
        return built

    return build_layers


@pytest.mark.parametrize("names", [*([str(path)] for path in MODELS), *LAYERED], ids="+".join)
def test_every_config_instantiates(names: list[str], build: Callable[..., SimpleNamespace]) -> None:
    built = build(names, "--trainer.max_steps", "7")
    assert (type(built.model).__name__, type(built.data).__name__) == NAMES[Path(names[0]).parts[0]]
    assert built.trainer.max_steps == 7
    scheduler = built.config.model.init_args.get("lr_scheduler")
    assert scheduler is None or scheduler.init_args.num_training_steps == 7, (
        "interpolation must see the override"
    )


@pytest.mark.parametrize(("expert", "trainer"), itertools.product(EXPERTS, TRAINERS), ids=str)
def test_every_trainer_can_be_laid_on_every_expert(
    expert: Path, trainer: Path, build: Callable[..., SimpleNamespace]
) -> None:
    alone, built = build([str(expert)]), build([str(expert), str(trainer)])
    assert type(built.trainer.strategy).__name__ == STRATEGIES[trainer.stem]
    before, after = alone.config.as_dict(), built.config.as_dict()
    assert {key for key in after if after[key] != before[key]} - {"config"} <= {"trainer"}
    assert set(yaml.safe_load(find_config(trainer).read_text())) == {"trainer"}


@pytest.mark.parametrize("trainer", TRAINERS, ids=str)
def test_the_command_line_has_the_last_word_on_the_strategy(
    trainer: Path, build: Callable[..., SimpleNamespace]
) -> None:
    names = ["motion/tiny.yaml", str(trainer)]
    two = ("--trainer.accelerator", "cpu", "--trainer.devices", "2")
    built = build(names, "--trainer.strategy", "ddp", *two)
    assert type(built.trainer.strategy).__name__ == "DDPStrategy"
    assert built.trainer.world_size == 2
    assert not built.trainer.strategy._ddp_kwargs, "nothing is left of what the file says of a strategy"


def test_what_the_ddp_config_says_gets_to_torch(build: Callable[..., SimpleNamespace]) -> None:
    flag = "--trainer.strategy.init_args.find_unused_parameters"
    for arguments, is_looked_for in (((), False), ((flag, "true"), True)):
        told = build(["motion/tiny.yaml", "trainer/ddp.yaml"], *arguments).trainer.strategy._ddp_kwargs
        assert told["gradient_as_bucket_view"]
        assert not told["broadcast_buffers"]
        assert told["find_unused_parameters"] is is_looked_for


def test_the_command_lists_trainers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["configs"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert {f"configs/{path}" for path in TRAINERS} <= set(listed)


@pytest.mark.parametrize("path", METRICS, ids=str)
def test_every_extractor_of_a_config_takes_its_arguments(path: Path) -> None:
    entries = read_extractor_config(f"configs/{path}")
    assert set(entries) == set(EXTRACTOR_KEYS)
    for key, entry in entries.items():
        if entry is not None:
            arguments = inspect.signature(extractor_class(key, entry["class_path"])).parameters
            assert set(entry.get("init_args", {})) <= set(arguments), key


def test_metrics_without_their_weights_tell_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACEDANCE_WEIGHTS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"inception-2015-12-05\.pt from https.* and put it into"):
        load_extractors("configs/metrics/vbench.yaml")
    assert len(load_extractors("configs/metrics/random.yaml").names()) == len(EXTRACTOR_KEYS)


def test_the_trainer_leaves_requeueing_to_the_job_file(
    build: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in slurm(0, 1234).items():
        monkeypatch.setenv(name, value)
    two = ("--trainer.accelerator", "cpu", "--trainer.devices", "2")
    trainer = build(["motion/tiny.yaml", "trainer/ddp.yaml"], *two).trainer
    assert isinstance(trainer.strategy.cluster_environment, SLURMEnvironment)
    assert not trainer.strategy.cluster_environment.auto_requeue
