from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.models.motion import MotionDenoiser
from macedance.models.motion.mamba import BiMamba, Mamba
from macedance.models.motion.published import from_published

SMALL = {"width": 32, "num_dance_layers": 2, "num_music_layers": 1, "num_heads": 4}


def _inputs(num_frames: int = 20) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "noisy": torch.randn(2, num_frames, 151, generator=generator),
        "timestep": torch.tensor([10, 900]),
        "beta": torch.tensor([0.3, 1.0]),
        "music": torch.randn(2, num_frames, 35, generator=generator),
        "genre": torch.tensor([0, 16]),
    }


@pytest.fixture(scope="module")
def published(fixtures: Path) -> dict[str, torch.Tensor]:
    with np.load(fixtures / "published_network_forward.npz", allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


@pytest.fixture(scope="module")
def network_with_published_weights(published: dict[str, torch.Tensor]) -> MotionDenoiser:
    network = MotionDenoiser(width=32, feedforward_width=64, num_heads=4).eval()
    weights = {
        name.removeprefix("state_dict/"): tensor
        for name, tensor in published.items()
        if name.startswith("state_dict/")
    }
    result = network.load_state_dict(from_published(weights), strict=False)
    assert result.unexpected_keys == []
    assert result.missing_keys == ["music_injection.weight", "music_injection.bias"]
    return network


@torch.no_grad()
def test_equals_the_published_network_under_music(network_with_published_weights, published) -> None:
    inputs = {name: published[f"in/{name}"] for name in ("noisy", "timestep", "beta", "music", "genre")}
    predicted = network_with_published_weights(**inputs)
    torch.testing.assert_close(predicted, published["out/conditional"], rtol=0, atol=1e-5)


@torch.no_grad()
def test_equals_the_published_network_without_music(network_with_published_weights, published) -> None:
    predicted = network_with_published_weights.unconditional(published["in/noisy"], published["in/timestep"])
    torch.testing.assert_close(predicted, published["out/unconditional_beta1"], rtol=0, atol=1e-5)


@torch.no_grad()
def test_one_null_token_stands_for_all() -> None:
    network, inputs = MotionDenoiser(**SMALL).eval(), _inputs()
    dropped = network(**{**inputs, "beta": torch.ones(2)}, drop_music=torch.tensor([True, True]))
    torch.testing.assert_close(
        dropped, network.unconditional(inputs["noisy"], inputs["timestep"]), rtol=0, atol=1e-5
    )


@torch.no_grad()
@pytest.mark.parametrize("backbone", ["bimamba", "mamba", "transformer"])
@pytest.mark.parametrize("music_path", ["additive", "cross_attention"])
def test_every_ablation_takes_any_length(backbone: str, music_path: str) -> None:
    network = MotionDenoiser(**SMALL, backbone=backbone, music_path=music_path).eval()
    for num_frames in (1, 33):
        predicted = network(**_inputs(num_frames))
        assert predicted.shape == (2, num_frames, 151)
        assert predicted.isfinite().all()


@torch.no_grad()
def test_the_music_path_starts_at_zero_and_then_carries_music_frame_by_frame() -> None:
    network, inputs = MotionDenoiser(**SMALL).eval(), _inputs()
    before = network(**inputs)
    network.music_injection.weight.normal_(std=0.1)
    assert not torch.allclose(before, network(**inputs))
    torch.manual_seed(0)
    published_form = MotionDenoiser(**SMALL, music_path="cross_attention").eval()
    published_form.load_state_dict(network.state_dict(), strict=False)
    torch.testing.assert_close(published_form(**inputs), before)


@torch.no_grad()
def test_mamba_is_causal_and_bimamba_is_not() -> None:
    x = torch.randn(1, 12, 16)
    changed = x.clone()
    changed[:, 8] = torch.randn(16)  # not a constant, which the layer norm would take away
    causal, both = Mamba(16), BiMamba(16)
    torch.testing.assert_close(causal(x)[:, :8], causal(changed)[:, :8])
    assert not torch.allclose(causal(x)[:, 8], causal(changed)[:, 8])
    assert not torch.allclose(both(x)[:, 7], both(changed)[:, 7])


def test_paper_size() -> None:
    with torch.device("meta"):
        network = MotionDenoiser()
    assert sum(parameter.numel() for parameter in network.parameters()) == 66_944_663


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backbone": "lstm"}, "backbone must be"),
        ({"music_path": "none"}, "music_path must be"),
        ({"num_heads": 5}, "multiple of num_heads"),
    ],
)
def test_refuses_what_it_does_not_know(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MotionDenoiser(**{**SMALL, **arguments})


@torch.no_grad()
def test_the_output_is_not_rounded_to_half_precision() -> None:
    network = MotionDenoiser(**SMALL).eval()
    with torch.autocast("cpu", torch.bfloat16):
        assert network(**_inputs()).dtype == torch.float32
