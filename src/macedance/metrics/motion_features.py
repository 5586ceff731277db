"""The state shared by metrics on kinetic or geometric features.

Axis letters: B clips of a batch, N clips, M clips of the ground truth, T frames, J joints, C features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import torch
from torch import Tensor
from torchmetrics.utilities.plot import _AX_TYPE, _PLOT_OUT_TYPE

from macedance.metrics.functional.frechet import normalize_features
from macedance.metrics.functional.geometric_features import geometric_features
from macedance.metrics.functional.kinetic_features import kinetic_features
from macedance.metrics.functional.protocols import motion_protocol
from macedance.metrics.gathered import GatheredMetric

FeatureFamily = Literal["kinetic", "geometric"]
_EXTRACTORS: dict[str, Callable[[Tensor, float, str], Tensor]] = {
    "kinetic": kinetic_features,
    "geometric": geometric_features,
}


class MotionFeatureMetric(GatheredMetric):
    """Keeps features of generated dances and of the ground truth that they are compared with.

    Args:
        features: ``"kinetic"`` or ``"geometric"``.
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        **kwargs: Passed on to ``torchmetrics.Metric``.

    Raises:
        ValueError: There are no such features or protocol.
    """

    def __init__(self, features: FeatureFamily = "kinetic", protocol: str = "default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if features not in get_args(FeatureFamily):
            raise ValueError(
                f"features must be one of {', '.join(get_args(FeatureFamily))}, got {features!r}"
            )
        self.features = features
        self.protocol = protocol
        width = 32 if features == "geometric" else 3 * motion_protocol(protocol).num_joints
        self._add_rows("generated", width=width)
        self._add_rows("reference", width=width)

    def update(
        self,
        joints: Tensor | Sequence[Tensor],
        fps: float = 30.0,
        *,
        real: bool = False,
        features: Tensor | None = None,
    ) -> None:
        """Take clips in.

        Args:
            joints: (B, T, J, 3) metres, y up, SMPL joint order, or a list of (T, J, 3) of any lengths;
                key-points (T, K, 2) in pixels for a 2D protocol.
            fps: Frames per second of all of them.
            real: Whether they are ground truth.
            features: What :meth:`extract` gives for them, if that is known already.

        Raises:
            ValueError: A clip has another shape, fewer than four frames or NaN, or ``fps`` is not positive.
        """
        features = self.extract(joints, fps) if features is None else features
        self._append("reference" if real else "generated", features)

    def extract(self, joints: Tensor | Sequence[Tensor], fps: float) -> Tensor:
        """Features (B, C) of clips, float64; arguments as in ``update``."""
        extract = _EXTRACTORS[self.features]
        _, shape = self._rows["generated"]
        features = [extract(clip, fps, self.protocol) for clip in joints]
        return torch.stack(features) if features else torch.empty(0, *shape, dtype=torch.float64)

    def normalized(self) -> tuple[Tensor, Tensor]:
        """Features (N, C) and the ground truth's (M, C), as the protocol normalises them."""
        form = motion_protocol(self.protocol)
        eps = form.kinetic_eps if self.features == "kinetic" else form.geometric_eps
        generated, reference = self._gathered("generated"), self._gathered("reference")
        by = generated if form.normalized_by_itself else reference
        return (
            normalize_features(generated, by, eps=eps, ddof=form.std_ddof),
            normalize_features(reference, reference, eps=eps, ddof=form.std_ddof),
        )

    def plot(
        self, val: Tensor | Sequence[Tensor] | None = None, ax: _AX_TYPE | None = None
    ) -> _PLOT_OUT_TYPE:
        """Figure and axes of the current value, or of given results of ``compute``."""
        return self._plot(val, ax)

    def _has_both_sides(self) -> bool:
        """Whether there is anything to compare; torch warns of statistics of nothing."""
        return all(len(self._gathered(name)) > 1 for name in ("generated", "reference"))

    def _nan(self) -> Tensor:
        return torch.tensor(torch.nan, dtype=torch.float64, device=self.device)
