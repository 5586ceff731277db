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

    @property
    def num_features(self) -> int:
        """Features of a clip, C."""
        return self._rows["reference"][1][0]

    def extract(self, joints: Tensor | Sequence[Tensor], fps: float) -> Tensor:
        """Features (B, C) of clips, float64; arguments as in ``update``."""
        extract = _EXTRACTORS[self.features]
        features = [extract(clip, fps, self.protocol) for clip in joints]
        return torch.stack(features) if features else torch.empty(0, self.num_features, dtype=torch.float64)

    def use_reference_of(self, other: MotionFeatureMetric) -> None:
        """Compare with the real clips that another metric holds, in place of own ones.

        Raises:
            ValueError: The other has other features or another protocol.
        """
        if (other.features, other.protocol) != (self.features, self.protocol):
            raise ValueError(
                f"other must hold {self.features} features under the protocol {self.protocol}, holds "
                f"{other.features} ones under {other.protocol}"
            )
        self.reference = [other._gathered("reference").to(self.device)]
        self._computed = None

    def normalized(self) -> tuple[Tensor, Tensor]:
        """Features (N, C) and the ground truth's (M, C), as the protocol normalises them."""
        generated, reference = self._gathered("generated"), self._gathered("reference")
        return self.normalize(generated, reference, reference)

    def normalize(self, one: Tensor, other: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
        """Two sets of features, both by the reference's statistics, or each by its own, as the protocol has it."""
        form = motion_protocol(self.protocol)
        eps = form.kinetic_eps if self.features == "kinetic" else form.geometric_eps
        first, second = (
            normalize_features(
                features, features if form.normalized_by_itself else reference, eps=eps, ddof=form.std_ddof
            )
            for features in (one, other)
        )
        return first, second

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
