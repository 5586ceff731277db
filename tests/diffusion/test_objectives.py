from __future__ import annotations

import pytest
import torch

from macedance.diffusion.noise import DiffusionDraws
from macedance.diffusion.objectives import ClassifierFree, GuidanceFree, build_objective, check_temperature
from macedance.models.motion import MotionDenoiser

TIMESTEP = torch.tensor([100, 500, 900])


@pytest.fixture
def network() -> MotionDenoiser:
    torch.manual_seed(0)
    return MotionDenoiser(width=16, num_dance_layers=1, num_music_layers=1, num_heads=2, dropout=0.0)


@pytest.fixture
def inputs() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        "noisy": torch.randn(3, 9, 151, generator=generator),
        "music": torch.randn(3, 9, 35, generator=generator),
        "genre": torch.tensor([0, 1, 16]),
    }


def _draws(beta: list[float], drop_music: list[bool]) -> DiffusionDraws:
    none = torch.tensor([False] * 3)
    return DiffusionDraws(
        torch.zeros(3, 9, 151), TIMESTEP, torch.tensor(beta), torch.tensor(drop_music), none
    )


def test_guidance_free_prediction_mixes_with_the_unconditional_one(network, inputs) -> None:
    draws = _draws([0.25, 0.5, 1.0], [False, False, False])
    predicted = GuidanceFree().predict(network, **inputs, draws=draws)
    conditional = network(timestep=TIMESTEP, beta=draws.beta, **inputs)
    unconditional = network.unconditional(inputs["noisy"], TIMESTEP)
    weight = draws.beta[:, None, None]
    torch.testing.assert_close(predicted, weight * conditional + (1 - weight) * unconditional)
    assert network.training


def test_dropped_samples_train_the_unconditional_network_at_beta_one(network, inputs) -> None:
    draws = _draws([0.25, 0.25, 0.25], [True, False, False])
    GuidanceFree().predict(network, **inputs, draws=draws)[0].sum().backward()
    assert network.null_music.grad.abs().sum() > 0
    assert network.music_projection.weight.grad.abs().sum() == 0
    network.eval()
    predicted = GuidanceFree().predict(network, **inputs, draws=draws)
    torch.testing.assert_close(predicted[:1], network.unconditional(inputs["noisy"][:1], TIMESTEP[:1]))


def test_the_unconditional_pass_gets_no_gradient(network, inputs) -> None:
    draws = _draws([1e-9, 1e-9, 1e-9], [False, False, False])
    GuidanceFree().predict(network, **inputs, draws=draws).sum().backward()
    assert network.output_projection.weight.grad.abs().max() < 1e-4


def test_classifier_free_guidance_extrapolates(network, inputs) -> None:
    network.eval()
    denoiser = ClassifierFree().guided(network, inputs["music"], inputs["genre"], temperature=0.5)
    conditional = network(timestep=TIMESTEP, beta=torch.ones(3), **inputs)
    unconditional = network.unconditional(inputs["noisy"], TIMESTEP)
    torch.testing.assert_close(denoiser(inputs["noisy"], TIMESTEP), 2 * conditional - unconditional)


def test_guidance_free_sampling_is_one_pass_at_the_temperature(network, inputs) -> None:
    network.eval()
    denoiser = GuidanceFree().guided(network, inputs["music"], inputs["genre"], temperature=0.5)
    expected = network(timestep=TIMESTEP, beta=torch.full((3,), 0.5), **inputs)
    torch.testing.assert_close(denoiser(inputs["noisy"], TIMESTEP), expected)


@pytest.mark.parametrize("temperature", [0.0, 0.09, 1.01, float("nan")])
def test_refuses_temperatures_out_of_range(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature must lie in"):
        check_temperature(temperature)


def test_refuses_an_unknown_objective() -> None:
    with pytest.raises(ValueError, match="objective must be"):
        build_objective("gan")
