from __future__ import annotations

import pytest
import torch
from peft import LoraConfig
from torch import Tensor

from macedance.models.appearance.published import (
    adapter_from_published,
    adapter_to_published,
    lora_from_published,
    lora_to_published,
)
from macedance.models.appearance.stages import LORA_MODULES
from macedance.models.appearance.tiny import tiny_transformer
from macedance.models.appearance.weights import Lora, apply_adapter, apply_lora, lora_state

RANK, WIDTH, FEED_FORWARD = 4, 24, 32
ATTENTION = [f"{kind}_attn.{letter}" for kind in ("self", "cross") for letter in "qkvo"]
PUBLISHED = [f"blocks.{block}.{module}" for block in range(2) for module in [*ATTENTION, "ffn.0", "ffn.2"]]


def published_lora(infix: str = ".default", prefix: str = "", seed: int = 0) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    tensors = {}
    for module in PUBLISHED:
        inputs = FEED_FORWARD if module.endswith("ffn.2") else WIDTH
        outputs = FEED_FORWARD if module.endswith("ffn.0") else WIDTH
        tensors[f"{prefix}{module}.lora_A{infix}.weight"] = torch.randn(RANK, inputs, generator=draw)
        tensors[f"{prefix}{module}.lora_B{infix}.weight"] = torch.randn(outputs, RANK, generator=draw)
    return tensors


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_it_equals_the_same_matrices_added_to_the_weights_of_wans_own_layers() -> None:
    """The mapping is told a second time here, layer by layer, through the transformer's modules."""
    torch.manual_seed(0)
    by_lora, by_hand = tiny_transformer(), tiny_transformer()
    by_hand.load_state_dict(by_lora.state_dict())
    tensors = published_lora()
    lora = lora_from_published(tensors)
    apply_lora(by_lora, lora.state, lora.alpha)
    with torch.no_grad():
        for number, block in enumerate(by_hand.blocks):
            layers = {
                "self_attn.q": block.attn1.to_q,
                "self_attn.k": block.attn1.to_k,
                "self_attn.v": block.attn1.to_v,
                "self_attn.o": block.attn1.to_out[0],
                "cross_attn.q": block.attn2.to_q,
                "cross_attn.k": block.attn2.to_k,
                "cross_attn.v": block.attn2.to_v,
                "cross_attn.o": block.attn2.to_out[0],
                "ffn.0": block.ffn.net[0].proj,
                "ffn.2": block.ffn.net[2],
            }
            for name, layer in layers.items():
                key = f"blocks.{number}.{name}.lora_{{}}.default.weight"
                layer.weight += tensors[key.format("B")] @ tensors[key.format("A")]
    draw = torch.Generator().manual_seed(1)
    inputs = {
        "hidden_states": torch.randn(1, 36, 3, 4, 4, generator=draw),
        "timestep": torch.tensor([500]),
        "encoder_hidden_states": torch.randn(1, 512, 32, generator=draw),
        "encoder_hidden_states_image": torch.randn(1, 2, 4, generator=draw),
        "pose_hidden_states": torch.randn(1, 16, 2, 4, 4, generator=draw),
        "face_pixel_values": torch.randn(1, 3, 5, 16, 16, generator=draw),
    }
    with torch.no_grad():
        expected, found = by_hand(**inputs).sample, by_lora(**inputs).sample
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_it_names_exactly_the_layers_that_training_adapts() -> None:
    transformer = tiny_transformer()
    transformer.add_adapter(LoraConfig(r=RANK, target_modules=f"^{LORA_MODULES}$"))
    trained = lora_state(transformer.state_dict())
    converted = lora_from_published(published_lora()).state
    assert {name: tensor.shape for name, tensor in trained.items()} == {
        name: tensor.shape for name, tensor in converted.items()
    }


@pytest.mark.parametrize("prefix", ["", "pipe.dit.", "dit.", "diffusion_model."])
@pytest.mark.parametrize("infix", ["", ".default"])
def test_prefixes_make_no_difference(prefix: str, infix: str) -> None:
    lora = lora_from_published(published_lora(infix, prefix))
    assert lora[1:] == (RANK, RANK)
    assert same(lora.state, lora_from_published(published_lora()).state)


def test_there_and_back_is_exact() -> None:
    tensors = published_lora(prefix="pipe.dit.")
    assert same(lora_to_published(lora_from_published(tensors), prefix="pipe.dit."), tensors)
    lora = lora_from_published(tensors)
    assert same(lora_from_published(lora_to_published(lora)).state, lora.state)


def test_alpha_is_read_and_on_the_way_back_multiplied_in() -> None:
    tensors = published_lora("") | {f"{module}.alpha": torch.tensor(2.0) for module in PUBLISHED}
    lora = lora_from_published(tensors)
    assert lora[1:] == (RANK, 2.0)
    back = lora_to_published(lora)
    assert not any(name.endswith("alpha") for name in back)
    key = f"{PUBLISHED[0]}.lora_{{}}.default.weight"
    assert torch.equal(back[key.format("A")], tensors[f"{PUBLISHED[0]}.lora_A.weight"])
    assert torch.equal(back[key.format("B")], tensors[f"{PUBLISHED[0]}.lora_B.weight"] / 2)


@pytest.mark.parametrize("modules", [PUBLISHED, PUBLISHED[:1]])
def test_several_alphas_are_refused(modules: list[str]) -> None:
    alphas = {f"{module}.alpha": torch.tensor(2.0 + ("ffn" in module)) for module in modules}
    with pytest.raises(ValueError, match="one alpha for all its modules, got 2"):
        lora_from_published(published_lora("") | alphas)


def test_the_images_keys_and_values_are_kept() -> None:
    tensors = published_lora() | {
        "blocks.1.cross_attn.k_img.lora_A.default.weight": torch.ones(RANK, WIDTH),
        "blocks.1.cross_attn.k_img.lora_B.default.weight": torch.ones(WIDTH, RANK),
    }
    lora = lora_from_published(tensors)
    assert "transformer.blocks.1.attn2.add_k_proj.lora_B.weight" in lora.state
    assert same(lora_to_published(lora), tensors)
    apply_lora(tiny_transformer(), lora.state, lora.alpha)


def test_unknown_and_missing_names_are_told() -> None:
    tensors = published_lora()
    strange = {f"blocks.0.norm.{n}.lora_A.weight": torch.zeros(1) for n in range(5)}
    with pytest.raises(ValueError, match=r"LoRA\.safetensors must.*norm\.0.*norm\.2.* and 2 more"):
        lora_from_published(tensors | strange, "LoRA.safetensors")
    with pytest.raises(ValueError, match="got nothing"):
        lora_from_published({})
    del tensors["blocks.0.self_attn.k.lora_B.default.weight"]
    with pytest.raises(ValueError, match=r"lacks transformer\.blocks\.0\.attn1\.to_k\.lora_B\.weight"):
        lora_from_published(tensors)
    twice = published_lora() | published_lora(prefix="dit.")
    with pytest.raises(ValueError, match="every tensor once"):
        lora_from_published(twice)
    with pytest.raises(ValueError, match="face"):
        lora_to_published(Lora({"transformer.face_adapter.0.to_q.lora_A.weight": torch.zeros(4, 24)}, 4, 4))


@pytest.mark.parametrize("prefix", ["", "animate_adapter.", "pipe.animate_adapter."])
def test_the_body_adapter_is_taken_and_the_face_branch_left(prefix: str) -> None:
    draw = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(WIDTH, 16, 1, 2, 2, generator=draw), torch.randn(WIDTH, generator=draw)
    tensors = {
        f"{prefix}pose_patch_embedding.weight": weight,
        f"{prefix}pose_patch_embedding.bias": bias,
        f"{prefix}face_adapter.fuser_blocks.0.linear1_q.weight": torch.zeros(2),
        f"{prefix}motion_encoder.enc.fc.0.bias": torch.zeros(2),
    }
    state, left_out = adapter_from_published(tensors)
    assert left_out == ["face_adapter.fuser_blocks.0.linear1_q.weight", "motion_encoder.enc.fc.0.bias"]
    transformer = tiny_transformer()
    apply_adapter(transformer, state)
    assert torch.equal(transformer.pose_patch_embedding.weight, weight)
    assert torch.equal(transformer.pose_patch_embedding.bias, bias)
    assert same(adapter_from_published(adapter_to_published(state)).state, state)


def test_another_file_is_no_body_adapter() -> None:
    adapter = {
        "animate_adapter.pose_patch_embedding.weight": torch.zeros(WIDTH, 16, 1, 2, 2),
        "animate_adapter.pose_patch_embedding.bias": torch.zeros(WIDTH),
    }
    with pytest.raises(ValueError, match=r"got blocks\.0\.self_attn\.q.* and 37 more as well"):
        adapter_from_published(adapter | published_lora())
    with pytest.raises(ValueError, match=r"lacks pose_patch_embedding\.bias"):
        adapter_from_published({name: tensor for name, tensor in adapter.items() if "bias" not in name})
    with pytest.raises(ValueError, match=r"\(width, 16, 1, 2, 2\)"):
        adapter_from_published(
            adapter | {"animate_adapter.pose_patch_embedding.weight": torch.zeros(WIDTH, 36, 1, 2, 2)}
        )
