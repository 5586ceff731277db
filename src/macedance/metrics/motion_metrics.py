"""All metrics of generated dances under one protocol.

Axis letters: B clips of a batch, N clips, T frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor
from torchmetrics import Metric, MetricCollection
from torchmetrics.utilities.plot import _PLOT_OUT_TYPE

from macedance.metrics.beat_alignment import BeatAlignmentScore
from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.floor_contact import FloorFloat, FloorPenetration
from macedance.metrics.foot_skating import FootSkatingRatio
from macedance.metrics.frechet_motion_distance import FrechetMotionDistance
from macedance.metrics.functional.protocols import motion_protocol
from macedance.metrics.jerk import MotionJerk
from macedance.metrics.joint_limits import JointLimitViolations
from macedance.metrics.motion_diversity import MotionDiversity
from macedance.metrics.motion_features import MotionFeatureMetric
from macedance.metrics.physical_foot_contact import PhysicalFootContact
from macedance.metrics.self_intersection import SelfIntersectionRatio


class MotionMetrics(MetricCollection):
    """FID_k, FID_g, DIV_k, DIV_g, BAS, PFC, FSR, jerk, floor, self-intersection and joint limits of dances.

    Each metric takes the protocol's form, or the default form where the protocol has none. A protocol on
    key-points has those metrics only that need no third dimension.

    ``compute`` returns float64 scalars by name: ``fid_k``, ``fid_g``, ``div_k``, ``div_g``; ``bas_own``,
    ``bas_shuffled``, ``bas_gap``, ``bas_gap_low``, ``bas_gap_high``, ``bas_num_clips``,
    ``bas_num_excluded``, see :class:`BeatAlignmentScore`; ``pfc``, ``fsr``, ``jerk``, ``floor_penetration``,
    ``floor_float``, ``self_intersection`` and ``joint_limits``. Over several processes they are those of all
    clips, however unequally spread.

    Args:
        protocol: One of :data:`~macedance.metrics.functional.protocols.PROTOCOLS`.
        floor_height_metres: Where the floor is; None estimates it in each clip.
        **kwargs: ``prefix`` and ``postfix`` of the names, passed on to ``torchmetrics.MetricCollection``.

    Raises:
        ValueError: There is no such protocol.

    >>> import torch
    >>> generator = torch.Generator().manual_seed(0)
    >>> poses = torch.randn(4, 60, 24, 3, generator=generator) / 20
    >>> joints = torch.randn(4, 60, 24, 3, generator=generator).cumsum(dim=1) / 50
    >>> metrics = MotionMetrics("lodge")
    >>> metrics.update_reference(joints, fps=30.0)
    >>> metrics.update(joints=joints, poses=poses, music_beats=[np.arange(0, 2, 0.5)] * 4, fps=30.0)
    >>> scores = metrics.compute()
    >>> scores["fid_k"].round(decimals=6), scores["bas_num_clips"]
    (tensor(0., dtype=torch.float64), tensor(4., dtype=torch.float64))
    """

    def __init__(
        self, protocol: str = "default", floor_height_metres: float | None = None, **kwargs: Any
    ) -> None:
        self.max_frames = motion_protocol(protocol).max_frames
        metrics: dict[str, Metric] = {
            "fid_k": FrechetMotionDistance("kinetic", protocol),
            "fid_g": FrechetMotionDistance("geometric", protocol),
            "div_k": MotionDiversity("kinetic", protocol),
            "div_g": MotionDiversity("geometric", protocol),
            "bas": BeatAlignmentScore(protocol),
            "jerk": MotionJerk(protocol),
        }
        if motion_protocol(protocol).dimensions == 3:
            metrics |= {
                "pfc": PhysicalFootContact(protocol),
                "fsr": FootSkatingRatio(protocol),
                "floor_penetration": FloorPenetration(floor_height_metres=floor_height_metres),
                "floor_float": FloorFloat(floor_height_metres=floor_height_metres),
                "self_intersection": SelfIntersectionRatio(),
                "joint_limits": JointLimitViolations(),
            }
        super().__init__(metrics, compute_groups=False, **kwargs)
        self.protocol = protocol

    def update(
        self,
        joints: Tensor | Sequence[Tensor],
        music_beats: Sequence[Tensor | np.ndarray],
        poses: Tensor | Sequence[Tensor] | None = None,
        fps: float = 30.0,
    ) -> None:
        """Take generated clips in.

        Args:
            joints: (B, T, J, 3) metres, y up, SMPL joint order, or a list of (T, J, 3) of any lengths;
                key-points (T, K, 2) in pixels for a 2D protocol.
            music_beats: B arrays of seconds since the clip's start, empty where there is no music.
            poses: Rotation vectors (B, T, 24, 3), or a list; without them joint limits stay NaN.
            fps: Frames per second of all of them.

        Raises:
            ValueError: A clip has another shape or fewer than four frames, there are not as many of each, or
                ``fps`` is not positive.
        """
        for name, values in (("music_beats", music_beats), ("poses", poses)):
            if values is not None and len(values) != len(joints):
                raise ValueError(
                    f"{name} must hold one array for each clip in joints, got {len(values)} for {len(joints)} clips"
                )
        joints = self._cut(joints)
        self._update_features(joints, fps, real=False)
        arguments: dict[str, Any] = {"joints": joints, "music_beats": music_beats, "fps": fps}
        if poses is not None:
            arguments["poses"] = self._cut(poses)
        for name, metric in self._by_name().items():
            if not isinstance(metric, MotionFeatureMetric) and (name != "joint_limits" or poses is not None):
                metric.update(**metric._filter_kwargs(**arguments))

    def update_reference(self, joints: Tensor | Sequence[Tensor], fps: float = 30.0) -> None:
        """Take in real clips that the generated ones are compared with; arguments as in ``update``."""
        self._update_features(self._cut(joints), fps, real=True)

    def _update_features(self, joints: Sequence[Tensor], fps: float, *, real: bool) -> None:
        """Extract each family's features once, for all metrics on them."""
        features: dict[str, Tensor] = {}
        for metric in self._by_name().values():
            if isinstance(metric, MotionFeatureMetric):
                if metric.features not in features:
                    features[metric.features] = metric.extract(joints, fps)
                metric.update(joints, fps, real=real, features=features[metric.features])

    def use_reference_of(self, other: MotionMetrics) -> None:
        """Compare with the real clips that another collection holds, in place of own ones.

        Raises:
            ValueError: The other has another protocol.
        """
        if other is not self:
            others = other._by_name()
            for name, metric in self._by_name().items():
                if isinstance(metric, MotionFeatureMetric):
                    metric.use_reference_of(others[name])

    def frechet_distances(self) -> dict[str, FrechetMotionDistance]:
        """The two Fréchet distances, kinetic first, by name."""
        metrics = self._by_name()
        return {name: metrics[name] for name in ("fid_k", "fid_g")}

    def compute(self) -> dict[str, Tensor]:
        """The scores by name; see the class."""
        scores: dict[str, Tensor] = {}
        for name, metric in self._by_name().items():
            result = metric.compute()
            if isinstance(result, dict):
                scores |= {self._shown(f"{name}_{key}"): value for key, value in result.items()}
            else:
                scores[self._shown(name)] = result
        return scores

    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % bootstrap intervals over this process's clips, by the names that ``compute`` has.

        NaN where there are too few clips to tell, see each metric's ``interval``.
        """
        bounds = {
            "bas_own" if name == "bas" else name: metric.interval()
            for name, metric in self._by_name().items()
        }
        return {self._shown(name): (float(low), float(high)) for name, (low, high) in bounds.items()}

    def clip_values(self) -> dict[str, np.ndarray]:
        """Each clip's number (N,) of the metrics that have one a clip, NaN where it has none."""
        metrics = self._by_name()
        values = {f"bas_{name}": scores for name, scores in metrics["bas"].clip_scores().items()} | {
            name: metric.clip_values for name, metric in metrics.items() if isinstance(metric, ClipMean)
        }
        return {self._shown(name): numbers.numpy() for name, numbers in values.items()}

    def forward(self, *args: Any, **kwargs: Any) -> None:
        """Refused: scores of one batch say nothing of a distribution.

        Raises:
            TypeError: Always; call ``update`` for each batch and ``compute`` at the end.
        """
        raise TypeError(
            "MotionMetrics has no value for a batch: call update for each, and compute at the end"
        )

    def plot(self) -> list[_PLOT_OUT_TYPE]:
        """Figure and axes of each metric's current value."""
        return [metric.plot() for metric in self._by_name().values()]

    def _by_name(self) -> dict[str, Any]:
        """The metrics by name, without prefix and postfix."""
        return dict(self.items(keep_base=True))

    def _shown(self, name: str) -> str:
        return f"{self.prefix or ''}{name}{self.postfix or ''}"

    def _cut(self, clips: Tensor | Sequence[Tensor]) -> Sequence[Tensor]:
        return [clip[: self.max_frames] for clip in clips]
