"""What arms, torso and head do over a phrase of eight counts, for a dancer who begins with the right foot.

Angles in radians. The names of arm poses are those of `arm_poses.ARM_POSES`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class UpperBody:
    """Arms, torso and head over eight counts; shorter sequences repeat.

    Attributes:
        arms: (left, right) names of arm poses at each count.
        torso: (yaw, roll, pitch) of the spine: roll positive leans to the right, pitch positive forward.
        head: (yaw, pitch) of the head against the dancer's heading.
        pelvis_pitch: Of the pelvis: positive tips it forward.
    """

    name: str
    arms: tuple[tuple[str, str], ...]
    torso: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 0.03),)
    head: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    pelvis_pitch: tuple[float, ...] = (0.0,)

    def mirrored(self) -> UpperBody:
        """The same pattern with left and right exchanged."""
        return replace(
            self,
            arms=tuple((right, left) for left, right in self.arms),
            torso=tuple((-yaw, -roll, pitch) for yaw, roll, pitch in self.torso),
            head=tuple((-yaw, pitch) for yaw, pitch in self.head),
        )


UPPER_BODIES: tuple[UpperBody, ...] = (
    UpperBody(
        "groove",
        (("groove", "swing_back"), ("relaxed", "relaxed"), ("swing_back", "groove"), ("relaxed", "relaxed")),
        torso=((-0.12, -0.06, 0.10), (0.0, 0.0, 0.0), (0.12, 0.06, 0.10), (0.0, 0.0, 0.0)),
        head=((0.15, 0.10), (0.0, -0.05), (-0.15, 0.10), (0.0, -0.05)),
    ),
    UpperBody(
        "arm_swings",
        (("swing_forward", "swing_back"), ("swing_back", "swing_forward")),
        torso=((-0.22, 0.0, 0.05), (0.22, 0.0, 0.05)),
    ),
    UpperBody(
        "claps",
        (("side_low", "side_low"), ("clap", "clap")),
        torso=((0.10, -0.05, -0.04), (0.0, 0.0, 0.08), (-0.10, 0.05, -0.04), (0.0, 0.0, 0.08)),
        head=((0.2, -0.05), (0.0, 0.10), (-0.2, -0.05), (0.0, 0.10)),
    ),
    UpperBody(
        "arm_raises",
        (
            ("side_low", "side_low"),
            ("side", "side"),
            ("diagonal_up", "diagonal_up"),
            ("up", "up"),
            ("goalpost", "goalpost"),
            ("side", "side"),
            ("chest", "chest"),
            ("relaxed", "relaxed"),
        ),
        torso=(
            (0, 0, 0.08),
            (0, 0, 0.0),
            (0, 0, -0.05),
            (0, 0, -0.10),
            (0, 0, 0.0),
            (0, 0, 0),
            (0, 0, 0.12),
            (0, 0, 0),
        ),
        head=((0, 0.1), (0, 0), (0, -0.1), (0, -0.2), (0, 0), (0, 0), (0, 0.15), (0, 0)),
    ),
    UpperBody(
        "arm_waves",
        (("wave_high", "wave_low"), ("side", "side"), ("wave_low", "wave_high"), ("side", "side")),
        torso=((0.0, 0.14, 0.0), (0.0, 0.0, 0.04), (0.0, -0.14, 0.0), (0.0, 0.0, 0.04)),
        head=((0.35, 0.0), (0.0, 0.0), (-0.35, 0.0), (0.0, 0.0)),
    ),
    UpperBody(
        "punches",
        (("punch", "guard"), ("guard", "punch")),
        torso=((-0.28, 0.0, 0.08), (0.28, 0.0, 0.08)),
    ),
    UpperBody(
        "disco",
        (
            ("hip", "diagonal_up"),
            ("hip", "point_across"),
            ("hip", "diagonal_up"),
            ("hip", "point_across"),
            ("diagonal_up", "hip"),
            ("point_across", "hip"),
            ("diagonal_up", "hip"),
            ("point_across", "hip"),
        ),
        torso=(
            (-0.10, 0.12, -0.05),
            (0.20, -0.04, 0.12),
            (-0.10, 0.12, -0.05),
            (0.20, -0.04, 0.12),
            (0.10, -0.12, -0.05),
            (-0.20, 0.04, 0.12),
            (0.10, -0.12, -0.05),
            (-0.20, 0.04, 0.12),
        ),
        head=(
            (-0.3, -0.15),
            (0.2, 0.15),
            (-0.3, -0.15),
            (0.2, 0.15),
            (0.3, -0.15),
            (-0.2, 0.15),
            (0.3, -0.15),
            (-0.2, 0.15),
        ),
    ),
    UpperBody(
        "body_roll",
        (("relaxed", "relaxed"), ("groove", "groove")),
        torso=((0.0, 0.0, -0.16), (0.0, 0.0, 0.26)),
        head=((0.0, -0.10), (0.0, 0.12)),
        pelvis_pitch=(0.12, -0.10),
    ),
    UpperBody(
        "reaches",
        (("diagonal_up", "hip"), ("chest", "chest"), ("hip", "diagonal_up"), ("chest", "chest")),
        torso=((0.10, -0.16, -0.04), (0.0, 0.0, 0.10), (-0.10, 0.16, -0.04), (0.0, 0.0, 0.10)),
        head=((0.3, -0.2), (0.0, 0.1), (-0.3, -0.2), (0.0, 0.1)),
    ),
    UpperBody(
        "open_close",
        (("fold", "fold"), ("side", "side"), ("chest", "chest"), ("diagonal_up", "diagonal_up")),
        torso=((0.0, 0.0, 0.12), (0.0, 0.0, -0.06), (0.0, 0.0, 0.12), (0.0, 0.0, -0.10)),
        head=((0.0, 0.15), (0.0, -0.05), (0.0, 0.15), (0.0, -0.15)),
    ),
    UpperBody(
        "hands_on_hips",
        (("hip", "hip"),),
        torso=((0.20, 0.08, 0.0), (-0.20, -0.08, 0.0)),
        head=((0.3, 0.0), (-0.3, 0.0)),
    ),
    UpperBody(
        "robot",
        (
            ("goalpost", "side_low"),
            ("goalpost", "forward"),
            ("side_low", "goalpost"),
            ("forward", "goalpost"),
        ),
        torso=((0.15, 0.0, 0.0), (0.0, 0.0, 0.06), (-0.15, 0.0, 0.0), (0.0, 0.0, 0.06)),
        head=((0.25, 0.0), (0.0, 0.0), (-0.25, 0.0), (0.0, 0.0)),
    ),
)

BREAK_UPPER_BODIES: tuple[UpperBody, ...] = (
    UpperBody(
        "point_and_hold",
        (("hip", "diagonal_up"),) * 3
        + (("hip", "chest"),)
        + (("hip", "side"),) * 3
        + (("relaxed", "relaxed"),),
        torso=((-0.10, 0.10, -0.04),) * 3
        + ((0.0, 0.0, 0.06),)
        + ((-0.2, 0.04, 0.0),) * 3
        + ((0.0, 0.0, 0.05),),
        head=((-0.4, -0.15),) * 3 + ((0.0, 0.1),) + ((-0.6, 0.0),) * 3 + ((0.0, 0.1),),
    ),
    UpperBody(
        "fold_and_hold",
        (("fold", "fold"),) * 3
        + (("groove", "groove"),)
        + (("diagonal_up", "side_low"),) * 3
        + (("groove", "groove"),),
        torso=((0.12, 0.0, 0.10),) * 3 + ((0.0, 0.0, 0.0),) + ((0.1, -0.1, 0.0),) * 3 + ((0.0, 0.0, 0.05),),
        head=((0.0, 0.2),) * 3 + ((0.0, 0.0),) + ((0.4, -0.1),) * 3 + ((0.0, 0.0),),
    ),
)
