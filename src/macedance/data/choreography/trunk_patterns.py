"""Upper bodies led by the trunk: grooves, rolls, waves and isolations."""

from __future__ import annotations

from macedance.data.choreography.moves import UpperBody

GROOVE = UpperBody(
    "groove",
    (("groove", "swing_back"), ("relaxed", "relaxed"), ("swing_back", "groove"), ("relaxed", "relaxed")),
    spine=((-0.12, -0.06, 0.10), (0.0, 0.0, 0.0), (0.12, 0.06, 0.10), (0.0, 0.0, 0.0)),
    head=((0.15, 0.0, 0.10), (0.0, 0.0, -0.05), (-0.15, 0.0, 0.10), (0.0, 0.0, -0.05)),
)
ARM_SWINGS = UpperBody(
    "arm_swings",
    (("swing_forward", "swing_back"), ("swing_back", "swing_forward")),
    spine=((-0.14, 0.0, 0.05), (0.14, 0.0, 0.05)),
    chest=((-0.12, 0.0, 0.0), (0.12, 0.0, 0.0)),
)
OPPOSITION = UpperBody(
    "opposition",
    (("run_front", "run_back"), ("run_back", "run_front")),
    spine=((-0.12, 0.0, 0.08), (0.12, 0.0, 0.08)),
    chest=((-0.14, 0.0, 0.0), (0.14, 0.0, 0.0)),
)
FAST_OPPOSITION = UpperBody(
    "fast_opposition",
    (("run_front", "run_back"), ("run_back", "run_front")),
    spine=((-0.08, 0.0, 0.1), (0.08, 0.0, 0.1)),
    chest=((-0.1, 0.0, 0.0), (0.1, 0.0, 0.0)),
    arm_counts=0.5,
    trunk_counts=0.5,
)
BODY_ROLL = UpperBody(
    "body_roll",
    (("relaxed", "relaxed"), ("low_back", "low_back"), ("groove", "groove"), ("relaxed", "relaxed")),
    spine=((0.0, 0.0, 0.20), (0.0, 0.0, -0.22), (0.0, 0.0, 0.05), (0.0, 0.0, 0.22)),
    chest=((0.0, 0.0, 0.22), (0.0, 0.0, -0.22), (0.0, 0.0, -0.05), (0.0, 0.0, 0.24)),
    head=((0.0, 0.0, 0.16), (0.0, 0.0, -0.22), (0.0, 0.0, 0.0), (0.0, 0.0, 0.12)),
    pelvis=((0.0, 0.0, -0.24), (0.0, 0.0, 0.24), (0.0, 0.0, -0.16), (0.0, 0.0, -0.06)),
    wave=0.22,
    flow=0.8,
)
SIDE_ROLL = UpperBody(
    "side_roll",
    (("low_side", "relaxed"), ("open_low", "low_side"), ("relaxed", "low_side"), ("low_side", "open_low")),
    spine=((0.0, -0.24, 0.05), (0.0, 0.0, 0.0), (0.0, 0.24, 0.05), (0.0, 0.0, 0.0)),
    chest=((0.0, -0.22, 0.0), (0.0, 0.0, 0.05), (0.0, 0.22, 0.0), (0.0, 0.0, 0.05)),
    head=((0.1, -0.18, 0.0), (0.0, 0.0, 0.05), (-0.1, 0.18, 0.0), (0.0, 0.0, 0.05)),
    pelvis=((0.0, 0.1, 0.0), (0.0, 0.0, 0.0), (0.0, -0.1, 0.0), (0.0, 0.0, 0.0)),
    wave=0.2,
    flow=0.8,
)
CHEST_POPS = UpperBody(
    "chest_pops",
    (("fist_low", "fist_low"), ("pull", "pull")),
    spine=((0.0, 0.0, 0.10), (0.0, 0.0, -0.10)),
    chest=((0.0, 0.0, 0.22), (0.0, 0.0, -0.26)),
    head=((0.0, 0.0, 0.10), (0.0, 0.0, 0.06)),
    flow=0.0,
)
RIB_SLIDES = UpperBody(
    "rib_slides",
    (("low_side", "low_side"), ("open_low", "open_low")),
    spine=((0.0, -0.34, 0.02), (0.0, 0.0, 0.0), (0.0, 0.34, 0.02), (0.0, 0.0, 0.0)),
    chest=((0.0, 0.42, 0.0), (0.0, 0.0, 0.0), (0.0, -0.42, 0.0), (0.0, 0.0, 0.0)),
    flow=0.0,
)
SHOULDER_BOUNCE = UpperBody(
    "shoulder_bounce",
    (("relaxed", "relaxed"), ("fist_low", "fist_low")),
    spine=((-0.06, -0.05, 0.06), (0.0, 0.0, 0.02), (0.06, 0.05, 0.06), (0.0, 0.0, 0.02)),
    shoulders=((0.22, 0.0), (0.0, 0.0), (0.0, 0.22), (0.0, 0.0)),
    head=((0.0, 0.1, 0.08), (0.0, 0.0, 0.0), (0.0, -0.1, 0.08), (0.0, 0.0, 0.0)),
)
SHIMMY = UpperBody(
    "shimmy",
    (("open_low", "open_low"), ("low_side", "low_side")),
    spine=((0.0, 0.0, -0.06), (0.0, 0.0, -0.06), (0.0, 0.0, 0.10), (0.0, 0.0, 0.10)),
    chest=((0.20, 0.0, 0.0), (-0.20, 0.0, 0.0)),
    shoulders=((0.12, 0.0), (0.0, 0.12)),
    arm_counts=2.0,
    trunk_counts=0.5,
    flow=0.2,
)
HEAD_NODS = UpperBody(
    "head_nods",
    (("relaxed", "relaxed"), ("groove", "relaxed"), ("relaxed", "relaxed"), ("relaxed", "groove")),
    spine=((0.0, 0.0, 0.08), (0.0, 0.0, 0.0)),
    head=((0.0, 0.0, 0.26), (0.15, 0.0, -0.10), (0.0, 0.0, 0.26), (-0.15, 0.0, -0.10)),
)
HEAD_TURNS = UpperBody(
    "head_turns",
    (("square_down", "square_up"), ("hip", "square_up"), ("square_up", "square_down"), ("square_up", "hip")),
    spine=((0.06, 0.0, 0.0), (0.0, 0.0, 0.0), (-0.06, 0.0, 0.0), (0.0, 0.0, 0.0)),
    head=((1.0, 0.0, 0.0), (0.0, 0.0, 0.1), (-1.0, 0.0, 0.0), (0.0, 0.2, -0.1)),
    flow=0.0,
)
HIP_LED = UpperBody(
    "hip_led",
    (
        ("hip", "open_low"),
        ("hip", "side_low"),
        ("hip", "present"),
        ("low_side", "side_low"),
        ("open_low", "hip"),
        ("side_low", "hip"),
        ("present", "hip"),
        ("side_low", "low_side"),
    ),
    spine=((0.06, -0.28, 0.0), (-0.06, 0.28, 0.0)),
    chest=((-0.08, 0.20, -0.04), (0.08, -0.20, -0.04)),
    pelvis=((0.0, 0.0, -0.1), (0.0, 0.0, 0.1)),
    head=((0.25, 0.1, 0.0), (-0.25, -0.1, 0.0)),
    flow=0.5,
)
HANDS_ON_HIPS = UpperBody(
    "hands_on_hips",
    (("hip", "hip"),),
    spine=((0.12, -0.28, 0.0), (-0.12, 0.28, 0.0)),
    chest=((0.08, 0.20, 0.0), (-0.08, -0.20, 0.0)),
    head=((0.3, 0.0, 0.0), (-0.3, 0.0, 0.0)),
)
LATIN = UpperBody(
    "latin",
    (("latin_front", "latin_side"), ("latin_side", "latin_front")),
    spine=((-0.12, -0.16, -0.04), (0.12, 0.16, -0.04)),
    chest=((0.16, 0.10, 0.0), (-0.16, -0.10, 0.0)),
    head=((-0.15, 0.08, 0.0), (0.15, -0.08, 0.0)),
    flow=0.5,
)
