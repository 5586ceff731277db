from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from diffusers import WanAnimateTransformer3DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from macedance.models.appearance.stages import prepare_stage
from macedance.models.appearance.tiny import tiny_backbone, tiny_transformer
from macedance.models.appearance.weights import (
    ADAPTER_FILE,
    LORA_FILE,
    adapter_state,
    apply_adapter,
    apply_lora,
    load_adapter_file,
    load_lora_file,
    lora_state,
    save_adapter,
    save_lora,
)

RANK, ALPHA = 4, 6.0
QUERY = "transformer.blocks.0.attn1.to_q.lora_A.weight"


def new_transformer(dtype: torch.dtype = torch.float32) -> WanAnimateTransformer3DModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return tiny_transformer().to(dtype)


@torch.no_grad()
def forward(transformer: WanAnimateTransformer3DModel) -> Tensor:
    draw = torch.Generator().manual_seed(1)
    inputs = {
        "hidden_states": torch.randn(1, 36, 3, 4, 4, generator=draw),
        "encoder_hidden_states": torch.randn(1, 512, 32, generator=draw),
        "encoder_hidden_states_image": torch.randn(1, 2, 4, generator=draw),
        "pose_hidden_states": torch.randn(1, 16, 2, 4, 4, generator=draw),
        "face_pixel_values": torch.randn(1, 3, 5, 16, 16, generator=draw),
    }
    inputs = {name: value.to(transformer.dtype) for name, value in inputs.items()}
    return transformer(**inputs, timestep=torch.tensor([500]), return_dict=False)[0]


@pytest.fixture(scope="module")
def trained() -> WanAnimateTransformer3DModel:
    """A transformer whose LoRA is no longer the identity, as training leaves it."""
    transformer = new_transformer()
    prepare_stage(transformer, "aesthetic", lora_rank=RANK, lora_alpha=ALPHA)
    draw = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in transformer.named_parameters():
            if ".lora_B." in name:
                parameter.copy_(torch.randn(parameter.shape, generator=draw))
    return transformer


@pytest.fixture(scope="module")
def lora(trained: WanAnimateTransformer3DModel) -> dict[str, Tensor]:
    return lora_state(trained.state_dict())


@pytest.fixture
def loud() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "error", RuntimeWarning
        )  # peft's, on layers that file and settings name differently
        yield


def test_names_are_those_of_a_lora_file_however_the_parameters_are_kept(lora: dict[str, Tensor]) -> None:
    assert len(lora) == 2 * 2 * (4 + 4 + 2)
    assert lora[QUERY].shape == (RANK, 24)
    plain = {
        name.removeprefix("transformer.").replace("lora_A", "lora_A.default"): tensor
        for name, tensor in lora.items()
        if "lora_A" in name
    }
    assert lora_state(plain).keys() == {name for name in lora if "lora_A" in name}


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("as_folder", [True, False])
def test_a_plain_pipeline_opens_the_file_and_computes_the_same(
    as_folder: bool, trained: WanAnimateTransformer3DModel, lora: dict[str, Tensor], tmp_path: Path
) -> None:
    save_lora(tmp_path / LORA_FILE, lora, rank=RANK, alpha=ALPHA)
    save_adapter(tmp_path / ADAPTER_FILE, adapter_state(trained.state_dict()))
    pipeline = tiny_backbone()
    pipeline.transformer = new_transformer()
    before = forward(pipeline.transformer)
    pipeline.load_lora_weights(str(tmp_path if as_folder else tmp_path / LORA_FILE))
    assert torch.equal(forward(pipeline.transformer), forward(trained))
    assert (forward(trained) - before).abs().max() > 0.01


def test_alpha_and_rank_are_kept_apart(lora: dict[str, Tensor], tmp_path: Path) -> None:
    save_lora(tmp_path / LORA_FILE, lora, rank=RANK, alpha=ALPHA)
    assert load_lora_file(tmp_path)[1:] == (RANK, ALPHA)
    save_file(lora, tmp_path / "untold.safetensors")
    assert load_lora_file(tmp_path / "untold.safetensors")[1:] == (RANK, RANK)


@pytest.mark.parametrize("alpha", [RANK, ALPHA])
def test_applying_a_file_equals_opening_it_in_a_pipeline(
    alpha: float, lora: dict[str, Tensor], tmp_path: Path
) -> None:
    save_lora(tmp_path / LORA_FILE, lora, rank=RANK, alpha=alpha)
    pipeline = tiny_backbone()
    pipeline.transformer = new_transformer()
    pipeline.load_lora_weights(str(tmp_path))
    transformer = new_transformer()
    read = load_lora_file(tmp_path)
    apply_lora(transformer, dict(reversed(read.state.items())), read.alpha)
    assert torch.equal(forward(transformer), forward(pipeline.transformer))
    assert not any(parameter.requires_grad for parameter in transformer.parameters())


@pytest.mark.usefixtures("loud")
def test_masters_in_float32_come_out_as_the_transformer_used_them(tmp_path: Path) -> None:
    trained = new_transformer(torch.bfloat16)
    prepare_stage(trained, "aesthetic", lora_rank=RANK, lora_alpha=ALPHA)
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in trained.named_parameters():
            if ".lora_B." in name:
                parameter.copy_(torch.randn(parameter.shape, generator=draw))
    state = lora_state(trained.state_dict())
    assert state[QUERY].dtype == torch.float32
    save_lora(tmp_path / LORA_FILE, state, rank=RANK, alpha=ALPHA)
    transformer = new_transformer(torch.bfloat16)
    apply_lora(transformer, load_lora_file(tmp_path).state, ALPHA)
    applied = {parameter.dtype for name, parameter in transformer.named_parameters() if ".lora_" in name}
    assert applied == {torch.bfloat16}
    assert torch.equal(forward(transformer), forward(trained))
    save_lora(tmp_path / LORA_FILE, state, rank=RANK, alpha=ALPHA, dtype=torch.bfloat16)
    assert load_file(tmp_path / LORA_FILE)[QUERY].dtype == torch.bfloat16


@pytest.mark.parametrize("stage", ["kinematic", "aesthetic"])
def test_the_body_adapter_goes_to_a_file_and_back(stage: str, tmp_path: Path) -> None:
    source = new_transformer()
    prepare_stage(source, stage)  # type: ignore[arg-type]
    draw = torch.Generator().manual_seed(4)
    adapter = {
        "pose_patch_embedding.weight": torch.randn(24, 16, 1, 2, 2, generator=draw),
        "pose_patch_embedding.bias": torch.randn(24, generator=draw),
    }
    before = forward(source)
    apply_adapter(source, adapter)
    save_adapter(tmp_path / ADAPTER_FILE, adapter_state(source.state_dict()))
    read = load_adapter_file(tmp_path)
    assert all(torch.equal(read[name], adapter[name]) for name in adapter)
    other = new_transformer()
    apply_adapter(other, read)
    assert torch.equal(forward(other), forward(source))
    assert not torch.allclose(forward(source), before)


def test_no_pickle_is_read(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "LoRA.pt")
    with pytest.raises(ValueError, match=r"LoRA\.pt.*save_file"):
        load_lora_file(tmp_path / "LoRA.pt")
    (tmp_path / "LoRA.pt").rename(tmp_path / ADAPTER_FILE)
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        load_adapter_file(tmp_path)
    with pytest.raises(FileNotFoundError, match=LORA_FILE):
        load_lora_file(tmp_path)


def test_a_lora_of_other_names_halves_or_ranks_is_refused(lora: dict[str, Tensor], tmp_path: Path) -> None:
    file = tmp_path / LORA_FILE
    save_file({"blocks.0.self_attn.q.lora_A.default.weight": torch.zeros(4, 24)}, file)
    with pytest.raises(ValueError, match=r"got blocks\.0\.self_attn\.q.*macedance convert"):
        load_lora_file(file)
    save_file({name: tensor for name, tensor in lora.items() if name != QUERY}, file)
    with pytest.raises(ValueError, match=f"lacks {QUERY}"):
        load_lora_file(file)
    smaller = {QUERY: torch.zeros(2, 24), QUERY.replace("lora_A", "lora_B"): torch.zeros(24, 2)}
    with pytest.raises(ValueError, match=r"one rank, got 2 at blocks\.0\.attn1\.to_q and 4 at"):
        save_lora(file, lora | smaller, rank=RANK, alpha=RANK)
    with pytest.raises(ValueError, match="rank must be that of lora, which is 4, got 8"):
        save_lora(file, lora, rank=8, alpha=8)
    with pytest.raises(ValueError, match=r"lora_B \(outputs, rank\), got \(2, 24\) and \(24, 4\)"):
        save_lora(file, lora | {QUERY: torch.zeros(2, 24)}, rank=RANK, alpha=RANK)


def test_weights_for_another_backbone_are_refused(lora: dict[str, Tensor]) -> None:
    transformer = new_transformer()
    wide = {QUERY: torch.zeros(RANK, 48), QUERY.replace("lora_A", "lora_B"): torch.zeros(48, RANK)}
    with pytest.raises(ValueError, match=r"attn1\.to_q.*\(4, 24\).*got \(4, 48\)"):
        apply_lora(transformer, lora | wide, ALPHA)
    deep = {name.replace("blocks.0", "blocks.9"): tensor for name, tensor in lora.items()}
    with pytest.raises(ValueError, match=r"got blocks\.9"):
        apply_lora(transformer, deep, ALPHA)
    adapter = {
        "pose_patch_embedding.weight": torch.zeros(48, 16, 1, 2, 2),
        "pose_patch_embedding.bias": torch.zeros(48),
    }
    with pytest.raises(ValueError, match=r"\(24, 16, 1, 2, 2\).*got \(48, 16, 1, 2, 2\)"):
        apply_adapter(transformer, adapter)


def test_what_is_no_body_adapter_is_refused(tmp_path: Path) -> None:
    weight, bias = torch.zeros(24, 16, 1, 2, 2), torch.zeros(24)
    name = "pose_patch_embedding"
    with pytest.raises(ValueError, match=f"lacks {name}.bias"):
        save_adapter(tmp_path / ADAPTER_FILE, {f"{name}.weight": weight})
    with pytest.raises(ValueError, match=r"got \(24, 16, 1, 4, 4\) and \(24,\)"):
        save_adapter(
            tmp_path / ADAPTER_FILE, {f"{name}.weight": torch.zeros(24, 16, 1, 4, 4), f"{name}.bias": bias}
        )
    assert not list(tmp_path.iterdir())
    published = {f"animate_adapter.{name}.weight": weight, f"animate_adapter.{name}.bias": bias}
    save_file(published, tmp_path / ADAPTER_FILE)
    with pytest.raises(ValueError, match="macedance convert"):
        load_adapter_file(tmp_path)


def test_a_state_without_or_with_two_loras_is_refused(lora: dict[str, Tensor]) -> None:
    with pytest.raises(ValueError, match="add the adapter first"):
        lora_state(new_transformer().state_dict())
    two = {QUERY.replace("lora_A", f"lora_A.{adapter}"): lora[QUERY] for adapter in ("default", "other")}
    with pytest.raises(ValueError, match="one LoRA"):
        lora_state(two)
