from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import lightning as L
import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW

from macedance.callbacks.weight_averaging import ExponentialMovingAverage
from macedance.diffusion import sampling
from macedance.geometry import skeleton
from macedance.lightning_modules import AppearanceExpert, MotionExpert
from macedance.lightning_modules.memory_plan import (
    Activations,
    ExpertMemory,
    MemoryPlan,
    Spread,
    measure_expert,
    plan_memory,
)
from macedance.lightning_modules.step_rehearsal import OptimizerMemory, StepRehearsal, optimizers_of
from macedance.ops.live_memory import LiveMemory

WIDTH, NUM_SAMPLES = 256, 512
LAYER = 4 * WIDTH * WIDTH  # bytes
BATCH = 4 * NUM_SAMPLES * WIDTH
SINGLE, SHARDED = Spread("single", 1), Spread("fsdp2", 2)


class Toy(L.LightningModule):
    """Two layers that train and a frozen one, over a batch of noise."""

    def __init__(self, optimizer: Callable[..., torch.optim.Optimizer] = AdamW) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.layers[0].requires_grad_(False)
        self.optimizer = optimizer

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return self.optimizer([parameter for parameter in self.parameters() if parameter.requires_grad])

    def step(self, num_samples: int) -> Callable[[], Tensor]:
        def loss() -> Tensor:
            x = torch.empty(num_samples, WIDTH)
            for layer in self.layers:
                x = layer(x).sin()
            return x.sum()

        return loss


def measured(expert: Toy | None = None, spread: Spread = SINGLE, **options: Any) -> ExpertMemory:
    with torch.device("meta"):
        expert = expert or Toy()
    settings = {"precision": "32-true", "scan": "mamba_ssm", "callbacks": (), **options}
    return measure_expert(expert, expert.step, NUM_SAMPLES, spread=spread, **settings)


def test_what_is_held_is_what_one_counts_by_hand() -> None:
    held = plan_memory(measured(callbacks=[ExponentialMovingAverage]), SINGLE).held
    assert held == {
        "frozen_weights": LAYER,
        "trained_weights": 2 * LAYER,
        "gradients": 2 * LAYER,
        "optimizer_state": 2 * 2 * LAYER + 2 * 512,  # and the steps
        "weight_average": 2 * LAYER,
        "ddp_buckets": 0,
    }


@pytest.mark.parametrize(
    ("optimizer", "per_weight", "temporaries"),
    [
        (lambda parameters: SGD(parameters, lr=1.0), 0, 0),
        (lambda parameters: SGD(parameters, lr=1.0, momentum=0.9), 1, 0),
        (lambda parameters: Adam(parameters, amsgrad=True), 3, 1),
        (lambda parameters: AdamW(parameters, foreach=False), 2, 1.5),
    ],
)
def test_optimizers_take_what_theirs_is(optimizer: Any, per_weight: int, temporaries: float) -> None:
    with torch.device("meta"):
        expert = Toy(optimizer)
    found = measured(expert).optimizer
    assert found.state == pytest.approx(per_weight * 2 * LAYER, abs=1024)
    assert found.temporaries == pytest.approx(temporaries * 2 * LAYER, abs=8192)


def test_activations_are_what_one_counts_by_hand_and_double_with_the_batch() -> None:
    found = measured().activations
    assert found is not None
    # Kept: the inputs of three sines and of the two layers that train. Then the last layer's output, and gradients.
    assert 5 * BATCH <= found.num_bytes <= 8 * BATCH + LAYER
    assert found.of_twice == pytest.approx(2 * found.num_bytes, rel=0.1)
    assert found.most_samples(found.num_bytes) == NUM_SAMPLES
    assert found.most_samples(found.of_twice) == 2 * NUM_SAMPLES
    assert found.most_samples(0) == 0


def test_two_gpus_halve_what_is_sharded() -> None:
    expert = measured(callbacks=[ExponentialMovingAverage])
    whole, halves = plan_memory(expert, SINGLE), plan_memory(expert, SHARDED)
    assert {name: 2 * size for name, size in halves.held.items()} == whole.held
    assert halves.activations == whole.activations
    assert halves.gathered > 0 == whole.gathered


def test_offloaded_shards_take_nothing() -> None:
    plan = plan_memory(measured(), replace(SHARDED, cpu_offload=True))
    assert sum(plan.held.values()) == plan.temporaries == 0
    assert plan.gathered > 0


@pytest.mark.parametrize(("has_own_buckets", "copies"), [(True, 1), (False, 0)])
def test_ddp_may_send_from_a_second_copy(has_own_buckets: bool, copies: int) -> None:
    plan = plan_memory(measured(), Spread("ddp", 2, has_own_buckets=has_own_buckets))
    assert plan.held["ddp_buckets"] == copies * plan.held["gradients"]


def test_the_peak_may_lie_in_the_optimizers_step() -> None:
    plan = MemoryPlan({"weights": 10}, gathered=1, activations=3, temporaries=5)
    assert plan.peak_is_in_optimizer
    assert plan.total == 15
    assert replace(plan, activations=7).total == 18


def test_half_precision_takes_half() -> None:
    single, half = measured(), measured(precision="bf16-true")
    assert half.trained == single.trained / 2
    assert half.activations.num_bytes == pytest.approx(single.activations.num_bytes / 2, rel=0.01)


def test_sharded_in_half_precision_activations_take_half() -> None:
    spread = replace(SHARDED, param_dtype=torch.bfloat16)
    single, half = measured(), measured(spread=spread)
    assert half.trained == single.trained
    assert half.activations.num_bytes < 0.75 * single.activations.num_bytes  # the batch stays in float32


def test_an_expert_without_parameters_that_train_is_refused() -> None:
    with torch.device("meta"):
        expert = Toy()
    expert.requires_grad_(False)
    with pytest.raises(ValueError, match="must have parameters that train"):
        measured(expert)


def test_lightnings_forms_of_optimizers_are_known() -> None:
    one, other = (SGD([nn.Parameter(torch.zeros(1))], lr=1.0) for _ in range(2))
    assert optimizers_of(None) == []
    for form in (one, {"optimizer": one}, [one], ([one], []), [{"optimizer": one}]):
        assert optimizers_of(form) == [one]
    assert optimizers_of((one, other)) == [one, other]


def test_tied_weights_are_counted_once() -> None:
    with torch.device("meta"):
        expert = Toy()
        expert.layers[2].weight = expert.layers[1].weight
    assert measured(expert).trained == LAYER


@pytest.mark.parametrize("objective", ["gft", "cfg"])
def test_a_rehearsed_step_takes_what_a_real_one_does(tiny_expert, tiny_data, objective: str) -> None:
    data = tiny_data(batch_size=4, window_frames=24)
    data.setup("fit")
    batch = next(iter(data.train_dataloader()))
    options = {"dropout": 0.0, "objective": objective}
    expert = tiny_expert(**options)
    expert.normalizer.set_range(*data.motion_range())
    for parameter in expert.parameters():
        parameter.grad = torch.zeros_like(parameter)
    held = [tensor for tensor in batch.values() if isinstance(tensor, Tensor)]
    with LiveMemory() as memory:
        memory.ignore(
            [*expert.parameters(), *expert.buffers(), *(p.grad for p in expert.parameters()), *held]
        )
        expert._losses(batch)["loss"].backward()
    real = memory.peak + sum(tensor.nbytes for tensor in held)
    with torch.device("meta"):
        blank = tiny_expert(**options)
        step = blank.rehearsal(4, {"window_frames": 24})
    assert StepRehearsal(blank, scan="torch").activation_bytes(step) == pytest.approx(real, rel=0.02)


def test_rehearsing_leaves_constants_with_values() -> None:
    kept = (skeleton._levels, skeleton._level_ranks, skeleton._rest_pelvis, sampling._training_scheduler)
    for keeps_constants in kept:
        keeps_constants.cache_clear()
    with torch.device("meta"):
        expert = MotionExpert(width=16, num_dance_layers=1, num_music_layers=1, num_heads=2)
    StepRehearsal(expert).activation_bytes(expert.rehearsal(2, {"window_frames": 10}))
    joints = skeleton.forward_kinematics(torch.eye(3).expand(24, 3, 3), torch.zeros(3))
    assert type(joints) is Tensor
    assert joints.abs().sum() > 0
    clean = torch.ones(2, 10, 3)
    noisy = sampling.add_noise(clean, torch.zeros_like(clean), torch.tensor([0, 999]))
    assert type(noisy) is Tensor
    torch.testing.assert_close(noisy[0], clean[0], rtol=0, atol=1e-3)
    assert noisy[1].abs().max() < 0.01


def test_gradient_checkpointing_takes_less() -> None:
    def activations(is_on: bool) -> int:
        with torch.device("meta"):
            expert = AppearanceExpert("tiny", dtype="float32", gradient_checkpointing=is_on)
            step = expert.rehearsal(2, {"num_frames": 17, "size": (64, 64)})
        return StepRehearsal(expert).activation_bytes(step)

    assert activations(True) < 0.9 * activations(False)


def test_the_published_backbone_is_as_measured_on_a_gpu() -> None:
    """64.0 GiB at 832 x 480, 77 frames, one sample, on an H100."""
    with torch.device("meta"):
        expert = AppearanceExpert()
        step = expert.rehearsal(1, {"num_frames": 77, "size": (832, 480)})
    weights = sum(
        tensor.numel() * tensor.element_size() for tensor in (*expert.parameters(), *expert.buffers())
    )
    assert sum(parameter.numel() for parameter in expert.parameters()) == pytest.approx(17.27e9, rel=0.001)
    assert (weights + StepRehearsal(expert).activation_bytes(step)) / 2**30 == pytest.approx(64.0, rel=0.02)


def test_activations_unknown_stay_unknown() -> None:
    expert = ExpertMemory(1, 2, 0, OptimizerMemory(4, 2), None, ())
    plan = plan_memory(expert, SINGLE)
    assert plan.activations is None
    assert plan.total == 1 + 2 + 2 + 4 + 2


def test_the_line_through_two_batches_tells_of_others() -> None:
    found = Activations(4, 50, 90)
    assert [found.most_samples(size) for size in (49, 60, 10, 130)] == [3, 5, 0, 12]
