"""Footwork that stays or goes up and down: grooves, turns, levels, jumps and held poses."""

from __future__ import annotations

from macedance.data.choreography.moves import STANCE, Footwork, Step, left, right
from macedance.data.choreography.steps import in_place

FULL_TURN = 6.283185307179586


def _swivels(counts: range, turn: float, heel: float) -> tuple[Step, ...]:
    """Both feet turn on their balls, to one side and to the other in turn."""
    return tuple(
        foot(count, x, turn=turn if count % 2 else -turn, heel=heel, lift=0.0)
        for count in counts
        for foot, x in ((right, -STANCE), (left, STANCE))
    )


HOLD = Footwork(
    "hold", (), weights=(0.3, 0.3, 0.1, -0.2, -0.3, -0.3, -0.1, 0.2), drops=(0.0, 0.0, 0.03, 0.05) * 2
)
WIDE_HOLD = Footwork(
    "wide_hold",
    (right(1, -0.34, turn=-0.1), right(8, -0.11)),
    weights=(-0.1, 0.0, 0.0, 0.0, 0.0, 0.2, 0.6, 0.3),
    drops=(0.04, 0.03, 0.04, 0.03, 0.04, 0.03, 0.02, 0.01),
)
BOUNCE = Footwork(
    "bounce",
    (right(1, -0.26, lift=0.07), left(8, 0.02, heel=0.35, lift=0.06)),
    weights=(-0.5, -0.5, 0.5, 0.5, -0.5, 0.5, -0.6, -0.8),
    drops=(0.10, 0.02, 0.11, 0.02, 0.14, 0.05, 0.16, 0.02),
    hips=(0.1, 0.1, -0.1, -0.1, 0.1, -0.1, 0.0, 0.0),
)
ROCK = Footwork(
    "rock",
    (right(1, -0.32, lift=0.08),),
    weights=(-1.0, 1.0, -1.0, 1.0),
    drops=(0.05, 0.02, 0.05, 0.02),
    hips=(-0.1, 0.1, -0.1, 0.1),
    rolls=(0.06, -0.06, 0.06, -0.06),
)
DOUBLE_ROCK = Footwork(
    "double_rock",
    (right(1, -0.36, lift=0.08),),
    weights=(-0.8, -1.0, 0.8, 1.0),
    drops=(0.09, 0.04, 0.09, 0.04),
    hips=(-0.2, -0.1, 0.2, 0.1),
)
HIP_SWAY = Footwork(
    "hip_sway",
    (
        right(1, -0.19, lift=0.07),
        left(1, 0.11, heel=0.35, lift=0.0),
        left(2, 0.11, lift=0.0),
        right(2, -0.19, heel=0.35, lift=0.0),
        right(3, -0.19, lift=0.0),
        left(3, 0.11, heel=0.35, lift=0.0),
        left(4, 0.11, lift=0.0),
        right(4, -0.19, heel=0.35, lift=0.0),
    ),
    weights=(-1.0, 1.0, -1.0, 1.0),
    drops=(0.02, 0.02, 0.02, 0.02),
    hips=(0.2, -0.2, 0.2, -0.2),
    rolls=(0.18, -0.18, 0.18, -0.18),
)
HIP_CIRCLES = Footwork(
    "hip_circles",
    (right(1, -0.24, lift=0.07),),
    weights=(-0.9, -0.3, 0.9, 0.3) * 2,
    drops=(0.06, 0.08, 0.06, 0.05) * 2,
    hips=(0.12, 0.0, -0.12, 0.0),
    rolls=(0.2, 0.0, -0.2, 0.0),
)
TWIST = Footwork(
    "twist",
    _swivels(range(1, 5), turn=0.5, heel=0.32),
    weights=(-0.3, 0.3, -0.3, 0.3),
    drops=(0.03, 0.06, 0.09, 0.04),
    hips=(0.4, -0.4, 0.4, -0.4),
)
TWIST_DOWN = Footwork(
    "twist_down",
    (*_swivels(range(1, 8), turn=0.5, heel=0.36), right(8, -0.11, lift=0.0), left(8, 0.11, lift=0.0)),
    weights=(-0.3, 0.3) * 4,
    drops=(0.06, 0.12, 0.19, 0.25, 0.25, 0.17, 0.10, 0.03),
    hips=(0.4, -0.4) * 4,
)
WALK_AROUND = Footwork(
    "walk_around",
    in_place(8, 0.08, width=0.15),
    weights=(-0.8, 0.8) * 4,
    drops=(0.02, 0.0) * 4,
    headings=(-0.6, -1.4, -2.2, -3.0, -3.9, -4.8, -5.6, -FULL_TURN),
)
QUARTER_TURNS = Footwork(
    "quarter_turns",
    in_place(8, 0.08, width=0.15),
    weights=(-0.8, 0.8) * 4,
    drops=(0.01, 0.01, 0.06, 0.01) * 2,
    headings=(-0.8, -1.571, -1.571, -1.571, -0.8, 0.0, 0.0, 0.0),
)
THREE_STEP_TURN = Footwork(
    "three_step_turn",
    (right(1, -0.20), left(2, 0.20), right(3, -0.20), left(4, 0.04, heel=0.35)),
    weights=(-1.0, 1.0, -1.0, -0.9),
    drops=(0.04, 0.01, 0.06, 0.01),
    headings=(-1.6, -4.2, -FULL_TURN, -FULL_TURN),
    path=((-0.30, 0.0), (-0.56, 0.0), (-0.72, 0.0), (-0.72, 0.0)),
)
PADDLE_TURN = Footwork(
    "paddle_turn",
    (*(right(count, -0.30, 0.04, heel=0.4, lift=0.05) for count in range(1, 8)), right(8, -0.12)),
    weights=(0.6,) * 7 + (-0.6,),
    drops=(0.08, 0.05) * 4,
    headings=tuple(FULL_TURN * count / 8 for count in range(1, 9)),
    turns_on_standing_foot=True,
)
SPIN = Footwork(
    "spin",
    (
        right(1, -0.34, 0.06, heel=0.1),
        right(2, -0.10, 0.15, turn=-0.5, height=0.32, heel=0.5, lift=0.0),
        right(3, -0.10, 0.15, turn=-0.5, height=0.32, heel=0.5, lift=0.0),
        right(4, -0.14, lift=0.02),
    ),
    weights=(0.2, 1.0, 1.0, -0.7),
    drops=(0.11, -0.03, -0.03, 0.07),
    headings=(0.25, -2.2, -5.4, -FULL_TURN),
    turns_on_standing_foot=True,
)
PLIES = Footwork(
    "plies",
    (
        right(1, -0.36, turn=-0.35),
        left(1, 0.11, turn=0.35, lift=0.0),
        right(8, -0.11),
        left(8, 0.11, lift=0.0),
    ),
    weights=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.6),
    drops=(0.06, 0.20, 0.20, 0.06, 0.06, 0.22, 0.10, 0.02),
)
SIDE_LUNGE = Footwork(
    "side_lunge",
    (right(1, -0.48, 0.06, turn=-0.3), right(4, -0.20, 0.02, heel=0.3, lift=0.06)),
    weights=(-0.7, -0.8, -0.8, 0.8),
    drops=(0.13, 0.15, 0.16, 0.03),
    hips=(-0.2, -0.2, -0.2, 0.0),
)
FORWARD_LUNGE = Footwork(
    "forward_lunge",
    (
        right(1, -0.13, 0.54),
        left(1, 0.11, -0.06, heel=0.6, lift=0.0),
        right(4, -0.11, 0.0),
        left(4, 0.11, lift=0.0),
    ),
    weights=(-0.6, -0.7, -0.7, 0.7),
    drops=(0.16, 0.20, 0.18, 0.03),
    hips=(0.2, 0.2, 0.2, 0.0),
)
CROUCH = Footwork(
    "crouch",
    (
        right(1, -0.32, turn=-0.35),
        left(1, 0.11, turn=0.35, lift=0.0),
        right(8, -0.12),
        left(8, 0.11, lift=0.0),
    ),
    weights=(-0.2, 0.0, 0.0, 0.1, 0.1, 0.1, 0.6, 0.4),
    drops=(0.12, 0.34, 0.42, 0.40, 0.40, 0.24, 0.08, 0.0),
)
KNEEL = Footwork(
    "kneel",
    (
        left(1, 0.16, 0.04, lift=0.06),
        right(2, -0.24, -0.40, heel=1.15),
        right(7, -0.13, 0.0),
    ),
    weights=(1.0, 0.3, 0.1, 0.1, 0.1, 0.4, 0.8, 0.6),
    drops=(0.06, 0.26, 0.44, 0.45, 0.44, 0.26, 0.08, 0.02),
)
RISE = Footwork(
    "rise",
    (
        right(2, -STANCE, heel=0.6, lift=0.0),
        left(2, STANCE, heel=0.6, lift=0.0),
        right(4, -STANCE, heel=0.0, lift=0.0),
        left(4, STANCE, heel=0.0, lift=0.0),
    ),
    weights=(0.0, 0.0, 0.0, 0.4),
    drops=(0.06, -0.06, -0.06, 0.08),
)
JUMPING_JACKS = Footwork(
    "jumping_jacks",
    (right(2, -0.32), left(2, 0.32), right(4, -0.12), left(4, 0.12)),
    weights=(0.0, 0.0, 0.0, 0.2),
    drops=(0.02, 0.05, 0.03, 0.04),
    jumps=(2, 4),
)
SCISSORS = Footwork(
    "scissors",
    (right(1, -0.10, 0.20), left(1, 0.10, -0.20, heel=0.45), right(2, -0.10, -0.20, heel=0.45), left(2, 0.10, 0.20),
     right(3, -0.10, 0.20), left(3, 0.10, -0.20, heel=0.45), right(4, -0.12), left(4, 0.12)),
    weights=(-0.3, 0.3, -0.3, 0.2),
    drops=(0.05, 0.05, 0.05, 0.05),
    jumps=(1, 2, 3, 4),
)  # fmt: skip
JUMP = Footwork(
    "jump",
    (right(3, -0.24), left(3, 0.24), right(4, -0.13)),
    weights=(0.0, 0.0, 0.0, 0.3),
    drops=(0.03, 0.08, 0.08, 0.03),
    jumps=(3,),
)
JUMP_TURNS = Footwork(
    "jump_turns",
    tuple(foot(count, x) for count in (1, 3, 5, 7) for foot, x in ((right, -0.15), (left, 0.15))),
    weights=(0.1,) * 8,
    drops=(0.05, 0.03) * 4,
    headings=(-1.57, -1.57, -3.14, -3.14, -4.71, -4.71, -FULL_TURN, -FULL_TURN),
    jumps=(1, 3, 5, 7),
)
SIDE_LEAP = Footwork(
    "side_leap",
    (
        right(1, -0.54),
        left(1, -0.28),
        left(2, -0.32, lift=0.06),
        left(3, 0.14),
        right(3, -0.12),
        right(4, -0.08, lift=0.06),
    ),
    weights=(-0.6, -0.2, 0.6, 0.2),
    drops=(0.06, 0.02, 0.06, 0.02),
    jumps=(1, 3),
)
CONTRAPPOSTO = Footwork(
    "contrapposto",
    (right(1, -0.22, 0.10, turn=-0.2, heel=0.3, lift=0.07), right(5, -0.12, 0.0),
     left(6, 0.22, 0.10, turn=0.2, heel=0.3, lift=0.07)),
    weights=(0.9, 0.95, 0.95, 0.9, -0.2, -0.9, -0.95, -0.9),
    drops=(0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.01),
    rolls=(-0.06, -0.08, -0.08, -0.04, 0.0, 0.08, 0.08, 0.04),
    hips=(0.15, 0.15, 0.15, 0.1, 0.0, -0.15, -0.15, -0.1),
)  # fmt: skip
B_BOY_STANCE = Footwork(
    "b_boy_stance",
    (right(1, -0.30, 0.22, turn=-0.3, lift=0.1), right(8, -0.13)),
    weights=(0.1, 0.3, 0.3, 0.3, 0.2, 0.2, 0.8, 0.4),
    drops=(0.10, 0.12, 0.12, 0.12, 0.14, 0.12, 0.06, 0.02),
    hips=(-0.3, -0.3, -0.3, -0.3, -0.3, -0.3, -0.1, 0.0),
)
