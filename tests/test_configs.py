from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from macedance.config_files import find_config, list_configs
from macedance.metrics.extractors import (
    EXTRACTOR_KEYS,
    extractor_class,
    load_extractors,
    read_extractor_config,
)

METRICS = [path for path in list_configs() if path.parts[0] == "metrics"]
MODELS = [path for path in list_configs() if path.stem not in ("base", "demo") and path not in METRICS]
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
    assert find_config("configs/motion/tiny.yaml").is_file()
    (tmp_path / "mine.yaml").write_text("{}")
    assert find_config("mine.yaml") == Path("mine.yaml")
    with pytest.raises(FileNotFoundError, match="macedance configs"):
        find_config("configs/motion/huge.yaml")


@pytest.mark.parametrize("names", [*([str(path)] for path in MODELS), *LAYERED], ids="+".join)
def test_every_config_instantiates(names: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = importlib.import_module("macedance.commands.lightning")
    built = {}

    def no_run(cli, subcommand: str) -> None:
        built.update(model=cli.model, data=cli.datamodule, trainer=cli.trainer, config=cli.config.fit)

    monkeypatch.setattr("lightning.pytorch.cli.LightningCLI._run_subcommand", no_run)
    monkeypatch.setattr("sys.argv", ["macedance"])
    monkeypatch.chdir(tmp_path)
    layers = [part for name in names for part in ("--config", f"configs/{name}")]
    assert commands.run(["fit", *layers, "--trainer.max_steps", "7"]) == 0
    found = type(built["model"]).__name__, type(built["data"]).__name__
    assert found == NAMES[Path(names[0]).parts[0]]
    assert built["trainer"].max_steps == 7
    scheduler = built["config"].model.init_args.get("lr_scheduler")
    assert scheduler is None or scheduler.init_args.num_training_steps == 7, (
        "interpolation must see the override"
    )


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
