"""Upper bodies that show something: points, frames, poses, and what the arms do in jumps, spins and lunges."""

from __future__ import annotations

from macedance.data.choreography.moves import UpperBody

PUSHES = UpperBody(
    "pushes",
    (("push_side", "hip"), ("shoulder_touch", "hip"), ("push_front", "hip"), ("shoulder_touch", "hip")),
    spine=((0.12, -0.06, 0.0), (0.0, 0.0, 0.0), (-0.10, 0.0, 0.06), (0.0, 0.0, 0.0)),
    head=((0.5, 0.0, 0.0), (0.2, 0.0, 0.0), (0.0, 0.0, 0.0), (0.2, 0.0, 0.0)),
    flow=0.0,
)
DISCO = UpperBody(
    "disco",
    (("hip", "high_v"), ("hip", "point_across")) * 2 + (("high_v", "hip"), ("point_across", "hip")) * 2,
    spine=((-0.10, 0.12, -0.05), (0.16, -0.04, 0.10)) * 2 + ((0.10, -0.12, -0.05), (-0.16, 0.04, 0.10)) * 2,
    head=((-0.3, 0.0, -0.15), (0.2, 0.0, 0.15)) * 2 + ((0.3, 0.0, -0.15), (-0.2, 0.0, 0.15)) * 2,
    flow=0.0,
)
ROBOT = UpperBody(
    "robot",
    (("square_up", "square_down"), ("square_up", "square_in"),
     ("square_down", "square_up"), ("square_in", "square_up")),
    spine=((0.15, 0.0, 0.0), (0.0, 0.0, 0.06), (-0.15, 0.0, 0.0), (0.0, 0.0, 0.06)),
    head=((0.35, 0.0, 0.0), (0.0, 0.0, 0.0), (-0.35, 0.0, 0.0), (0.0, 0.0, 0.0)),
    flow=0.0,
)  # fmt: skip
TUTTING = UpperBody(
    "tutting",
    (
        ("square_in", "square_in"),
        ("square_up", "square_in"),
        ("square_up", "square_up"),
        ("frame_high", "square_up"),
        ("frame_high", "frame_high"),
        ("square_up", "square_down"),
        ("square_down", "square_up"),
        ("elbow_out", "elbow_out"),
    ),
    head=((0.0, 0.0, 0.0), (0.3, 0.0, 0.0), (0.0, 0.0, 0.0), (-0.3, 0.0, 0.0)),
    flow=0.0,
)
LOCK_POINTS = UpperBody(
    "lock_points",
    (
        ("fist_low", "fist_low"),
        ("fist_low", "side"),
        ("fist_low", "fist_low"),
        ("side", "fist_low"),
        ("elbow_out", "elbow_out"),
        ("lasso", "fist_low"),
        ("fist_low", "lasso"),
        ("thighs", "thighs"),
    ),
    spine=(
        (0.0, 0.0, 0.16),
        (-0.16, 0.06, 0.0),
        (0.0, 0.0, 0.16),
        (0.16, -0.06, 0.0),
        (0.0, 0.0, 0.06),
        (0.1, 0.0, -0.05),
        (-0.1, 0.0, -0.05),
        (0.0, 0.0, 0.22),
    ),
    head=((0.0, 0.0, 0.1), (-0.6, 0.0, 0.0), (0.0, 0.0, 0.1), (0.6, 0.0, 0.0)) + ((0.0, 0.0, 0.0),) * 4,
    flow=0.0,
)
RAISE_THE_ROOF = UpperBody(
    "raise_the_roof",
    (("square_up", "square_up"), ("up", "up")),
    spine=((0.0, 0.0, 0.10), (0.0, 0.0, -0.06)),
    head=((0.0, 0.0, 0.06), (0.0, 0.0, -0.12)),
)
LASSO = UpperBody(
    "lasso",
    (("lasso", "hip"), ("high_v", "hip"), ("reach_front_high", "hip"), ("frame_high", "hip")),
    spine=((0.0, -0.06, -0.04), (0.06, -0.06, 0.0), (0.0, 0.0, 0.04), (-0.06, 0.0, 0.0)),
    head=((0.1, 0.0, -0.05), (-0.1, 0.0, -0.05)),
    flow=0.8,
)
KNEELING_ARMS = UpperBody(
    "kneeling_arms",
    (
        ("present", "shoulder_touch"),
        ("round_side", "shoulder_touch"),
        ("high_v", "round_front"),
        ("overhead", "present"),
        ("round_high", "round_side"),
        ("round_side", "high_v"),
        ("present", "present"),
        ("open_low", "open_low"),
    ),
    spine=((0.1, -0.1, 0.0), (0.15, -0.12, 0.0), (0.0, 0.1, -0.1), (-0.1, 0.12, -0.08)) * 2,
    head=((0.4, 0.0, 0.0), (0.4, 0.0, 0.0), (0.1, 0.1, -0.2), (-0.3, 0.1, -0.2)) * 2,
    flow=0.8,
)
FRAMES = UpperBody(
    "frames",
    (
        ("frame_high", "frame_side"),
        ("frame_side", "hip"),
        ("temple", "present"),
        ("behind_head", "hip"),
        ("frame_side", "frame_high"),
        ("hip", "frame_side"),
        ("present", "temple"),
        ("hip", "behind_head"),
    ),
    spine=((-0.1, 0.1, -0.05), (0.1, -0.06, 0.0), (-0.1, 0.05, -0.05), (0.1, -0.1, -0.05)),
    head=((-0.4, 0.1, -0.05), (0.4, -0.1, 0.0), (0.0, 0.2, -0.1), (-0.3, 0.0, -0.1)),
    flow=0.0,
)
HAT_TIPS = UpperBody(
    "hat_tips",
    (("hip", "hat"), ("hip", "present"), ("hip", "hat"), ("low_side", "low_side")),
    spine=((0.05, 0.04, 0.1), (-0.08, 0.06, 0.0), (0.05, 0.04, 0.1), (0.0, 0.0, 0.0)),
    head=((0.0, 0.1, 0.2), (-0.3, 0.0, -0.1), (0.0, 0.1, 0.2), (0.0, 0.0, 0.0)),
)
TOPROCK_ARMS = UpperBody(
    "toprock_arms",
    (("cross_chest", "cross_over"), ("side_low", "side_low")),
    spine=((-0.15, 0.05, 0.12), (0.05, 0.0, -0.02), (0.15, -0.05, 0.12), (-0.05, 0.0, -0.02)),
    head=((0.1, 0.0, 0.1), (0.0, 0.0, -0.05), (-0.1, 0.0, 0.1), (0.0, 0.0, -0.05)),
)
HEART_BEATS = UpperBody(
    "heart_beats",
    (("heart", "low_side"), ("present", "low_side"), ("low_side", "heart"), ("low_side", "present")),
    spine=((0.0, 0.0, 0.12), (0.1, -0.06, -0.04), (0.0, 0.0, 0.12), (-0.1, 0.06, -0.04)),
    chest=((0.0, 0.0, 0.1), (0.0, 0.0, -0.1)),
    head=((0.0, 0.0, 0.15), (0.3, 0.0, -0.1), (0.0, 0.0, 0.15), (-0.3, 0.0, -0.1)),
)
JUMP_ARMS = UpperBody(
    "jump_arms",
    (
        ("low_side", "low_side"),
        ("fist_low", "fist_low"),
        ("low_back", "low_back"),
        ("forward", "forward"),
        ("high_v", "high_v"),
        ("side", "side"),
        ("low_side", "low_side"),
        ("low_side", "low_side"),
    ),
    spine=((0.0, 0.0, 0.08), (0.0, 0.0, 0.18), (0.0, 0.0, 0.06), (0.0, 0.0, 0.0)),
    arm_counts=0.5,
    flow=0.3,
)
JACK_ARMS = UpperBody(
    "jack_arms",
    (("side", "side"), ("clap_high", "clap_high"), ("side", "side"), ("relaxed", "relaxed")),
    flow=0.6,
)
FLOOR_TOUCH = UpperBody(
    "floor_touch",
    (
        ("fist_low", "fist_low"),
        ("reach_floor", "present"),
        ("reach_floor", "low_side"),
        ("low_side", "reach_floor"),
        ("present", "reach_floor"),
        ("open_low", "open_low"),
        ("present", "present"),
        ("side_low", "side_low"),
    ),
    spine=((0.0, 0.0, 0.15), (-0.1, 0.0, 0.34), (-0.1, 0.0, 0.36), (0.1, 0.0, 0.36),
           (0.1, 0.0, 0.34), (0.0, 0.0, 0.2), (0.0, 0.0, -0.05), (0.0, 0.0, 0.0)),
    head=((0.0, 0.0, 0.0), (0.0, 0.0, 0.1), (0.3, 0.0, 0.0), (-0.3, 0.0, 0.0)) + ((0.0, 0.0, 0.0),) * 4,
)  # fmt: skip
SPIN_ARMS = UpperBody(
    "spin_arms",
    (("side", "round_front"), ("cross_chest", "cross_over"),
     ("cross_chest", "cross_over"), ("side_low", "side_low")),
    flow=0.4,
)  # fmt: skip
LUNGE_ARMS = UpperBody(
    "lunge_arms",
    (("high_v", "low_back"), ("high_v", "low_back"), ("high_v", "low_back"), ("relaxed", "relaxed")),
    spine=((0.0, 0.10, 0.05), (0.05, 0.12, 0.05), (0.05, 0.12, 0.05), (0.0, 0.0, 0.0)),
    head=((0.4, 0.0, -0.2), (0.4, 0.0, -0.2), (0.4, 0.0, -0.2), (0.0, 0.0, 0.0)),
)
POINT_AND_HOLD = UpperBody(
    "point_and_hold",
    (("hip", "high_v"),) * 3 + (("hip", "chest"),) + (("hip", "side"),) * 3 + (("relaxed", "relaxed"),),
    spine=((-0.10, 0.10, -0.04),) * 3 + ((0.0, 0.0, 0.06),) + ((-0.2, 0.04, 0.0),) * 3 + ((0.0, 0.0, 0.05),),
    head=((-0.4, 0.0, -0.15),) * 3 + ((0.0, 0.0, 0.1),) + ((-0.6, 0.0, 0.0),) * 3 + ((0.0, 0.0, 0.1),),
)
FOLD_AND_HOLD = UpperBody(
    "fold_and_hold",
    (("fold", "fold_low"),) * 3
    + (("groove", "groove"),)
    + (("diagonal_up", "side_low"),) * 3
    + (("groove", "groove"),),
    spine=((0.12, 0.0, 0.10),) * 3 + ((0.0, 0.0, 0.0),) + ((0.1, -0.1, 0.0),) * 3 + ((0.0, 0.0, 0.05),),
    head=((0.0, 0.0, 0.2),) * 3 + ((0.0, 0.0, 0.0),) + ((0.4, 0.0, -0.1),) * 3 + ((0.0, 0.0, 0.0),),
)
FREEZE = UpperBody(
    "freeze",
    (("fold", "fold_low"),) * 4 + (("temple", "low_side"),) * 3 + (("groove", "groove"),),
    spine=((0.15, -0.06, -0.08),) * 4 + ((-0.1, 0.1, 0.02),) * 3 + ((0.0, 0.0, 0.0),),
    head=((0.2, 0.1, -0.1),) * 4 + ((-0.3, 0.1, 0.05),) * 3 + ((0.0, 0.0, 0.0),),
)
