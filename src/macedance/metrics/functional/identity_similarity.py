"""How alike the person in a clip is to the one in the reference.

Axis letters: T frames, R pictures of the reference, C features.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cosine_similarity, normalize


def identity_similarity(features: Tensor, reference: Tensor) -> Tensor:
    """Mean over frames of the cosine with the reference's mean direction, a float64 scalar in [−1, 1].

    The reference's features are brought to length 1 before their mean is taken. A frame whose features are all
    0, for want of a face, counts as 0. NaN without frames or without a reference.

    Args:
        features: (T, C).
        reference: (R, C).

    Raises:
        ValueError: The two have no common number of features.

    >>> import torch
    >>> identity_similarity(torch.tensor([[3.0, 0.0], [0.0, 2.0]]), torch.tensor([[5.0, 0.0]]))
    tensor(0.5000, dtype=torch.float64)
    """
    if features.ndim != 2 or reference.ndim != 2 or features.shape[1] != reference.shape[1]:
        raise ValueError(
            "features and reference must be (frames, features) with as many features, "
            f"got {tuple(features.shape)} and {tuple(reference.shape)}"
        )
    direction = normalize(reference.double(), dim=-1).mean(dim=0)
    return cosine_similarity(features.double(), direction, dim=-1).mean()
