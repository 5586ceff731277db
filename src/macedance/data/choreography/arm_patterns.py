"""Upper bodies led by the arms: claps, swings, waves, punches and circles."""

from __future__ import annotations

from macedance.data.choreography.moves import UpperBody

CLAPS = UpperBody(
    "claps",
    (("side_low", "side_low"), ("clap", "clap")),
    spine=((0.10, -0.05, -0.04), (0.0, 0.0, 0.08), (-0.10, 0.05, -0.04), (0.0, 0.0, 0.08)),
    head=((0.2, 0.0, -0.05), (0.0, 0.0, 0.10), (-0.2, 0.0, -0.05), (0.0, 0.0, 0.10)),
    flow=0.0,
)
HIGH_CLAPS = UpperBody(
    "high_claps",
    (("high_v", "high_v"), ("clap_high", "clap_high")),
    spine=((0.08, -0.08, -0.06), (0.0, 0.0, -0.02), (-0.08, 0.08, -0.06), (0.0, 0.0, -0.02)),
    head=((0.2, 0.0, -0.15), (0.0, 0.0, -0.05), (-0.2, 0.0, -0.15), (0.0, 0.0, -0.05)),
    flow=0.0,
)
DOUBLE_CLAPS = UpperBody(
    "double_claps",
    (("side_low", "side_low"), ("clap", "clap"), ("side_low", "side_low"), ("clap", "clap"),
     ("present", "present"), ("clap", "clap"), ("present", "present"), ("side_low", "side_low")),
    spine=((0.0, 0.0, 0.04), (0.0, 0.0, 0.08)),
    arm_counts=0.5,
    flow=0.0,
)  # fmt: skip
ARM_RAISES = UpperBody(
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
    spine=(
        (0.0, 0.0, 0.08),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, -0.05),
        (0.0, 0.0, -0.10),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        (0.0, 0.0, 0.12),
        (0.0, 0.0, 0.0),
    ),
    head=((0.0, 0.0, 0.1), (0.0, 0.0, 0.0), (0.0, 0.0, -0.1), (0.0, 0.0, -0.2)),
    flow=0.4,
)
ARM_WAVE = UpperBody(
    "arm_wave",
    (
        ("wing_up", "side_low"),
        ("wave_high", "side"),
        ("wave_low", "wing_down"),
        ("side", "wing_up"),
        ("side_low", "wave_high"),
        ("wing_down", "wave_low"),
        ("wing_up", "side"),
        ("wave_high", "side_low"),
    ),
    spine=((0.0, 0.12, 0.0), (0.0, 0.05, 0.04), (0.0, -0.05, 0.0), (0.0, -0.12, 0.04)),
    chest=((0.0, 0.14, 0.0), (0.0, 0.0, 0.1), (0.0, -0.14, 0.0), (0.0, 0.0, 0.1)),
    head=((0.5, 0.0, 0.0), (0.3, 0.0, 0.0), (-0.3, 0.0, 0.0), (-0.5, 0.0, 0.0)),
    flow=0.9,
)
WINGS = UpperBody(
    "wings",
    (("wing_up", "wing_up"), ("wing_down", "wing_down")),
    spine=((0.0, 0.0, -0.06), (0.0, 0.0, 0.10)),
    head=((0.0, 0.0, -0.12), (0.0, 0.0, 0.12)),
    flow=0.6,
)
SWAYING_ARMS = UpperBody(
    "swaying_arms",
    (("high_v", "overhead"), ("up", "up"), ("overhead", "high_v"), ("up", "up")),
    spine=((0.0, -0.14, -0.02), (0.0, 0.0, 0.0), (0.0, 0.14, -0.02), (0.0, 0.0, 0.0)),
    head=((0.2, -0.1, -0.1), (0.0, 0.0, -0.05), (-0.2, 0.1, -0.1), (0.0, 0.0, -0.05)),
    flow=0.7,
)
PUNCHES = UpperBody(
    "punches",
    (("punch", "guard"), ("guard", "punch")),
    spine=((-0.14, 0.0, 0.08), (0.14, 0.0, 0.08)),
    chest=((-0.16, 0.0, 0.0), (0.16, 0.0, 0.0)),
    flow=0.0,
)
UPPERCUTS = UpperBody(
    "uppercuts",
    (("uppercut", "pull"), ("guard", "guard"), ("pull", "uppercut"), ("guard", "guard")),
    spine=((-0.16, 0.0, 0.0), (0.0, 0.0, 0.1), (0.16, 0.0, 0.0), (0.0, 0.0, 0.1)),
    chest=((-0.14, 0.0, -0.06), (0.0, 0.0, 0.06), (0.14, 0.0, -0.06), (0.0, 0.0, 0.06)),
    flow=0.0,
)
PULLS = UpperBody(
    "pulls",
    (("push_front", "push_front"), ("pull", "pull")),
    spine=((0.0, 0.0, 0.14), (0.0, 0.0, -0.06)),
    head=((0.0, 0.0, 0.06), (0.0, 0.0, -0.06)),
    flow=0.0,
)
REACHES = UpperBody(
    "reaches",
    (("diagonal_up", "hip"), ("chest", "chest"), ("hip", "diagonal_up"), ("chest", "chest")),
    spine=((0.10, 0.14, -0.04), (0.0, 0.0, 0.10), (-0.10, -0.14, -0.04), (0.0, 0.0, 0.10)),
    head=((0.3, 0.0, -0.2), (0.0, 0.0, 0.1), (-0.3, 0.0, -0.2), (0.0, 0.0, 0.1)),
)
OPEN_CLOSE = UpperBody(
    "open_close",
    (("fold", "fold_low"), ("side", "side"), ("cross_chest", "cross_over"), ("high_v", "high_v")),
    spine=((0.0, 0.0, 0.12), (0.0, 0.0, -0.06), (0.0, 0.0, 0.12), (0.0, 0.0, -0.10)),
    head=((0.0, 0.0, 0.15), (0.0, 0.0, -0.05), (0.0, 0.0, 0.15), (0.0, 0.0, -0.15)),
)
CABBAGE_PATCH = UpperBody(
    "cabbage_patch",
    (("round_front", "round_front"), ("round_front", "fold"), ("fist_low", "fist_low"), ("fold", "round_front")),
    spine=((0.0, 0.0, 0.14), (0.12, -0.1, 0.0), (0.0, 0.0, -0.06), (-0.12, 0.1, 0.0)),
    chest=((0.0, 0.0, 0.08), (0.1, 0.0, 0.0), (0.0, 0.0, -0.08), (-0.1, 0.0, 0.0)),
    flow=0.7,
)  # fmt: skip
ARM_CIRCLES = UpperBody(
    "arm_circles",
    (
        ("relaxed", "up"),
        ("low_back", "reach_front_high"),
        ("side", "forward"),
        ("diagonal_up", "low_front"),
        ("up", "relaxed"),
        ("reach_front_high", "low_back"),
        ("forward", "side"),
        ("low_front", "diagonal_up"),
    ),
    spine=((-0.12, 0.06, 0.0), (0.0, 0.0, 0.06), (0.12, -0.06, 0.06), (0.0, 0.0, 0.0)) * 2,
    head=((-0.2, 0.0, -0.1), (0.0, 0.0, 0.05), (0.2, 0.0, 0.05), (0.0, 0.0, -0.05)) * 2,
    flow=0.9,
)
PORT_DE_BRAS = UpperBody(
    "port_de_bras",
    (
        ("round_low", "round_low"),
        ("round_front", "round_front"),
        ("round_high", "round_front"),
        ("round_high", "round_side"),
        ("round_high", "round_high"),
        ("round_side", "round_high"),
        ("round_side", "round_side"),
        ("open_low", "open_low"),
    ),
    spine=((0.0, 0.0, 0.05), (0.0, 0.0, 0.0), (-0.05, 0.08, -0.04), (-0.08, 0.1, -0.08)) * 2,
    head=((0.0, 0.0, 0.12), (0.0, 0.0, 0.0), (-0.3, 0.1, -0.1), (-0.4, 0.1, -0.1)) * 2,
    flow=1.0,
)
CLOUD_HANDS = UpperBody(
    "cloud_hands",
    (
        ("round_front", "round_low"),
        ("round_side", "cross_low"),
        ("open_low", "round_front"),
        ("round_low", "reach_front_high"),
        ("round_low", "round_front"),
        ("cross_low", "round_side"),
        ("round_front", "open_low"),
        ("reach_front_high", "round_low"),
    ),
    spine=((0.15, 0.0, 0.05), (0.25, -0.06, 0.04), (0.1, -0.04, 0.0), (-0.1, 0.0, 0.0),
           (-0.15, 0.0, 0.05), (-0.25, 0.06, 0.04), (-0.1, 0.04, 0.0), (0.1, 0.0, 0.0)),
    head=((0.3, 0.0, 0.05), (0.45, 0.0, 0.1), (0.2, 0.0, 0.0), (-0.1, 0.0, -0.1),
          (-0.3, 0.0, 0.05), (-0.45, 0.0, 0.1), (-0.2, 0.0, 0.0), (0.1, 0.0, -0.1)),
    flow=1.0,
)  # fmt: skip
FAN_SWEEP = UpperBody(
    "fan_sweep",
    (
        ("present", "shoulder_touch"),
        ("round_side", "shoulder_touch"),
        ("high_v", "round_low"),
        ("overhead", "open_low"),
        ("shoulder_touch", "present"),
        ("shoulder_touch", "round_side"),
        ("round_low", "high_v"),
        ("open_low", "overhead"),
    ),
    spine=((0.1, -0.1, 0.0), (0.15, -0.12, 0.0), (0.0, 0.1, -0.1), (-0.1, 0.12, -0.08),
           (-0.1, 0.1, 0.0), (-0.15, 0.12, 0.0), (0.0, -0.1, -0.1), (0.1, -0.12, -0.08)),
    head=((0.4, 0.0, 0.0), (0.5, 0.0, 0.0), (0.1, 0.1, -0.2), (-0.2, 0.15, -0.2),
          (-0.4, 0.0, 0.0), (-0.5, 0.0, 0.0), (-0.1, -0.1, -0.2), (0.2, -0.15, -0.2)),
    flow=0.8,
)  # fmt: skip
