"""How alike the features of a clip's frames stay (VBench, Huang et al. 2024).

Axis letters: T frames, C features.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cosine_similarity


def frame_consistency(features: Tensor) -> Tensor:
    """Mean over the frames after the first of their likeness to the one before and to the first, a float64 scalar.

    Likeness is the cosine, negative ones taken for 0; the two weigh the same. NaN for fewer than two frames.

    Args:
        features: (T, C).

    Raises:
        ValueError: ``features`` has another shape.

    >>> import torch
    >>> frame_consistency(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    tensor(0.5000, dtype=torch.float64)
    """
    if features.ndim != 2:
        raise ValueError(f"features must be those of one clip (T, C), got {tuple(features.shape)}")
    features = features.double()
    to_previous = cosine_similarity(features[1:], features[:-1], dim=-1).clamp(min=0)
    to_first = cosine_similarity(features[1:], features[:1], dim=-1).clamp(min=0)
    return (to_previous + to_first).mean() / 2
