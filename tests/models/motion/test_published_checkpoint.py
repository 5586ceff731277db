from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from macedance.models.motion import MotionDenoiser
from macedance.models.motion.published import published_sizes
from macedance.models.motion.published_checkpoint import read_published

from ...published_motion import published_weights, save_published, scaler_fields

STATES = "dancelayerstack.0.bimamba.mamba_forward.A_log"
LOW, HIGH = -torch.arange(1.0, 152.0), torch.arange(1.0, 152.0)
FIELDS = scaler_fields(LOW, HIGH)


@pytest.fixture(scope="module")
def weights(fixtures: Path) -> dict[str, Tensor]:
    return published_weights(fixtures)


def test_sizes_weights_and_range_are_read_off(weights: dict[str, Tensor], tmp_path: Path) -> None:
    read = read_published(save_published(tmp_path / "x.pt", weights, FIELDS), num_heads=4)
    assert read.sizes == {
        "width": 32,
        "num_dance_layers": 8,
        "num_music_layers": 2,
        "num_heads": 4,
        "state_size": 16,
    }
    assert read.state["dance_layers.7.film_mixer.block.1.bias"].equal(
        weights["dancelayerstack.7.film1.block.1.bias"]
    )
    genres = read.state["music_layers.1.genre_mlp.0.weight"]
    assert genres[:16].equal(weights["musiclayerstack.1.genre_MLP.0.weight"])
    torch.testing.assert_close(genres[16], genres[:16].mean(dim=0))
    torch.testing.assert_close(read.minimum, LOW)
    torch.testing.assert_close(read.maximum, HIGH)


def test_fewer_layers_smaller_states_and_half_precision_do(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    wanted = MotionDenoiser(16, 2, 1, num_heads=8, state_size=4, music_path="cross_attention")
    large = read_published(save_published(tmp_path / "x.pt", weights, FIELDS))
    shapes = {name: tensor.shape for name, tensor in wanted.state_dict().items()}
    names = dict(zip(large.state, weights, strict=True))
    small = {names[ours]: torch.zeros(shape, dtype=torch.bfloat16) for ours, shape in shapes.items()}
    small = {name: value[:-1] if "genre_MLP.0" in name else value for name, value in small.items()}
    read = read_published(save_published(tmp_path / "y.pt", small, FIELDS))
    assert (read.sizes["num_dance_layers"], read.sizes["num_music_layers"], read.sizes["state_size"]) == (
        2,
        1,
        4,
    )
    assert read.state.keys() == wanted.state_dict().keys()
    assert {tensor.dtype for tensor in read.state.values()} == {torch.float32}


def test_the_last_weights_and_those_of_several_ranks(weights: dict[str, Tensor], tmp_path: Path) -> None:
    prefixed = {f"module.{name}": tensor for name, tensor in weights.items()}
    file = save_published(tmp_path / "x.pt", prefixed, FIELDS)
    name = "output_projection.bias"
    assert read_published(file).state[name].equal(weights["final_layer.bias"])
    assert read_published(file, weights="model").state[name].equal(weights["final_layer.bias"] + 1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"final_layer.bias": None}, "lacks final_layer.bias$"),
        ({"final_layer.bias": None, "beta_mlp.1.bias": None}, "lacks beta_mlp.1.bias and 1 more$"),
        ({"dancelayerstack.1.film1.block.1.bias": None}, "lacks dancelayerstack.1.film1.block.1.bias$"),
        ({"input_projection.weight": None}, "has no input_projection.weight"),
        ({"third.weight": torch.ones(1)}, "also has third.weight"),
        (
            {"cond_projection.weight": torch.ones(32, 4)},
            r"cond_projection.weight must .* \(32, 35\) .*, has \(32, 4\)",
        ),
        (
            {"musiclayerstack.1.genre_MLP.0.weight": torch.ones(10, 32)},
            r"\(16, 32\) at these sizes, has \(10, 32\)",
        ),
        (
            {"final_layer.bias": torch.ones(151, dtype=torch.int64)},
            "tensors alone, and final_layer.bias is none",
        ),
        ({"input_projection.weight": torch.ones(32)}, "must be a matrix"),
        (
            {"input_projection.weight": torch.ones(0, 151)},
            r"input_projection.weight must not be empty.*\(0, 151\)",
        ),
        ({STATES: torch.ones(64, 0)}, r"A_log must not be empty.*\(64, 0\)"),
        (
            {"final_layer.bias": torch.ones(151).to_sparse()},
            "plain .* tensors alone, and final_layer.bias is none",
        ),
        ({"final_layer.bias": torch.ones(151, dtype=torch.complex64)}, "alone, and final_layer.bias is none"),
        ({"final_layer.bias": torch.ones(1).expand(2**40)}, "alone, and final_layer.bias is none"),
        ({STATES: torch.ones(1, 1).expand(1, 2**50)}, f"alone, and {STATES} is none"),
        (
            {"final_layer.bias": torch.tensor([0.0] * 150 + [math.nan])},
            "finite .*, and 1 of the 151 of final_layer.bias",
        ),
        (
            {"final_layer.bias": torch.full((151,), 1e300, dtype=torch.float64)},
            "finite numbers in float32, and 151 of the 151 of final_layer.bias are not",
        ),
    ],
)
def test_weights_of_another_network_are_refused_in_one_line(
    weights: dict[str, Tensor], tmp_path: Path, changed: dict, message: str
) -> None:
    wrong = {name: tensor for name, tensor in {**weights, **changed}.items() if tensor is not None}
    file = save_published(tmp_path / "x.pt", weights, FIELDS, ema_state_dict=wrong)
    with pytest.raises(ValueError, match=message) as caught:
        read_published(file)
    assert f"ema_state_dict of {file}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"normalizer": None}, "has no normalizer"),
        ({"ema_state_dict": None, "normalizer": None}, "has no ema_state_dict and no normalizer"),
        ({"normalizer": {"mean": 0.0}}, "must hold one min-max scaler"),
        ({"ema_state_dict": torch.ones(1)}, "must be weights by name"),
    ],
)
def test_files_of_another_content_are_refused(
    weights: dict[str, Tensor], tmp_path: Path, changed: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_published(save_published(tmp_path / "x.pt", weights, FIELDS, **changed))
    torch.save(torch.ones(1), tmp_path / "tensor.pt")
    with pytest.raises(ValueError, match="has no ema_state_dict"):
        read_published(tmp_path / "tensor.pt")


def test_the_first_weight_that_is_not_finite_is_named(weights: dict[str, Tensor], tmp_path: Path) -> None:
    broken = {name: tensor * math.inf for name, tensor in weights.items()}
    with pytest.raises(ValueError, match=f"of {next(iter(weights))} are not"):
        read_published(save_published(tmp_path / "x.pt", broken, FIELDS))


@pytest.mark.parametrize("stack", ["musiclayerstack", "dancelayerstack"])
def test_a_network_without_layers_is_refused(weights: dict[str, Tensor], tmp_path: Path, stack: str) -> None:
    fewer = {name: tensor for name, tensor in weights.items() if not name.startswith(stack)}
    with pytest.raises(ValueError, match=f"has no layers {stack}"):
        read_published(save_published(tmp_path / "x.pt", fewer, FIELDS))


def test_a_network_that_torch_cannot_build_is_refused(weights: dict[str, Tensor]) -> None:
    wide = {**weights, "input_projection.weight": torch.ones(1, 1, device="meta").expand(2**40, 151)}
    with pytest.raises(ValueError, match=f"weights must be of a network .* is {2**40} wide with 16 states"):
        published_sizes(wide, 8, "weights")


@pytest.mark.parametrize("num_heads", [0, 5])
def test_refuses_heads_that_do_not_divide_the_width(
    weights: dict[str, Tensor], tmp_path: Path, num_heads: int
) -> None:
    file = save_published(tmp_path / "x.pt", weights, FIELDS)
    with pytest.raises(ValueError, match=f"num_heads must divide the width .*, 32, got {num_heads}"):
        read_published(file, num_heads=num_heads)
    with pytest.raises(ValueError, match=r"^--num-heads must divide"):
        read_published(file, num_heads=num_heads, heads_name="--num-heads")
