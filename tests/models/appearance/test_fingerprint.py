from __future__ import annotations

import pytest
import torch
from diffusers import WanAnimateTransformer3DModel

from macedance.models.appearance.fingerprint import base_fingerprint, check_fingerprint
from macedance.models.appearance.stages import prepare_stage
from macedance.models.appearance.tiny import tiny_transformer


@pytest.fixture
def transformer() -> WanAnimateTransformer3DModel:
    torch.manual_seed(0)
    return tiny_transformer().to(torch.bfloat16)


def test_dtype_training_and_the_body_adapter_make_no_difference(
    transformer: WanAnimateTransformer3DModel,
) -> None:
    before = base_fingerprint(transformer)
    assert len(before) == 16
    assert int(before, 16) >= 0
    assert base_fingerprint(transformer.float()) == before
    with torch.no_grad():
        transformer.pose_patch_embedding.weight += 1
    prepare_stage(transformer, "kinematic")
    assert base_fingerprint(transformer) == before
    prepare_stage(transformer, "aesthetic", lora_rank=4)
    assert base_fingerprint(transformer) == before


def test_a_change_of_any_one_tensor_makes_a_difference(transformer: WanAnimateTransformer3DModel) -> None:
    seen = {base_fingerprint(transformer)}
    frozen = [
        parameter for name, parameter in transformer.named_parameters() if "pose_patch_embedding" not in name
    ]
    with torch.no_grad():
        for parameter in frozen:
            first = parameter.flatten()[0].clone()
            parameter.view(-1)[0] = first + 1
            seen.add(base_fingerprint(transformer))
            parameter.view(-1)[0] = first
    assert len(seen) == len(frozen) + 1


def test_what_lies_between_the_samples_is_not_looked_at(transformer: WanAnimateTransformer3DModel) -> None:
    before = base_fingerprint(transformer)
    with torch.no_grad():
        transformer.blocks[0].attn1.to_q.weight.view(-1)[1] += 1
    assert base_fingerprint(transformer) == before


def test_another_backbone_is_refused_with_both_names() -> None:
    check_fingerprint("aa", "aa", "the LoRA")
    with pytest.raises(ValueError, match=r"the LoRA must be used with the backbone.* aa, got .* bb; name"):
        check_fingerprint("bb", "aa", "the LoRA")
