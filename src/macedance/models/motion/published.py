"""The published checkpoint's parameter names, told in ours."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_RENAMED = (
    ("cond_projection.", "music_projection."),
    ("final_layer.", "output_projection."),
    ("time_mlp.", "timestep_mlp."),
    ("null_cond_embed", "null_music"),
    ("dancelayerstack.", "dance_layers."),
    ("musiclayerstack.", "music_layers."),
    (".bimamba.", ".mixer."),
    (".transformer.cross_attn.", ".music_attention.cross_attention."),
    (".transformer.norm_dance.", ".music_attention.norm_motion."),
    (".transformer.", ".music_attention."),
    (".film1.", ".film_mixer."),
    (".film2.", ".film_attention."),
    (".genre_MLP.", ".genre_mlp."),
)


def from_published(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a :class:`MotionDenoiser` state dict from one with the published names.

    The row of the unknown genre, which the published network lacks, is the mean of the others. The result has
    no ``music_injection``: leave that layer at zero, and the function is the published one.
    """
    renamed = {}
    for name, tensor in state_dict.items():
        for published, ours in _RENAMED:
            name = name.replace(published, ours)
        if name.endswith("genre_mlp.0.weight"):
            tensor = torch.cat([tensor, tensor.mean(dim=0, keepdim=True)])
        renamed[name] = tensor
    return renamed
