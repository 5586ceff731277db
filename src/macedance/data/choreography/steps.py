"""Footwork that steps: sideways, forward, back, across, and kicks."""

from __future__ import annotations

from macedance.data.choreography.moves import STANCE, Footwork, Step, left, right


def in_place(num_steps: int, lift: float, *, every: float = 1.0, width: float = STANCE) -> tuple[Step, ...]:
    """Steps of both feet in turn, where they stand."""
    return tuple(
        (left if number % 2 else right)(
            1 + every * number, width if number % 2 else -width, lift=lift, duration=every
        )
        for number in range(num_steps)
    )


STEP_TOUCH = Footwork(
    "step_touch",
    (right(1, -0.44), left(2, -0.22, heel=0.35), left(3, 0.13), right(4, -0.09, heel=0.35)),
    weights=(-1.0, -0.9, 1.0, 0.9),
    drops=(0.04, 0.01, 0.04, 0.01),
)
DOUBLE_STEP_TOUCH = Footwork(
    "double_step_touch",
    (right(1, -0.40), left(2, -0.14), right(3, -0.62), left(4, -0.42, heel=0.35)),
    weights=(-1.0, 0.7, -1.0, -0.9),
    drops=(0.04, 0.0, 0.04, 0.01),
    hips=(-0.1, 0.0, -0.1, 0.1),
)
GRAPEVINE = Footwork(
    "grapevine",
    (
        right(1, -0.40),
        left(2, -0.45, -0.30, heel=0.3, lift=0.07),
        right(3, -0.76),
        left(4, -0.54, heel=0.35),
    ),
    weights=(-1.0, 0.8, -1.0, -0.9),
    drops=(0.03, 0.05, 0.03, 0.01),
    hips=(0.0, 0.5, 0.0, -0.1),
)
BOX_STEP = Footwork(
    "box_step",
    (right(1, 0.05, 0.28, turn=0.15), left(2, 0.17, -0.12), right(3, -0.17, -0.12), left(4, 0.11, 0.06)),
    weights=(-0.8, 0.8, -0.8, 0.8),
    drops=(0.05, 0.02, 0.03, 0.02),
    hips=(0.2, 0.0, -0.1, 0.0),
)
MAMBO = Footwork(
    "mambo",
    (
        right(1, -0.10, 0.28),
        right(3, -0.12, 0.0),
        left(5, 0.10, -0.28, heel=0.25),
        left(7, 0.12, 0.0),
    ),
    weights=(-0.9, 0.8, -0.8, -1.0, 0.9, -0.8, 0.8, 1.0),
    drops=(0.020, 0.008, 0.012, 0.004, 0.020, 0.008, 0.012, 0.004),
    hips=(0.2, 0.0, -0.1, -0.1, -0.2, 0.0, 0.1, 0.1),
    rolls=(0.08, -0.06, 0.06, 0.08, -0.08, 0.06, -0.06, -0.08),
)
CHA_CHA = Footwork(
    "cha_cha",
    (
        right(1, -0.10, 0.26),
        right(3, -0.28, 0.0),
        left(3.5, -0.04, lift=0.05, duration=0.5),
        right(4, -0.44, lift=0.06, duration=0.5),
    ),
    weights=(-0.9, -0.9, 0.9, 0.9, -0.8, 0.7, -1.0, -1.0),
    drops=(0.020, 0.016, 0.008, 0.012, 0.020, 0.012, 0.020, 0.012),
    hips=(0.2, 0.1, 0.0, 0.0, -0.1, 0.1, -0.15, 0.0),
    rolls=(0.08, 0.08, -0.08, -0.08, 0.07, -0.07, 0.09, 0.09),
    grid=2,
)
SALSA = Footwork(
    "salsa",
    (
        right(1, -0.10, 0.22),
        left(2, 0.12, 0.02, lift=0.05),
        right(3, -0.12, 0.0),
        left(5, 0.10, -0.22, heel=0.2),
        right(6, -0.12, 0.0, lift=0.05),
        left(7, 0.12, 0.0),
    ),
    weights=(-1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0),
    drops=(0.020, 0.016, 0.020, 0.012) * 2,
    hips=(0.25, -0.1, -0.2, -0.1, -0.25, 0.1, 0.2, 0.1),
    rolls=(0.12, -0.12, 0.12, 0.05, -0.12, 0.12, -0.12, -0.05),
)
MARCH = Footwork("march", in_place(4, 0.22), weights=(-0.8, 0.8, -0.8, 0.8), drops=(0.0,) * 4)
RUN = Footwork("run", in_place(8, 0.22, every=0.5), weights=(-0.8, 0.8) * 4, drops=(0.03, 0.03) * 4, grid=2)
WALK = Footwork(
    "walk",
    (
        right(1, -0.10, 0.30),
        left(2, 0.10, 0.60),
        right(3, -0.10, 0.88),
        left(4, 0.16, 0.92, heel=0.35),
        left(5, 0.09, 0.60),
        right(6, -0.09, 0.30),
        left(7, 0.10, 0.0),
        right(8, -0.15, 0.04, heel=0.35),
    ),
    weights=(-1.0, 1.0, -1.0, -0.9, 1.0, -1.0, 1.0, 0.9),
    drops=(0.03, 0.03, 0.05, 0.01, 0.03, 0.03, 0.05, 0.01),
    hips=(0.15, -0.15, 0.15, 0.1, -0.1, 0.1, -0.1, 0.0),
)
HEEL_TAPS = Footwork(
    "heel_taps",
    (
        right(1, -0.15, 0.28, height=0.05, heel=-0.4, lift=0.05),
        right(2, -0.11),
        left(3, 0.15, 0.28, height=0.05, heel=-0.4, lift=0.05),
        left(4, 0.11),
    ),
    weights=(1.0, -0.7, -1.0, 0.7),
    drops=(0.05, 0.01, 0.05, 0.01),
)
TOE_TAPS = Footwork(
    "toe_taps",
    (right(1, -0.36, 0.04, heel=0.5), right(2, -0.11), left(3, 0.36, 0.04, heel=0.5), left(4, 0.11)),
    weights=(1.0, -0.7, -1.0, 0.7),
    drops=(0.05, 0.01, 0.05, 0.01),
    hips=(-0.15, 0.0, 0.15, 0.0),
)
CROSS_TAPS = Footwork(
    "cross_taps",
    (right(1, 0.14, 0.28, heel=0.6), right(2, -0.16), left(3, -0.14, 0.28, heel=0.6), left(4, 0.16)),
    weights=(1.0, -0.7, -1.0, 0.7),
    drops=(0.05, 0.01, 0.05, 0.01),
    hips=(0.3, 0.0, -0.3, 0.0),
)
STEP_BEHIND = Footwork(
    "step_behind",
    (right(1, -0.40), left(2, -0.46, -0.32, heel=0.5), left(3, 0.12), right(4, 0.18, -0.30, heel=0.5)),
    weights=(-1.0, -0.8, 1.0, 0.8),
    drops=(0.03, 0.07, 0.03, 0.07),
    hips=(0.0, 0.3, 0.0, -0.3),
)
BACK_STEPS = Footwork(
    "back_steps",
    (right(1, -0.10, -0.30, heel=0.35), right(2, -0.11), left(3, 0.10, -0.30, heel=0.35), left(4, 0.11)),
    weights=(0.2, -0.8, -0.2, 0.8),
    drops=(0.07, 0.02, 0.07, 0.02),
    hips=(-0.2, 0.0, 0.2, 0.0),
)
TOPROCK = Footwork(
    "toprock",
    (
        right(1, 0.07, 0.32, turn=0.3, lift=0.1),
        right(2, -0.16, 0.0),
        left(3, -0.07, 0.32, turn=-0.3, lift=0.1),
        left(4, 0.16, 0.0),
    ),
    weights=(-0.7, -0.2, 0.7, 0.2),
    drops=(0.08, 0.03, 0.08, 0.03),
    hips=(0.45, 0.0, -0.45, 0.0),
)
SKATE = Footwork(
    "skate",
    (
        right(1, -0.36, 0.14, turn=-0.35),
        left(2, -0.16, 0.06, heel=0.4, lift=0.03),
        left(3, 0.26, 0.16, turn=0.35),
        right(4, 0.06, 0.06, heel=0.4, lift=0.03),
    ),
    weights=(-1.0, -1.0, 1.0, 1.0),
    drops=(0.10, 0.05, 0.10, 0.05),
    hips=(-0.25, -0.1, 0.25, 0.1),
)
SLIDE = Footwork(
    "slide",
    (right(1, -0.44, lift=0.06), left(3, -0.24, heel=0.35, lift=0.0, duration=2)),
    weights=(-0.6, -0.9, -1.0, -0.9),
    drops=(0.12, 0.09, 0.02, 0.04),
    hips=(0.15, 0.1, 0.0, 0.0),
)
PAS_DE_BOURREE = Footwork(
    "pas_de_bourree",
    (
        right(1, 0.06, -0.25, heel=0.3),
        left(2, 0.36, 0.0, heel=0.2),
        right(3, 0.10, 0.16),
        left(4, 0.34, 0.02, heel=0.35),
    ),
    weights=(-0.9, 0.9, -1.0, -0.9),
    drops=(0.0, 0.0, 0.09, 0.03),
    hips=(-0.2, 0.0, 0.2, 0.0),
)
PONY = Footwork(
    "pony",
    (
        right(1, -0.28, lift=0.10, duration=0.5),
        left(1.5, -0.06, heel=0.45, lift=0.06, duration=0.5),
        right(2, -0.28, lift=0.07, duration=0.5),
        left(3, 0.14, lift=0.10, duration=0.5),
        right(3.5, -0.08, heel=0.45, lift=0.06, duration=0.5),
        left(4, 0.14, lift=0.07, duration=0.5),
    ),
    weights=(-1.0, 0.6, -1.0, -1.0, 1.0, -0.6, 1.0, 1.0),
    drops=(0.06, 0.0, 0.06, 0.0) * 2,
    grid=2,
)
KNEE_LIFTS = Footwork(
    "knee_lifts",
    (
        right(1, -0.20),
        left(2, 0.11, 0.16, height=0.36, heel=0.45, lift=0.0),
        left(3, 0.20, lift=0.0),
        right(4, -0.11, 0.16, height=0.36, heel=0.45, lift=0.0),
    ),
    weights=(-0.9, -1.0, 0.9, 1.0),
    drops=(0.05, 0.0, 0.05, 0.0),
)
KICKS = Footwork(
    "kicks",
    (
        right(1, -0.10, 0.50, height=0.40, heel=0.5, lift=0.0),
        right(2, -0.12, lift=0.03),
        left(3, 0.10, 0.50, height=0.40, heel=0.5, lift=0.0),
        left(4, 0.12, lift=0.03),
    ),
    weights=(1.0, -0.7, -1.0, 0.7),
    drops=(0.02, 0.04, 0.02, 0.04),
)
SIDE_KICKS = Footwork(
    "side_kicks",
    (
        right(1, -0.48, 0.06, height=0.34, heel=0.5, lift=0.0),
        right(2, -0.14, lift=0.03),
        left(3, 0.48, 0.06, height=0.34, heel=0.5, lift=0.0),
        left(4, 0.14, lift=0.03),
    ),
    weights=(1.0, -0.7, -1.0, 0.7),
    drops=(0.03, 0.05, 0.03, 0.05),
)
STEP_KICK = Footwork(
    "step_kick",
    (
        right(1, -0.22),
        left(2, -0.04, 0.46, height=0.30, heel=0.5, lift=0.0),
        left(3, 0.22, lift=0.02),
        right(4, 0.04, 0.46, height=0.30, heel=0.5, lift=0.0),
    ),
    weights=(-1.0, -1.0, 1.0, 1.0),
    drops=(0.05, 0.01, 0.05, 0.01),
    hips=(0.0, -0.2, 0.0, 0.2),
)
KICK_BALL_CHANGE = Footwork(
    "kick_ball_change",
    (
        right(1, -0.10, 0.46, height=0.20, heel=0.4, lift=0.0),
        right(1.5, -0.14, -0.06, heel=0.3, lift=0.02, duration=0.5),
        left(2, 0.12, 0.02, lift=0.07, duration=0.5),
        right(3, -0.26),
        left(4, -0.04, 0.0, heel=0.4),
    ),
    weights=(1.0, -0.6, 1.0, 1.0, -1.0, -1.0, -0.9, -0.9),
    drops=(0.03, 0.04, 0.06, 0.03, 0.06, 0.04, 0.02, 0.02),
    grid=2,
)
CHARLESTON = Footwork(
    "charleston",
    (
        right(1, -0.10, 0.22),
        left(2, 0.10, 0.48, height=0.28, heel=0.4, lift=0.0),
        left(3, 0.11, -0.02, lift=0.02),
        right(4, -0.12, -0.30, heel=0.6, lift=0.12),
    ),
    weights=(-1.0, -1.0, 1.0, 0.8),
    drops=(0.06, 0.02, 0.06, 0.07),
    hips=(0.15, -0.15, 0.1, -0.2),
)
RUNNING_MAN = Footwork(
    "running_man",
    (
        right(1, -0.10, 0.14, height=0.26, heel=0.4, lift=0.0, duration=0.5),
        right(1.5, -0.10, 0.16, lift=0.02, duration=0.5),
        left(1.5, 0.10, -0.18, heel=0.45, lift=0.0, duration=0.5),
        left(2, 0.10, 0.14, height=0.26, heel=0.4, lift=0.0, duration=0.5),
        left(2.5, 0.10, 0.16, lift=0.02, duration=0.5),
        right(2.5, -0.10, -0.18, heel=0.45, lift=0.0, duration=0.5),
        right(3, -0.10, 0.14, height=0.26, heel=0.4, lift=0.0, duration=0.5),
        right(3.5, -0.10, 0.16, lift=0.02, duration=0.5),
        left(3.5, 0.10, -0.18, heel=0.45, lift=0.0, duration=0.5),
        left(4, 0.10, 0.14, height=0.26, heel=0.4, lift=0.0, duration=0.5),
        left(4.5, 0.10, 0.16, lift=0.02, duration=0.5),
        right(4.5, -0.10, -0.18, heel=0.45, lift=0.0, duration=0.5),
    ),
    weights=(1.0, -0.3, -1.0, 0.3) * 2,
    drops=(0.02, 0.09) * 4,
    grid=2,
)
