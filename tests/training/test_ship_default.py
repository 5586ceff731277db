from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import ship_default
import torch
from graph_training import Recipe, Stage
from score_table import COLUMNS, table_lines

from macedance.lightning_modules.expert_files import exported_files, read_expert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import TINY, run_script

RECIPE = Recipe(
    name="default",
    minutes=17,
    stages=(Stage(0.4, window_frames=240, batch_size=32), Stage(0.6, window_frames=720, batch_size=20)),
    seed=0,
    expert=TINY,
    learning_rate=1.25e-3,
)
SCORES = {"untrained": {**dict.fromkeys(COLUMNS, 12.25), "bas_gap_low": 0.5, "bas_gap_high": 0.75}}
HEARING = {"songs": 1568, "steps": 900, "minutes": 7.5, "error_before": 0.876, "error_after": 0.123}
TOLD = "On 96 songs that nobody has heard."


@pytest.fixture
def ship(expert_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Ships the tiny expert, of files that lie in ``tmp_path``, and gives the folder."""
    shutil.copytree(expert_folder, tmp_path / "heard")
    recipe = {**dataclasses.asdict(RECIPE), "steps": 98_765, "seconds": 17.2 * 60}
    files = {"heard/hearing.json": HEARING, "recipe.json": recipe, "scores.json": SCORES}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))

    def shipped() -> Path:
        out = tmp_path / "shipped"
        told = {"recipe": tmp_path / "recipe.json", "scores": tmp_path / "scores.json", "scores-told": TOLD}
        chosen = {"temperature": 0.5, "sampler": "dpm", "steps": 12, "num-clips": 4321, "out": out}
        options = [one for name, value in {**told, **chosen}.items() for one in (f"--{name}", value)]
        run_script(ship_default.main, monkeypatch, tmp_path / "heard", *options)
        return out

    return shipped


def test_the_network_is_rounded_and_the_normalisation_is_not(
    ship: Callable[[], Path], expert_folder: Path
) -> None:
    before, after = read_expert(expert_folder).weights, read_expert(ship()).weights
    assert before.keys() == after.keys()
    for name, value in before.items():
        rounded = value.to(torch.bfloat16) if name.startswith("network.") else value
        assert after[name].dtype == rounded.dtype
        assert torch.equal(after[name], rounded), name
    assert after["network.input_projection.weight"].dtype == torch.bfloat16
    assert after["normalizer.minimum"].dtype == torch.float32


def test_it_is_an_export_that_dances_as_chosen(ship: Callable[[], Path]) -> None:
    folder = ship()
    assert exported_files(folder) == ["README.md", "config.yaml", "model.safetensors"]
    expert = load_expert(folder)
    assert (expert.temperature, expert.sampler, expert.num_sampling_steps) == (0.5, "dpm", 12)
    assert expert.hparams.width == TINY["width"]
    assert expert.generate(torch.zeros(30, 35)).poses.isfinite().all()


def test_the_card_tells_the_figures_of_the_files(ship: Callable[[], Path], expert_folder: Path) -> None:
    card = " ".join((ship() / "README.md").read_text().split())
    weights = read_expert(expert_folder).weights
    num_parameters = sum(value.numel() for name, value in weights.items() if name.startswith("network."))
    for told in (
        f"{num_parameters / 1e6:.1f} million parameters",
        "4,321 made-up songs",
        "98,765 steps in 17 minutes",
        "40% of the time in batches of 32 windows of 240 frames",
        "60% of the time in batches of 20 windows of 720 frames",
        "learning rate 0.00125",
        "decay of 0.9",
        "1,568 songs",
        "7.5 minutes",
        "from 0.88 to 0.12",
        "`dpm`, 12 steps, temperature 0.5",
        TOLD,
        *table_lines(SCORES),
    ):
        assert told in card, told


@pytest.mark.parametrize(
    "name", ["heard/hearing.json", "heard/model.safetensors", "recipe.json", "scores.json"]
)
def test_nothing_is_written_while_a_file_is_missing(
    name: str, ship: Callable[[], Path], tmp_path: Path
) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=Path(name).name):
        ship()
    assert not (tmp_path / "shipped").exists()


def test_a_card_without_its_figures_is_not_written(ship: Callable[[], Path], tmp_path: Path) -> None:
    (tmp_path / "heard/hearing.json").write_text(json.dumps({"songs": 3}))
    with pytest.raises(KeyError, match="minutes"):
        ship()
    assert not (tmp_path / "shipped").exists()


def test_shipping_again_takes_the_place_of_the_old_one(ship: Callable[[], Path], tmp_path: Path) -> None:
    first = (ship() / "README.md").read_text()
    (tmp_path / "heard/hearing.json").write_text(json.dumps({**HEARING, "songs": 2}))
    again = ship()
    assert (again / "README.md").read_text() != first
    assert exported_files(again) == ["README.md", "config.yaml", "model.safetensors"]
