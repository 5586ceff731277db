from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import train_motion
import yaml

from macedance.lightning_modules.loading import load_expert

from .tiny_training import TINY, refusal, run_script

STAGE = {"share": 1.0, "window_frames": 16, "batch_size": 2}
COMMON: dict[str, Any] = {"learning_rate": 1e-3, "stages": [STAGE], "expert": TINY}
OPTIONS = ["--capacity", 3, "--readers", 1, "--device", "cpu"]
WritePlan = Callable[..., Path]


def short(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "minutes": 1e-4, "seed": 0, **changes}


@pytest.fixture
def write_plan(tmp_path: Path) -> WritePlan:
    def written(*runs: dict[str, Any]) -> Path:
        plan = tmp_path / "plan.yaml"
        plan.write_text(yaml.safe_dump({"common": COMMON, "runs": list(runs)}))
        return plan

    return written


def test_runs_of_a_plan_are_trained_and_exported(
    made_up_set: Path, tmp_path: Path, write_plan: WritePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = write_plan(short("a"), short("b"), short("c"))
    arguments = [plan, "--shards", made_up_set, "--out", tmp_path / "out", "--only", "c", "a", *OPTIONS]
    run_script(train_motion.main, monkeypatch, *arguments)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "c"}
    folder = tmp_path / "out/a"
    recipe = json.loads((folder / "recipe.json").read_text())
    assert recipe["steps"] == 20  # the first look at the clock comes after so many
    assert recipe["stages"] == [STAGE]
    assert (recipe["num_clips"], recipe["device"]) == (3, "CPU")

    expert = load_expert(folder / "expert")
    state = torch.load(folder / "state.pt", weights_only=True)
    names = [name for name, _ in expert.network.named_parameters()]
    for name, average in zip(names, state["average"], strict=True):
        assert torch.equal(expert.network.state_dict()[name], average), name
        assert not torch.equal(state["expert"][f"network.{name}"], average), name
    assert expert.generate(torch.zeros(30, 35), num_steps=2).poses.shape == (30, 24, 3)

    monkeypatch.setattr(train_motion, "train", lambda *arguments: pytest.fail("it was done"))
    run_script(train_motion.main, monkeypatch, *arguments)


def test_cut_off_before_its_end_a_run_is_exported_again(
    made_up_set: Path, tmp_path: Path, write_plan: WritePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [write_plan(short("a")), "--shards", made_up_set, "--out", tmp_path / "out", *OPTIONS]
    run_script(train_motion.main, monkeypatch, *arguments)
    folder = tmp_path / "out/a"
    weights, told = (folder / "expert/model.safetensors").read_bytes(), (folder / "recipe.json").read_text()
    (folder / "done").unlink()
    (folder / "expert/model.safetensors").write_bytes(b"of a training before")
    run_script(train_motion.main, monkeypatch, *arguments)
    assert (folder / "expert/model.safetensors").read_bytes() == weights
    assert (folder / "recipe.json").read_text() == told
    assert (folder / "done").is_file()


def test_an_unknown_run_is_refused_with_one_line(
    tmp_path: Path,
    write_plan: WritePlan,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = write_plan(short("a"), short("b"))
    arguments = [plan, "--shards", tmp_path, "--out", tmp_path / "out", "--only", "b", "c"]
    said = refusal(train_motion.main, monkeypatch, capsys, *arguments)
    assert said == "--only must name some of a, b, got c"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stages": [STAGE | {"share": 0.9}]}, "a: the stages' shares must sum to 1, got [0.9]"),
        ({"stages": [STAGE | {"window_frames": 241}]}, "a: windows of 241 frames must not be longer than"),
    ],
)
def test_a_plan_that_cannot_be_trained_is_refused_with_one_line(
    changes: dict[str, Any],
    told: str,
    made_up_set: Path,
    tmp_path: Path,
    write_plan: WritePlan,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["--shards", made_up_set, "--out", tmp_path / "out", *OPTIONS]
    said = refusal(train_motion.main, monkeypatch, capsys, write_plan(short("a", **changes)), *arguments)
    assert said.startswith(told)
    assert not (tmp_path / "out").exists()


def test_a_plan_that_is_not_there_is_refused_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [tmp_path / "plan.yaml", "--shards", tmp_path, "--out", tmp_path / "out"]
    said = refusal(train_motion.main, monkeypatch, capsys, *arguments)
    assert str(tmp_path / "plan.yaml") in said
