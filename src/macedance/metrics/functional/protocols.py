"""The published evaluation protocols of 3D and 2D dance, and this project's own.

The same names mean different arithmetic in different papers: joints, frame rates, windows, widths and even
slips differ. A protocol states all of them, so that a number can be reproduced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Averaging = Literal["window", "box", "wrapped_window"]
Direction = Literal["music_to_motion", "motion_to_music"]

FAIRMOTION_FEATURES = frozenset({"kinetic features", "geometric features"})


@dataclass(frozen=True)
class MotionProtocol:
    """Everything in which the protocols differ.

    Attributes:
        name: What ``protocol=`` arguments and reports call it.
        summary: Where it comes from, in a line.
        checked: Which of its parts were compared with outputs of the published code.
        dimensions: 3 for SMPL joints, 2 for key-points in an image.
        published_fps: Frame rate of the motions it was published for; None if any rate will do.
        max_frames: Frames of each clip, from its start, that were evaluated; None for all. Metrics take the
            clips that they get; :class:`~macedance.metrics.MotionMetrics` cuts them.
        resample_fps: Rate to which joints are brought before features are taken; None to leave them.
        num_joints: Joints whose kinetic features are taken, from the first on.
        root: Frame of reference of the features: ``world``; ``start`` (the first frame's root is the origin);
            ``relative`` (the root anchored to its first frame, the other joints relative to it in each frame);
            ``hips`` (every frame's mid-hip is the origin of the kinetic features).
        keypoint_unit: What key-points are measured in: ``pixels`` of the image, or metres of a body about its
            hips whose ``torso`` has mean length.
        averaging: How velocities and accelerations are smoothed over five frames, see
            :func:`~macedance.metrics.functional.kinetic_features`.
        frame_seconds: What the kinetic features take for the time between frames; None for the true one.
        precedence_slip: Whether the acceleration divides only one position by the time between frames.
        geometric_fps: Rate by which the geometric features turn displacements into speeds; None for the true
            one.
        kinetic_eps: Added to the standard deviation by which kinetic features are divided.
        geometric_eps: The same for geometric features.
        std_ddof: 0 for the standard deviation of a population, 1 for that of a sample.
        normalized_by_itself: Whether the generated side is normalised by its own statistics, which hides most
            of what a Fréchet distance should show.
        sigma_frames: Width σ of the beat alignment in frames; None for 50 ms.
        smoothing_frames: Width of the smoothing of the speed in frames; None for 83.3 ms.
        direction: Whose beats are averaged over.
        foot_skating: Form of the foot-skating ratio: ``default`` or ``lodge``.
        foot_contact: Form of the physical foot contact score: ``default`` or ``edge``.
    """

    name: str
    summary: str
    checked: frozenset[str] = frozenset()
    dimensions: Literal[2, 3] = 3
    published_fps: float | None = None
    max_frames: int | None = None
    resample_fps: float | None = None
    num_joints: int = 24
    root: Literal["world", "start", "relative", "hips"] = "world"
    keypoint_unit: Literal["pixels", "torso"] = "pixels"
    averaging: Averaging = "window"
    frame_seconds: float | None = 1 / 60
    precedence_slip: bool = True
    geometric_fps: float | None = 120.0
    kinetic_eps: float = 1e-10
    geometric_eps: float = 1e-10
    std_ddof: Literal[0, 1] = 0
    normalized_by_itself: bool = False
    sigma_frames: float | None = 3.0
    smoothing_frames: float | None = 5.0
    direction: Direction = "music_to_motion"
    foot_skating: Literal["default", "lodge"] = "default"
    foot_contact: Literal["default", "edge"] = "default"


_ALL = (
    MotionProtocol(
        name="default",
        summary="frame-rate independent: true time, 60 Hz windows, the 22 joints all body models share",
        resample_fps=60.0,
        num_joints=22,
        frame_seconds=None,
        precedence_slip=False,
        geometric_fps=None,
        kinetic_eps=1e-2,
        geometric_eps=1e-2,
        sigma_frames=None,
        smoothing_frames=None,
    ),
    MotionProtocol(
        name="aist++",
        summary="Li et al., ICCV 2021, for motion at 60 fps",
        checked=FAIRMOTION_FEATURES,
        published_fps=60.0,
        direction="motion_to_music",
    ),
    MotionProtocol(
        name="bailando",
        summary="Siyao et al., CVPR 2022, for motion at 60 fps",
        checked=FAIRMOTION_FEATURES | {"FID", "DIV", "BAS"},
        published_fps=60.0,
        root="start",
    ),
    MotionProtocol(
        name="edge",
        summary="Tseng et al., CVPR 2023, for motion at 30 fps",
        checked=frozenset({"PFC"}),
        published_fps=30.0,
        foot_contact="edge",
    ),
    MotionProtocol(
        name="lodge",
        summary="Li et al., CVPR 2024, for the first 1024 frames at 30 fps",
        checked=FAIRMOTION_FEATURES | {"BAS", "FSR"},
        published_fps=30.0,
        max_frames=1024,
        num_joints=22,
        root="relative",
        foot_skating="lodge",
    ),
    MotionProtocol(
        name="flowerdance",
        summary="FlowerDance, for motion at 30 fps",
        checked=FAIRMOTION_FEATURES,
        published_fps=30.0,
        num_joints=22,
        root="start",
        averaging="wrapped_window",
        kinetic_eps=1e-4,
        geometric_eps=1e-4,
        std_ddof=1,
        foot_contact="edge",
    ),
    MotionProtocol(
        name="megadance",
        summary="MEGADance, for motion at 30 fps",
        published_fps=30.0,
        root="start",
        averaging="box",
        frame_seconds=1 / 30,
        std_ddof=1,
    ),
    MotionProtocol(
        name="mace",
        summary="MACE-Dance's Motion Expert, for motion at 30 fps",
        published_fps=30.0,
        num_joints=22,
        root="start",
        averaging="box",
        frame_seconds=1 / 30,
        kinetic_eps=1e-4,
        geometric_eps=1e-4,
        std_ddof=1,
        foot_contact="edge",
    ),
    MotionProtocol(
        name="mace-2d",
        summary="MACE-Dance's videos, for the first 64 frames of 25 key-points in pixels at 16 fps",
        dimensions=2,
        published_fps=16.0,
        max_frames=64,
        num_joints=25,
        root="hips",
        averaging="box",
        frame_seconds=1 / 30,
        kinetic_eps=1e-4,
        geometric_eps=1e-4,
        std_ddof=1,
        normalized_by_itself=True,
        smoothing_frames=3.5,
    ),
    MotionProtocol(
        name="default-2d",
        summary="the default on key-points in an image, in units of the torso's length",
        dimensions=2,
        resample_fps=60.0,
        num_joints=22,
        keypoint_unit="torso",
        frame_seconds=None,
        precedence_slip=False,
        geometric_fps=None,
        kinetic_eps=1e-2,
        geometric_eps=1e-2,
        sigma_frames=None,
        smoothing_frames=None,
    ),
)
PROTOCOLS: dict[str, MotionProtocol] = {protocol.name: protocol for protocol in _ALL}


def motion_protocol(name: str) -> MotionProtocol:
    """The protocol of a name.

    Raises:
        ValueError: There is no such protocol.

    >>> motion_protocol("lodge").num_joints
    22
    """
    if name not in PROTOCOLS:
        raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}, got {name!r}")
    return PROTOCOLS[name]
