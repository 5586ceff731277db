"""The kits tell experts that break the contract what it is."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from macedance.geometry.motion import Motion
from macedance.render.video_renderer import Video
from macedance.testing import AppearanceExpertConformance, MotionExpertConformance, TinyShards
from macedance.testing.motion_conformance import require_dance
from macedance.testing.training import read_checkpoint

from .broken_experts import (
    CountsInVain,
    CountsItsCalls,
    DrawsAllAtOnce,
    DrawsFromElsewhere,
    DrawsOneTensor,
    GoesBack,
    Grey,
    HasBufferThatIsNotSaved,
    HasRandomAttribute,
    KeepsItsFirstType,
    LearnsInAnAttribute,
    Linear,
    ListsAll,
    Misunderstands,
    NeverSteps,
    OverflowsInFloat64,
    SavesNoArguments,
    StopsAFrameEarly,
    StopsHalfWay,
    TakesFloat32Alone,
    TellsAllAtOnce,
    TellsNothing,
    WritesIntoTheMusic,
)


def kit(expert: type, **attributes: Any) -> MotionExpertConformance:
    return type("Kit", (MotionExpertConformance,), {"expert_class": expert, **attributes})()


def refusal_unless(is_right: bool, message: str | None) -> Any:
    """That a kit refuses with that message, or, of an expert that does it right, that it does not."""
    return nullcontext() if is_right else pytest.raises(AssertionError, match=message)


class DancesOnly(TinyShards):
    def motion(self) -> str:
        return str(self.folder)


@pytest.fixture
def shards(motion_shards: Path) -> TinyShards:
    return DancesOnly(motion_shards)


def test_another_signature() -> None:
    with pytest.raises(
        AssertionError, match=r"generate: num_frames must have the default None; it must take g"
    ):
        kit(Misunderstands).test_is_called_as_the_protocol_says()
    with pytest.raises(AssertionError, match="Motion must have a method generate"):
        kit(Motion).test_is_called_as_the_protocol_says()
    kit(Linear).test_is_called_as_the_protocol_says()


def test_state_that_a_checkpoint_does_not_hold(shards: TinyShards, tmp_path: Path) -> None:
    tests = kit(CountsInVain)
    checkpoint, _ = tests._train(shards, tmp_path, num_steps=4)
    with pytest.raises(
        AssertionError, match=r"after a resume layer\.bias, layer\.weight differ; keep all state"
    ):
        tests.test_a_run_that_was_resumed_equals_one_that_was_not(checkpoint, shards, tmp_path)


def test_training_that_counts_no_steps(shards: TinyShards, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="global_step is 0: a run ends by steps of the optimizer"):
        kit(NeverSteps)._train(shards, tmp_path, num_steps=2)


def test_chance_from_elsewhere(shards: TinyShards) -> None:
    tests, expert = kit(DrawsFromElsewhere), DrawsFromElsewhere()
    made = tests.outcome(expert, shards, 0)
    with pytest.raises(AssertionError, match="must draw all chance from its generator"):
        tests.test_equal_seeds_make_the_same(expert, made, shards)


def test_chance_where_there_is_none(shards: TinyShards) -> None:
    tests, expert = kit(Linear), Linear()
    made = tests.outcome(expert, shards, 0)
    tests.test_equal_seeds_make_the_same(expert, made, shards)
    with pytest.raises(AssertionError, match="set is_deterministic = True"):
        tests.test_another_seed_makes_something_else(expert, made, shards)


def test_what_earlier_calls_leave_behind(shards: TinyShards) -> None:
    tests, state = kit(CountsItsCalls), CountsItsCalls().state_dict()
    made = tests.outcome(tests._filled(state, seed=1), shards, 0)
    with pytest.raises(AssertionError, match="must leave nothing behind in it"):
        tests.test_equal_seeds_make_the_same(tests._filled(state, seed=1), made, shards)


@pytest.mark.parametrize("expert_class", [Linear, LearnsInAnAttribute])
def test_what_is_learnt_outside_the_state(
    expert_class: type[Linear], shards: TinyShards, tmp_path: Path
) -> None:
    tests = kit(expert_class)
    trained = tests._train(shards, tmp_path, num_steps=1)
    made = tests.outcome(tests._filled(read_checkpoint(trained[0])["state_dict"], seed=1), shards, 0)
    with refusal_unless(expert_class is Linear, "than one from its checkpoint; keep what is learnt in"):
        tests.test_a_checkpoint_holds_all_that_was_learnt(trained, made, shards)


@pytest.mark.parametrize("expert_class", [Linear, HasRandomAttribute, HasBufferThatIsNotSaved])
def test_what_is_random_outside_the_state(expert_class: type[Linear], shards: TinyShards) -> None:
    tests = kit(expert_class)
    expert = tests._filled(expert_class().state_dict(), seed=1)
    made = tests.outcome(expert, shards, 0)
    with refusal_unless(expert_class is Linear, "filled by load_state_dict makes something else"):
        tests.test_weights_make_the_expert(expert, made, shards)


@pytest.mark.parametrize("height", [0.0, 1.0])
def test_arguments_that_an_export_lacks(height: float, shards: TinyShards, tmp_path: Path) -> None:
    tests = kit(SavesNoArguments, init_args={"height": height})
    checkpoint, expert = tests._train(shards, tmp_path / "run", num_steps=1)
    made = tests.outcome(expert.eval(), shards, 0)
    with refusal_unless(
        height == 0.0, r"exported expert makes something else; call save_hyperparameters\(\)"
    ):
        tests.test_an_export_makes_the_same(checkpoint, made, shards, tmp_path)


@pytest.mark.parametrize(
    ("expert_class", "message"),
    [
        (Linear, None),
        (
            TakesFloat32Alone,
            r"to\(torch.float64\) generate fails; cast its inputs and its noise to self.dtype",
        ),
        (OverflowsInFloat64, "generate fails.*trans: must be finite"),
    ],
)
def test_another_dtype(expert_class: type[Linear], message: str | None, shards: TinyShards) -> None:
    with refusal_unless(message is None, message):
        kit(expert_class).test_works_in_another_dtype(expert_class(), shards)
    with pytest.raises(pytest.skip.Exception, match="keeps_its_dtype is True"):
        kit(expert_class, keeps_its_dtype=True).test_works_in_another_dtype(expert_class(), shards)


@pytest.mark.parametrize("expert_class", [Linear, KeepsItsFirstType])
def test_what_a_move_leaves_behind(expert_class: type[Linear], shards: TinyShards) -> None:
    tests, state = kit(expert_class), expert_class().state_dict()
    made = tests.outcome(tests._filled(state, seed=1), shards, 0)
    with refusal_unless(expert_class is Linear, "after a move to float64 and back it makes something else"):
        tests.test_moves_to_another_dtype_and_back(tests._filled(state, seed=1), made, shards)


@pytest.mark.parametrize("expert_class", [Linear, WritesIntoTheMusic])
def test_music_that_is_written_into(expert_class: type[Linear], shards: TinyShards) -> None:
    with refusal_unless(expert_class is Linear, "must not write into the music; clone it first"):
        kit(expert_class).test_leaves_the_music_as_it_is(expert_class(), shards)


def test_too_little_for_the_cascade(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    shards = TinyShards(tmp_path_factory.getbasetemp() / "macedance-shards")
    with pytest.raises(AssertionError, match="the cascade's clip must have frames"):
        kit(StopsAFrameEarly).test_works_in_the_cascade(StopsAFrameEarly(), shards, tmp_path)


@pytest.mark.parametrize(
    ("dance", "message"),
    [
        (torch.zeros(3, 72), "must return a macedance.Motion, got Tensor"),
        (Motion(torch.zeros(2, 24, 3), torch.zeros(2, 3)), "must have 3 frames"),
        (Motion(torch.zeros(3, 24, 3), torch.zeros(3, 3), fps=60), "must be at 30 fps, got 60"),
        (Motion(torch.zeros(3, 24, 3), torch.zeros(3, 3, requires_grad=True)), r"put @torch.no_grad\(\)"),
    ],
)
def test_what_is_no_dance(dance: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        require_dance(dance, 3)


BLACK = np.zeros((64, 48, 3), np.uint8)


@pytest.mark.parametrize(
    ("video", "message"),
    [
        ([BLACK], "must return a Video, got list"),
        (Video([BLACK], 1, 25.0), "must be at 30 fps, as asked for, got 25"),
        (Video([BLACK] * 4, 4, 30.0), "must last as long as the dance, 2 frames, got 4"),
        (Video([BLACK], 2, 30.0), r"says 2, but video\.frames gave 1"),
        (Video([BLACK.swapaxes(0, 1)] * 2, 2, 30.0), r"must be \(H, W, 3\) = \(64, 48, 3\)"),
        (Video([BLACK / 255] * 2, 2, 30.0), "must be uint8, 0 to 255, got float64"),
    ],
)
def test_what_is_no_video(video: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        AppearanceExpertConformance().frames_of(video, 2, 30.0)


@pytest.mark.parametrize(
    ("expert", "message"),
    [
        (Grey(), None),
        (TellsNothing(), None),
        (DrawsAllAtOnce(), r"memory of 1\d\d% of the whole video is held"),
        (DrawsOneTensor(), r"memory of (99|1\d\d)% of the whole video is held"),
        (ListsAll(), "must make each frame when it is asked for, but is a list of all"),
        (TellsAllAtOnce(), "on_progress tells that the whole work of 3600 is done"),
    ],
)
def test_frames_that_nobody_asked_for(expert: Grey, message: str | None, shards: TinyShards) -> None:
    with refusal_unless(message is None, message):
        AppearanceExpertConformance().test_frames_are_made_when_they_are_asked_for(expert, shards)


@pytest.mark.parametrize(
    ("expert", "message"),
    [
        (Grey(), None),
        (TellsNothing(), "must be called as frames are made"),
        (GoesBack(), "must not go back"),
        (StopsHalfWay(), "must come to its end, got 5 of 10"),
    ],
)
def test_progress_that_is_not_told(expert: Grey, message: str | None, shards: TinyShards) -> None:
    with refusal_unless(message is None, message):
        AppearanceExpertConformance().test_tells_how_far_it_is(expert, shards)
