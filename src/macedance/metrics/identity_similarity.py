"""Whether generated videos show the person of their reference.

Axis letters: B clips, T frames, R pictures of a reference, C features.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from macedance.metrics.clip_mean import ClipMean, check_as_many
from macedance.metrics.functional.identity_similarity import identity_similarity


class IdentitySimilarity(ClipMean):
    """Cosine of frames' face or person features with the reference's, averaged over clips; −1 to 1.

    See :func:`~macedance.metrics.functional.identity_similarity`. Higher is better. Features are commonly
    ArcFace's (Deng et al. 2019). Not yet verified with real weights.

    >>> import torch
    >>> metric = IdentitySimilarity()
    >>> metric.update([torch.ones(5, 8), torch.eye(2)], [torch.ones(1, 8), torch.tensor([[0.0, 1.0]])])
    >>> metric.compute()
    tensor(0.7500, dtype=torch.float64)
    """

    higher_is_better = True
    plot_lower_bound = -1.0
    plot_upper_bound = 1.0

    def update(self, features: Sequence[Tensor], references: Sequence[Tensor]) -> None:
        """Take clips in.

        Args:
            features: Of B clips, features (T, C) of their frames.
            references: Of each clip, features (R, C) of the pictures that show who is to dance.

        Raises:
            ValueError: A clip's have another shape, or there are not as many of each.
        """
        check_as_many("references", references, "features", features)
        self._add([identity_similarity(*pair) for pair in zip(features, references, strict=True)])
