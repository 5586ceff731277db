"""The published Motion Expert's weights: their names told in ours, and the sizes that their shapes tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from macedance.models.motion.denoiser import MotionDenoiser

_RENAMED = (
    ("cond_projection.", "music_projection."),
    ("final_layer.", "output_projection."),
    ("time_mlp.", "timestep_mlp."),
    ("null_cond_embed", "null_music"),
    ("dancelayerstack.", "dance_layers."),
    ("musiclayerstack.", "music_layers."),
    (".bimamba.", ".mixer."),
    (".transformer.", ".music_attention."),
    (".cross_attn.", ".cross_attention."),
    (".norm_dance.", ".norm_motion."),
    (".film1.", ".film_mixer."),
    (".film2.", ".film_attention."),
    (".genre_MLP.", ".genre_mlp."),
)
_GENRE_ROWS = "genre_mlp.0.weight"


def from_published(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a :class:`MotionDenoiser` state dict from one with the published names.

    The row of the unknown genre, which the published network lacks, is the mean of the others. The result has
    no ``music_injection``: leave that layer at zero, and the function is the published one.
    """
    renamed = {}
    for name, tensor in state_dict.items():
        for published, ours in _RENAMED:
            name = name.replace(published, ours)
        if name.endswith(_GENRE_ROWS):
            tensor = torch.cat([tensor, tensor.mean(dim=0, keepdim=True)])
        renamed[name] = tensor
    return renamed


def published_sizes(
    published: Mapping[str, Tensor], num_heads: int, where: str, heads_name: str = "num_heads"
) -> dict[str, Any]:
    """The arguments of the :class:`MotionDenoiser` that these weights, in published names, fit.

    Args:
        published: The weights.
        num_heads: Attention heads, which no shape tells.
        where: What to call the weights in an error.
        heads_name: What to call the number of heads in an error.

    Raises:
        ValueError: A name is missing, unknown or has another shape than the rest ask for, there are no layers, or the
            heads do not divide the width.
    """
    width = _size(published, "input_projection.weight", 0, where)
    if num_heads < 1 or width % num_heads:
        raise ValueError(f"{heads_name} must divide the width of {where}, {width}, got {num_heads}")
    sizes = {
        "width": width,
        "num_dance_layers": _num_layers(published, "dancelayerstack", where),
        "num_music_layers": _num_layers(published, "musiclayerstack", where),
        "num_heads": num_heads,
        "state_size": _size(published, "dancelayerstack.0.bimamba.mamba_forward.A_log", 1, where),
    }
    _require_shapes(published, _published_shapes(sizes, where), where)
    return sizes


def _size(published: Mapping[str, Tensor], name: str, axis: int, where: str) -> int:
    if name not in published:
        raise ValueError(f"{where} must be the published Motion Expert's weights, and has no {name}")
    if published[name].ndim != 2:
        raise ValueError(f"{where}: {name} must be a matrix, has the shape {tuple(published[name].shape)}")
    if min(published[name].shape) < 1:
        raise ValueError(f"{where}: {name} must not be empty, has the shape {tuple(published[name].shape)}")
    return published[name].shape[axis]


def _num_layers(published: Mapping[str, Tensor], stack: str, where: str) -> int:
    numbers = {int(found[1]) for name in published if (found := re.match(rf"{stack}\.(\d+)\.", name))}
    if not numbers:
        raise ValueError(f"{where} must be the published Motion Expert's weights, and has no layers {stack}")
    return len(numbers)


def _published_shapes(sizes: Mapping[str, Any], where: str) -> dict[str, tuple[int, ...]]:
    """What the network of these sizes has, in the published names: no music injection and no unknown genre."""
    try:
        with torch.device("meta"):
            network = MotionDenoiser(**sizes, music_path="cross_attention")
    except RuntimeError as error:
        raise ValueError(
            f"{where} must be of a network that torch can build, and is {sizes['width']} wide with "
            f"{sizes['state_size']} states"
        ) from error
    shapes = {}
    for name, tensor in network.state_dict().items():
        shape = tuple(tensor.shape)
        if name.endswith(_GENRE_ROWS):
            shape = (shape[0] - 1, *shape[1:])
        for published, ours in _RENAMED:
            name = name.replace(ours, published)
        shapes[name] = shape
    return shapes


def _require_shapes(
    published: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]], where: str
) -> None:
    missing, extra = expected.keys() - published.keys(), published.keys() - expected.keys()
    for names, fault in ((missing, "lacks"), (extra, "also has")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise ValueError(
                f"{where} must have the names of the published Motion Expert, and {fault} {min(names)}{more}"
            )
    for name, shape in expected.items():
        if tuple(published[name].shape) != shape:
            raise ValueError(
                f"{where}: {name} must have the shape {shape} at these sizes, has {tuple(published[name].shape)}"
            )
