"""Which of Wan-Animate's parameters a stage trains, and how (MACE-Dance, section 3.3)."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from macedance.ops.sharded_tensors import copy_whole

if TYPE_CHECKING:
    from diffusers import WanAnimateTransformer3DModel

Stage = Literal["kinematic", "aesthetic"]
STAGES: tuple[Stage, ...] = ("kinematic", "aesthetic")
BODY_ADAPTER = "pose_patch_embedding"
LORA_MODULES = r"blocks\.\d+\.(attn[12]\.(to_q|to_k|to_v|to_out\.0)|ffn\.net\.(0\.proj|2))"
"""Attention and feed-forward of every block; a plain list of names would also hit the face adapter."""
_PARAMETRIZATION = ".parametrizations.", ".original"


class ComputeType(nn.Module):
    """Lets a parameter that is stored in float32 be used in another type."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, master: Tensor) -> Tensor:
        """The parameter as the module computes with it."""
        return master.to(self.dtype)


def prepare_stage(
    transformer: WanAnimateTransformer3DModel,
    stage: Stage,
    *,
    lora_rank: int = 32,
    lora_alpha: float = 32.0,
    seed: int = 0,
) -> None:
    """Freeze all but what the stage trains, which is stored in float32 and used in the transformer's own type.

    A step of 1e-5 would vanish in the rounding of bfloat16 weights; activations in float32 would cost gigabytes.

    Args:
        transformer: Of one dtype, or on the meta device, from which the LoRA is taken; is changed.
        stage: ``kinematic`` trains the Body Adapter, ``aesthetic`` a new LoRA of all blocks, which begins as the
            identity.
        lora_rank: Rank of the LoRA.
        lora_alpha: Its output is scaled by ``lora_alpha / lora_rank``.
        seed: Of the LoRA's first factor, each by its name; torch's own random state is left as it was.

    Raises:
        ValueError: The stage is unknown.
    """
    if stage not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}, got {stage!r}")
    transformer.requires_grad_(False)
    dtype = transformer.dtype
    adapter = getattr(transformer, BODY_ADAPTER)
    _keep_masters(adapter, dtype)
    if stage == "kinematic":
        return
    adapter.requires_grad_(False)
    from peft import LoraConfig
    from peft.tuners.tuners_utils import BaseTunerLayer

    config = LoraConfig(r=lora_rank, lora_alpha=lora_alpha, target_modules=f"^{LORA_MODULES}$")
    with torch.random.fork_rng(devices=[]):
        transformer.add_adapter(config)
    for name, layer in transformer.named_modules():
        if isinstance(layer, BaseTunerLayer):
            for factors in (layer.lora_A, layer.lora_B):
                _begin_as_identity(factors["default"], f"{name}.{seed}", is_zero=factors is layer.lora_B)
                _keep_masters(factors["default"], dtype)


def trained_state(transformer: WanAnimateTransformer3DModel) -> dict[str, Tensor]:
    """The Body Adapter and, if there is one, the LoRA: all that any stage trains, by peft's names."""
    return {
        name: value
        for name, value in _plain_state(transformer).items()
        if name.startswith(f"{BODY_ADAPTER}.") or ".lora_" in name
    }


@torch.no_grad()
def load_trained_state(transformer: WanAnimateTransformer3DModel, state: dict[str, Tensor]) -> None:
    """Take over what :func:`trained_state` gave.

    The state of a Kinematic stage fits a transformer prepared for the Aesthetic one: its LoRA stays the identity.

    Raises:
        ValueError: A tensor is missing, unknown or of another shape; the first few are named.
    """
    own = trained_state(transformer)
    wanted = own if any(".lora_" in name for name in state) else _without_lora(own)
    problems = [f"{name} is missing" for name in wanted if name not in state]
    problems += [f"{name} is unknown" for name in state if name not in wanted]
    problems += [
        f"{name} is {tuple(value.shape)}, must be {tuple(wanted[name].shape)}"
        for name, value in state.items()
        if name in wanted and value.shape != wanted[name].shape
    ]
    if problems:
        raise ValueError(
            f"the weights do not fit the stage: {'; '.join(problems[:3])}; "
            "stage, lora_rank and backbone must be those of the weights"
        )
    for name, value in state.items():
        copy_whole(wanted[name], value)


def _without_lora(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if ".lora_" not in name}


def plain_name(name: str) -> str:
    """A parameter's name as if it were used in the type that it is stored in.

    >>> plain_name("blocks.0.attn1.to_q.lora_A.default.parametrizations.weight.original")
    'blocks.0.attn1.to_q.lora_A.default.weight'
    """
    before, after = _PARAMETRIZATION
    return name.replace(before, ".").removesuffix(after) if before in name else name


def _plain_state(module: nn.Module) -> dict[str, Tensor]:
    return {plain_name(name): parameter.detach() for name, parameter in module.named_parameters()}


def _keep_masters(module: nn.Module, dtype: torch.dtype) -> None:
    for name, parameter in list(module.named_parameters(recurse=False)):
        setattr(module, name, nn.Parameter(parameter.detach().float()))
        parametrize.register_parametrization(module, name, ComputeType(dtype), unsafe=True)


def _begin_as_identity(factor: nn.Linear, seed_words: str, *, is_zero: bool) -> None:
    """Uniform numbers as peft draws them, or zeros; in float32, on the CPU if the layer has no numbers yet."""
    device = torch.device("cpu") if factor.weight.is_meta else factor.weight.device
    weight = torch.zeros(factor.weight.shape, device="cpu")
    if not is_zero:
        generator = torch.Generator().manual_seed(zlib.crc32(seed_words.encode()))
        nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    factor.weight = nn.Parameter(weight.to(device))
