from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recipes as module
import torch
import yaml
from recipes import Recipe, Stage, recipes

from macedance.lightning_modules import MotionExpert

from .tiny_training import TINY

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


def test_the_rate_rises_and_falls_along_half_a_cosine() -> None:
    recipe = Recipe("tiny", 1, (Stage(**STAGE),), seed=0, expert=TINY, learning_rate=2.0, warmup=0.1)
    assert recipe.rate(0) == 0.02
    assert recipe.rate(0.05) == pytest.approx(1)
    assert recipe.rate(0.1) == 2
    assert recipe.rate(0.55) == pytest.approx(1)
    assert recipe.rate(0.325) == pytest.approx(1 + np.sqrt(0.5))
    assert recipe.rate(1) == recipe.rate(1.2) == pytest.approx(0)


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


@pytest.mark.parametrize("shares", [(0.5, 0.4), (0.5, 0.6), (1.0, 1.0)])
def test_stages_that_do_not_share_out_the_time_are_refused(shares: tuple[float, ...]) -> None:
    run = {"name": "odd", "minutes": 9, "seed": 5, "stages": [STAGE | {"share": share} for share in shares]}
    with pytest.raises(ValueError, match=r"^odd: the stages' shares must sum to 1, got \["):
        recipes({**PLAN, "runs": [run]})


def test_shares_may_sum_to_one_but_for_rounding() -> None:
    run = {"name": "tenths", "minutes": 9, "seed": 5, "stages": [STAGE | {"share": 0.1}] * 10}
    assert len(recipes({**PLAN, "runs": [run]})["tenths"].stages) == 10


def test_the_plan_of_the_default_holds_experts() -> None:
    plan = Path(module.__file__).with_name("default_motion.yaml")
    found = recipes(yaml.safe_load(plan.read_text()))
    assert "default" in found
    for recipe in found.values():
        with torch.device("meta"):
            MotionExpert(**recipe.expert)
