"""Wan-Animate's LoRA and Body Adapter in the layout in which they are published: that of DiffSynth.

Names follow Wan's own: ``blocks.N.self_attn.q.lora_A.default.weight`` for a LoRA, here with any of the prefixes that
programs put before it, and ``animate_adapter.pose_patch_embedding.weight`` for the Body Adapter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from macedance.models.appearance.weight_checks import (
    ADAPTER_NAMES,
    check_adapter,
    few,
    lora_rank,
    require_adapter,
)
from macedance.models.appearance.weights import Lora

_MODULES = {
    **{f"self_attn.{letter}": f"attn1.to_{letter}" for letter in "qkv"},
    "self_attn.o": "attn1.to_out.0",
    **{f"cross_attn.{letter}": f"attn2.to_{letter}" for letter in "qkv"},
    "cross_attn.o": "attn2.to_out.0",
    "cross_attn.k_img": "attn2.add_k_proj",
    "cross_attn.v_img": "attn2.add_v_proj",
    "ffn.0": "ffn.net.0.proj",
    "ffn.2": "ffn.net.2",
}
_PUBLISHED_MODULES = {ours: published for published, ours in _MODULES.items()}
_PUBLISHED = re.compile(
    r"(?:pipe\.)?(?:dit\.|diffusion_model\.)?blocks\.(?P<block>\d+)\."
    rf"(?P<module>{'|'.join(map(re.escape, _MODULES))})\."
    r"(?:(?P<side>lora_[AB])(?:\.default)?\.weight|alpha)"
)
_OURS = re.compile(r"transformer\.blocks\.(\d+)\.(.+)\.(lora_[AB])\.weight")
_ADAPTER_PREFIX = re.compile(r"(?:pipe\.)?(?:animate_adapter\.)?")
_FACE = ("motion_encoder.", "face_encoder.", "face_adapter.")


class PublishedAdapter(NamedTuple):
    """A Body Adapter and the names of what stood beside it: the face branch, which Wan-Animate has already."""

    state: dict[str, Tensor]
    left_out: list[str]


def lora_from_published(published: Mapping[str, Tensor], where: str = "published") -> Lora:
    """A LoRA in diffusers' names; its alpha is the rank unless ``.alpha`` tensors tell another.

    Args:
        published: Tensors of such a file.
        where: What to call it in an error.

    Raises:
        ValueError: There are other names, half a pair, or several ranks or alphas.
    """
    state: dict[str, Tensor] = {}
    alphas: dict[str, float] = {}
    for name, match in _matches(published, where).items():
        module = f"blocks.{match['block']}.{_MODULES[match['module']]}"
        if match["side"] is None:
            alphas[module] = float(published[name])
            continue
        key = f"transformer.{module}.{match['side']}.weight"
        if key in state:
            raise ValueError(f"{where} must hold every tensor once, got a second one at {name}")
        state[key] = published[name]
    rank = lora_rank(state, where)
    return Lora(state, rank, _one_alpha(alphas, num_modules=len(state) // 2, rank=rank, where=where))


def lora_to_published(lora: Lora, prefix: str = "") -> dict[str, Tensor]:
    """The inverse of :func:`lora_from_published`.

    The layout's own program takes alpha for the rank, so another alpha is multiplied into ``lora_B``.

    Args:
        lora: A LoRA in diffusers' names.
        prefix: Before every name: ``pipe.dit.``, for example.

    Raises:
        ValueError: A module has no name in that layout.
    """
    published = {}
    for name, tensor in lora.state.items():
        match = _OURS.fullmatch(name)
        if match is None or match[2] not in _PUBLISHED_MODULES:
            raise ValueError(f"lora must be of attention and feed-forward layers of the blocks, got {name}")
        if match[3] == "lora_B" and lora.alpha != lora.rank:
            tensor = tensor * (lora.alpha / lora.rank)
        published[f"{prefix}blocks.{match[1]}.{_PUBLISHED_MODULES[match[2]]}.{match[3]}.default.weight"] = (
            tensor
        )
    return published


def adapter_from_published(published: Mapping[str, Tensor], where: str = "published") -> PublishedAdapter:
    """The Body Adapter of a published file; tensors of the face branch are left out and named.

    Args:
        published: Tensors of such a file.
        where: What to call it in an error.

    Raises:
        ValueError: Weight or bias is missing or of a wrong shape, or there is something that is no adapter's.
    """
    bare = {_ADAPTER_PREFIX.sub("", name, count=1): tensor for name, tensor in published.items()}
    left_out = [name for name in bare if name.startswith(_FACE)]
    unknown = [name for name in bare if name not in ADAPTER_NAMES and name not in left_out]
    if unknown:
        raise ValueError(
            f"{where} must hold animate_adapter.pose_patch_embedding and perhaps the face branch, "
            f"got {few(unknown)} as well; a LoRA is a file of its own"
        )
    require_adapter(bare, where)
    state = {name: bare[name] for name in ADAPTER_NAMES}
    check_adapter(state, where)
    return PublishedAdapter(state, left_out)


def adapter_to_published(adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of :func:`adapter_from_published`."""
    check_adapter(adapter, "adapter")
    return {f"animate_adapter.{name}": tensor for name, tensor in adapter.items()}


def _matches(published: Mapping[str, Tensor], where: str) -> dict[str, re.Match[str]]:
    """What the names tell."""
    matches = {name: match for name in published if (match := _PUBLISHED.fullmatch(name))}
    unknown = [name for name in published if name not in matches]
    if unknown or not matches:
        raise ValueError(
            f"{where} must hold a LoRA of Wan's blocks alone, as blocks.N.self_attn.q.lora_A.weight, "
            f"got {few(unknown)}; a Body Adapter is a file of its own"
        )
    return matches


def _one_alpha(alphas: Mapping[str, float], *, num_modules: int, rank: int, where: str) -> float:
    if not alphas:
        return rank
    if len(set(alphas.values())) > 1 or (len(alphas) < num_modules and rank not in alphas.values()):
        told = ", ".join(sorted({f"{alpha:g}" for alpha in alphas.values()}))
        raise ValueError(
            f"{where} must have one alpha for all its modules, got {told} for {len(alphas)} of {num_modules}"
        )
    return next(iter(alphas.values()))
