from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import train_motion
import yaml
from graph_training import Stage
from train_motion import recipes

from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import TINY, run_script

STAGE = {"share": 1.0, "window_frames": 16, "batch_size": 2}
PLAN: dict[str, Any] = {
    "common": {"learning_rate": 1e-3, "stages": [STAGE], "expert": TINY},
    "runs": [{"name": "long", "minutes": 9, "seed": 5, "stages": [STAGE | {"share": 0.5}] * 2}],
    "ablations": {
        "minutes": 2,
        "seeds": [0, 7],
        "variants": {"plain": {}, "wide": {"width": 32}},
    },
}


def short(name: str) -> dict[str, Any]:
    return {"name": name, "minutes": 1e-4, "seed": 0}


def test_ablations_are_runs_of_every_variant_and_seed() -> None:
    found = recipes(PLAN)
    assert set(found) == {"long", "plain-0", "plain-7", "wide-0", "wide-7"}
    wide = found["wide-7"]
    assert (wide.name, wide.seed, wide.minutes, wide.learning_rate) == ("wide-7", 7, 2, 1e-3)
    assert wide.expert == {**TINY, "width": 32}
    assert found["plain-0"].expert == TINY
    assert wide.stages == (Stage(**STAGE),)


def test_a_run_changes_what_is_common() -> None:
    long = recipes(PLAN)["long"]
    assert [stage.share for stage in long.stages] == [0.5, 0.5]
    assert (long.seed, long.minutes) == (5, 9)
    assert set(recipes({"common": PLAN["common"], "runs": PLAN["runs"]})) == {"long"}


def test_the_plan_of_the_default_holds_experts() -> None:
    plan = Path(train_motion.__file__).with_name("default_motion.yaml")
    found = recipes(yaml.safe_load(plan.read_text()))
    assert "default" in found
    for recipe in found.values():
        assert sum(stage.share for stage in recipe.stages) == pytest.approx(1)
        with torch.device("meta"):
            MotionExpert(**recipe.expert)


def test_an_unknown_run_is_refused_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(yaml.safe_dump(PLAN))
    arguments = [plan, "--shards", tmp_path, "--out", tmp_path / "out", "--only", "wide-0", "wide-1"]
    with pytest.raises(SystemExit) as refused:
        run_script(train_motion.main, monkeypatch, *arguments)
    assert refused.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "--only must name some of long, plain-0, wide-0, plain-7, wide-7, got wide-1" in said
    assert not (tmp_path / "out").exists()


def test_runs_of_a_plan_are_trained_and_exported(
    made_up_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(yaml.safe_dump({"common": PLAN["common"], "runs": [short("a"), short("b"), short("c")]}))
    arguments = [plan, "--shards", made_up_set, "--out", tmp_path / "out", "--only", "c", "a"]
    options = ["--capacity", 3, "--readers", 1, "--device", "cpu"]
    run_script(train_motion.main, monkeypatch, *arguments, *options)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "c"}
    folder = tmp_path / "out/a"
    recipe = json.loads((folder / "recipe.json").read_text())
    assert recipe["steps"] == 20  # the first look at the clock comes after so many
    assert recipe["stages"] == [STAGE]

    expert = load_expert(folder / "expert")
    state = torch.load(folder / "state.pt", weights_only=True)
    names = [name for name, _ in expert.network.named_parameters()]
    for name, average in zip(names, state["average"], strict=True):
        assert torch.equal(expert.network.state_dict()[name], average), name
        assert not torch.equal(state["expert"][f"network.{name}"], average), name
    assert expert.generate(torch.zeros(30, 35), num_steps=2).poses.shape == (30, 24, 3)

    monkeypatch.setattr(train_motion, "train", lambda *arguments: pytest.fail("it was done"))
    run_script(train_motion.main, monkeypatch, *arguments, *options)
