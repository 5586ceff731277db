from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graph_training
import numpy as np
import pytest
import torch
from graph_training import GraphTraining
from recipes import Recipe, Stage
from window_bank import Clips, WindowBank

from macedance.data.motion_clips import MotionClip

from .pretended_cuda import pretend_cuda
from .tiny_training import TINY, Arriving, TickingClock

CHUNK_STEPS, NUM_CHUNKS = 2, 12
FIRST, SECOND = Stage(0.5, window_frames=16, batch_size=2), Stage(0.5, window_frames=24, batch_size=3)
RECIPE = Recipe(
    name="tiny",
    minutes=NUM_CHUNKS / 60,
    stages=(FIRST, SECOND),
    seed=3,
    expert=TINY,
    learning_rate=3e-3,
    warmup=0.25,
)
Begin = Callable[..., GraphTraining]


@pytest.fixture
def begin(training_clips: list[MotionClip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begins a training in a folder, or goes on with it; a chunk of steps lasts a second."""
    monkeypatch.setattr(graph_training, "CHUNK_STEPS", CHUNK_STEPS)
    monkeypatch.setattr(graph_training, "REPORT_SECONDS", 3)
    monkeypatch.setattr(graph_training, "SAVE_SECONDS", 4)
    clips = Clips(
        np.stack([clip.encoded().numpy() for clip in training_clips]),
        np.stack([clip.music.numpy() for clip in training_clips]),
        np.array([clip.genre for clip in training_clips]),
    )

    def begun(
        folder: str = "run", max_chunks: int | None = None, num_deliveries: int = 1, **changes: Any
    ) -> GraphTraining:
        clock = TickingClock(None if max_chunks is None else 2 * max_chunks)
        monkeypatch.setattr(graph_training, "time", clock)
        parts = [Clips(*arrays) for arrays in zip(*(np.split(a, num_deliveries) for a in clips), strict=True)]
        bank = WindowBank(Arriving(*parts), len(training_clips), torch.device("cpu"))
        bank.refresh()
        return GraphTraining(dataclasses.replace(RECIPE, **changes), bank, tmp_path / folder)

    return begun


def curve(training: GraphTraining) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (training.folder / "curve.jsonl").read_text().splitlines()]


def test_every_stage_has_its_share_and_every_step_its_rate(begin: Begin) -> None:
    training = begin()
    done, step = [], training._step

    def noted(stage: Stage) -> None:
        done.append((stage, float(training.rate)))
        step(stage)

    training._step = noted
    training.run()
    half = CHUNK_STEPS * NUM_CHUNKS // 2
    assert [stage for stage, _ in done] == [FIRST] * half + [SECOND] * half
    expected = [RECIPE.rate(number // CHUNK_STEPS / NUM_CHUNKS) for number in range(2 * half)]
    np.testing.assert_allclose([rate for _, rate in done], expected, rtol=1e-5)
    assert (training.step, training.progress) == (2 * half, 1)


def test_windows_are_of_the_stage(begin: Begin) -> None:
    training = begin()
    sizes, draw = set(), training.bank.draw

    def noted(batch_size: int, num_frames: int) -> dict[str, torch.Tensor]:
        sizes.add((batch_size, num_frames))
        return draw(batch_size, num_frames)

    training.bank.draw = noted
    training.run()
    assert sizes == {(2, 16), (3, 24)}


@pytest.mark.parametrize("num_chunks", [2, 4, 5, 7, 11])
def test_cut_off_and_gone_on_with_it_is_the_same(begin: Begin, num_chunks: int) -> None:
    whole = begin("whole")
    whole.run()
    with pytest.raises(KeyboardInterrupt):
        begin("cut", max_chunks=num_chunks).run()
    again = begin("cut")
    assert again.step == CHUNK_STEPS * {2: 0, 4: 4, 5: 4, 7: 4, 11: 10}[num_chunks]
    again.run()
    assert again.step == whole.step
    for name, value in whole.expert.state_dict().items():
        assert torch.equal(again.expert.state_dict()[name], value), name
    for own, other in zip(again.average, whole.average, strict=True):
        assert torch.equal(own, other)
    assert curve(again) == curve(whole)
    assert [line["seconds"] for line in curve(whole)] == [3, 4, 6, 9, 10, 12]


def test_windows_may_be_as_long_as_clips_and_no_longer(begin: Begin) -> None:
    whole, longer = (dataclasses.replace(SECOND, window_frames=frames) for frames in (240, 241))
    begin("whole", stages=(FIRST, whole))._step(whole)
    with pytest.raises(
        ValueError, match=r"^tiny: windows of 241 frames must not be longer .* have 240; make"
    ):
        begin("longer", stages=(FIRST, longer))


def test_the_state_tells_recipe_and_clips(begin: Begin) -> None:
    training = begin()
    training.run()
    state = torch.load(training.folder / "state.pt", weights_only=True)
    assert state["recipe"] == json.loads(json.dumps(dataclasses.asdict(RECIPE)))
    assert state["num_clips"] == 4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 4}, r"\{'seed': 3\}"),
        ({"stages": (FIRST, FIRST)}, r"\{'stages': \[.*\]\}"),
        ({"expert": {**TINY, "width": 32}}, r"\{'expert': \{.*'width': 16.*\}\}"),
    ],
)
def test_a_folder_of_another_recipe_is_refused_with_one_line(
    begin: Begin, changes: dict[str, Any], told: str
) -> None:
    training = begin()
    training.run()
    before = {file.name: file.read_bytes() for file in training.folder.iterdir()}
    with pytest.raises(
        ValueError, match=f"holds a training by another recipe, with {told}; remove it"
    ) as refused:
        begin(**changes)
    assert "\n" not in str(refused.value)
    assert {file.name: file.read_bytes() for file in training.folder.iterdir()} == before


def test_gone_on_with_it_has_no_fewer_clips_than_before(begin: Begin) -> None:
    training = begin(num_deliveries=2)
    assert training.bank.num_clips == 2
    training.run()
    assert begin(num_deliveries=2).bank.num_clips == 4


def test_a_cut_off_last_line_of_the_curve_is_dropped(begin: Begin) -> None:
    training = begin()
    training.run()
    file = training.folder / "curve.jsonl"
    whole = file.read_text()
    file.write_text(whole + '{"step": 2')
    begin()
    assert file.read_text() == whole


@pytest.mark.filterwarnings("ignore:CUDA is not available:UserWarning")
def test_capturing_leaves_no_trace(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = begin("plain")
    plain.run()
    captured = begin("captured")
    pretend_cuda(captured, monkeypatch)
    captured.run()
    assert curve(captured) == curve(plain)
    for own, other in zip(captured.parameters, plain.parameters, strict=True):
        assert torch.equal(own, other)
    for own, other in zip(captured.average, plain.average, strict=True):
        assert torch.equal(own, other)


def test_one_that_is_over_is_not_trained_on(begin: Begin) -> None:
    training = begin()
    training.run()
    again = begin(max_chunks=0)
    again.run()
    assert again.step == training.step
    assert torch.equal(again.average[0], training.average[0])


def test_the_seed_decides(begin: Begin) -> None:
    first, same, other = begin("first"), begin("same"), begin("other", seed=4)
    assert torch.equal(first.parameters[0], same.parameters[0])
    assert not torch.equal(first.parameters[0], other.parameters[0])


def test_the_loss_falls(begin: Begin) -> None:
    training = begin(minutes=1)
    training.run()
    losses = [line["loss"] for line in curve(training)]
    assert losses[-1] < 0.7 * losses[0]


def test_averaged_weights_lag_behind(begin: Begin) -> None:
    training = begin()
    step, expected = training._step, [parameter.detach().clone() for parameter in training.parameters]

    def noted(stage: Stage) -> None:
        number = training.step
        step(stage)
        decay = 0 if number == 0 else min(TINY["ema_decay"], (1 + number) / (10 + number))
        for average, parameter in zip(expected, training.parameters, strict=True):
            average.mul_(decay).add_(parameter.detach(), alpha=1 - decay)

    training._step = noted
    training.run()
    averaged = training.averaged_weights()
    trained = training.expert.state_dict()
    assert averaged.keys() == trained.keys()
    for (name, parameter), own in zip(training.network.named_parameters(), expected, strict=True):
        torch.testing.assert_close(averaged[f"network.{name}"], own, rtol=1e-4, atol=1e-6)
        assert not torch.equal(averaged[f"network.{name}"], parameter), name
    assert torch.equal(averaged["normalizer.minimum"], trained["normalizer.minimum"])


def test_the_average_begins_with_the_first_step(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_training, "CHUNK_STEPS", 1)
    training = begin(minutes=1 / 60, learning_rate=1.0)
    before = [parameter.detach().clone() for parameter in training.parameters]
    training.run()
    assert training.step == 1
    for parameter, average in zip(training.parameters, training.average, strict=True):
        torch.testing.assert_close(average, parameter.detach())
    assert not torch.equal(training.average[0], before[0])


def test_motion_is_normalised_by_the_data(begin: Begin, training_clips: list[MotionClip]) -> None:
    normalizer = begin().expert.normalizer
    normalized = normalizer.normalize(torch.cat([clip.encoded() for clip in training_clips]))
    assert normalized.abs().max() <= 1 + 1e-5
    assert normalized.amax(dim=0).median() == pytest.approx(1)


def test_gradients_that_are_not_finite_end_it(begin: Begin) -> None:
    training = begin()
    training.bank.motion.fill_(torch.nan)
    with pytest.raises(
        FloatingPointError, match=r"tiny: 0 of the last 6 steps had .*; lower the learning rate"
    ):
        training.run()
    assert not (training.folder / "state.pt").exists()


def test_a_step_whose_gradients_are_not_finite_changes_no_weights(begin: Begin) -> None:
    training = begin()
    training.rate.fill_(1e-3)
    training._step(FIRST)
    before = [parameter.detach().clone() for parameter in training.parameters]
    draw = training.bank.draw
    training.bank.draw = lambda *size: {**draw(*size), "motion": torch.full((2, 16, 151), torch.nan)}
    training._step(FIRST)
    for parameter, value in zip(training.parameters, before, strict=True):
        assert torch.equal(parameter, value)
    assert (training.sums["finite"], training.sums["loss"].isfinite()) == (1, True)
    training.bank.draw = draw
    training._step(FIRST)
    assert not torch.equal(training.parameters[0], before[0])


def test_half_of_the_steps_will_do(begin: Begin) -> None:
    training = begin()
    training.sums = {"loss": torch.tensor(6.0), "finite": torch.tensor(2.0)}
    training._report(4, seconds=2.0, stage=FIRST)
    (line,) = curve(training)
    assert (line["loss"], line["num_skipped"], line["ms_per_step"]) == (3, 2, 500)
    training.sums = {"loss": torch.tensor(6.0), "finite": torch.tensor(1.0)}
    with pytest.raises(FloatingPointError, match="1 of the last 4 steps"):
        training._report(4, seconds=2.0, stage=FIRST)
