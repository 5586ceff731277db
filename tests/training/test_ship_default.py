from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import ship_default
import torch
from recipes import Recipe, Stage
from score_table import COLUMNS, table_lines

from macedance.lightning_modules.expert_files import exported_files, read_expert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import TINY, refusal, run_script

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
    told = {"steps": 98_765, "seconds": 17.2 * 60, "num_clips": 4321, "device": "NVIDIA H200"}
    recipe = {**dataclasses.asdict(RECIPE), **told}
    files = {"heard/hearing.json": HEARING, "recipe.json": recipe, "scores.json": SCORES}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))

    def shipped() -> Path:
        run_script(ship_default.main, monkeypatch, *arguments(tmp_path))
        return tmp_path / "shipped"

    return shipped


def arguments(folder: Path) -> list[object]:
    """To ship the files in a folder into ``shipped`` in it."""
    told = {"recipe": folder / "recipe.json", "scores": folder / "scores.json", "scores-told": TOLD}
    chosen = {"temperature": 0.5, "sampler": "dpm", "steps": 12, "out": folder / "shipped"}
    options = [one for name, value in {**told, **chosen}.items() for one in (f"--{name}", value)]
    return [folder / "heard", *options]


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
        "98,765 steps in 17 minutes on one NVIDIA H200, in bf16",
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


@pytest.mark.usefixtures("ship")
@pytest.mark.parametrize(
    "name", ["heard/hearing.json", "heard/model.safetensors", "recipe.json", "scores.json"]
)
def test_nothing_is_written_while_a_file_is_missing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).unlink()
    said = refusal(ship_default.main, monkeypatch, capsys, *arguments(tmp_path))
    assert Path(name).name in said
    assert not (tmp_path / "shipped").exists()


@pytest.mark.usefixtures("ship")
@pytest.mark.parametrize(
    ("name", "key"),
    [("heard/hearing.json", "minutes"), ("recipe.json", "num_clips"), ("recipe.json", "device")],
)
def test_a_card_without_its_figures_is_not_written(
    name: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads((tmp_path / name).read_text())
    del content[key]
    (tmp_path / name).write_text(json.dumps(content))
    said = refusal(ship_default.main, monkeypatch, capsys, *arguments(tmp_path))
    assert f"lacks '{key}'; train again" in said
    assert str(tmp_path / name) in said
    assert not (tmp_path / "shipped").exists()


@pytest.mark.usefixtures("ship")
def test_what_was_scored_must_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    untold = [one for one in arguments(tmp_path) if one not in ("--scores-told", TOLD)]
    said = refusal(ship_default.main, monkeypatch, capsys, *untold)
    assert said == "the following arguments are required: --scores-told"
    assert not (tmp_path / "shipped").exists()


def test_shipping_again_takes_the_place_of_the_old_one(ship: Callable[[], Path], tmp_path: Path) -> None:
    first = (ship() / "README.md").read_text()
    (tmp_path / "heard/hearing.json").write_text(json.dumps({**HEARING, "songs": 2}))
    again = ship()
    assert (again / "README.md").read_text() != first
    assert exported_files(again) == ["README.md", "config.yaml", "model.safetensors"]
