from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from macedance.config_files import find_config, list_configs

MODELS = [path for path in list_configs() if path.stem not in ("base", "demo")]
NAMES = {"motion": ("MotionExpert", "MotionData"), "appearance": ("AppearanceExpert", "AppearanceData")}


def test_configs_are_found_by_the_readmes_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {path.stem for path in MODELS if path.parts[0] == "motion"} == {"tiny", "small", "paper"}
    stages = {path.stem for path in MODELS if path.parts[0] == "appearance"}
    assert stages == {"kinematic", "aesthetic", "tiny-kinematic", "tiny-aesthetic"}
    assert find_config("configs/motion/tiny.yaml").is_file()
    (tmp_path / "mine.yaml").write_text("{}")
    assert find_config("mine.yaml") == Path("mine.yaml")
    with pytest.raises(FileNotFoundError, match="macedance configs"):
        find_config("configs/motion/huge.yaml")


@pytest.mark.parametrize(
    "names", [*([str(path)] for path in MODELS), ["motion/tiny.yaml", "motion/demo.yaml"]], ids="+".join
)
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
