"""Styles of dance: how each carries the body, and which moves it likes in which part of a song."""

from __future__ import annotations

from dataclasses import dataclass

from macedance.data.choreography import arm_patterns as arms
from macedance.data.choreography import gestures
from macedance.data.choreography import trunk_patterns as trunk
from macedance.data.choreography.dancer import Carriage
from macedance.data.choreography.moves import UpperBody


@dataclass(frozen=True)
class DanceStyle:
    """A grammar of dance.

    Attributes:
        songs: Styles of songs that are danced so.
        carriage: How the body is held and moved.
        steady: Moves of verses and intros.
        rising: Moves of builds.
        full: Moves of drops.
        calm: Moves of breaks and outros.
        accents: Moves that open a drop or end a section.
        uppers: What the upper body does over moves that leave it free.
        facing: How often a phrase is danced to a corner.
    """

    name: str
    songs: tuple[str, ...]
    carriage: Carriage
    steady: tuple[str, ...]
    full: tuple[str, ...]
    calm: tuple[str, ...]
    accents: tuple[str, ...]
    uppers: tuple[UpperBody, ...]
    rising: tuple[str, ...] = ("march", "double_claps", "high_claps", "bounce", "rock", "knee_lifts")
    facing: float = 0.25

    def moves_of(self, section: str) -> tuple[str, ...]:
        """Names of the moves that suit a section of a song."""
        others = {"build": self.rising, "drop": self.full, "break": self.calm, "outro": self.calm}
        return others.get(section, self.steady)

    def knows(self, move: str) -> bool:
        """Whether the grammar has the move of that name."""
        return move in (*self.steady, *self.rising, *self.full, *self.calm, *self.accents)


_STYLES = (
    DanceStyle(
        "house",
        ("house", "drum_and_bass"),
        Carriage(bounce=0.035, sharpness=0.2, flow=0.4, looseness=0.7, lean=0.08),
        steady=("step_touch", "double_step_touch", "cross_taps", "heel_taps", "march", "rock", "back_steps", "skate"),
        full=("pony", "running_man", "grapevine", "run", "step_kick", "pas_de_bourree", "kick_ball_change",
              "toe_taps",
              "walk_around", "charleston"),
        calm=("body_roll", "side_roll", "double_rock", "arm_circles", "hip_circles", "head_nods"),
        accents=("three_step_turn", "slide", "jump", "side_lunge"),
        uppers=(trunk.GROOVE, trunk.ARM_SWINGS, arms.PULLS, gestures.LASSO, trunk.SHOULDER_BOUNCE, arms.CLAPS),
    ),
    DanceStyle(
        "hip_hop",
        ("boom_bap", "trap"),
        Carriage(bounce=0.045, sharpness=0.4, flow=0.25, looseness=0.6, lean=0.10, stance=0.03),
        steady=("bounce", "rock", "step_touch", "cross_taps", "back_steps", "head_nods", "walk", "double_rock"),
        full=("running_man", "toprock", "slide", "skate", "knee_lifts", "punches", "double_step_touch", "toe_taps",
              "chest_pops", "lock_points"),
        calm=("head_nods", "body_roll", "arm_wave", "chest_pops", "rib_slides", "folded_pose"),
        accents=("freeze", "jump", "slide", "side_lunge", "folded_pose"),
        uppers=(trunk.GROOVE, trunk.SHOULDER_BOUNCE, arms.CABBAGE_PATCH, arms.PULLS, arms.OPEN_CLOSE,
                gestures.PUSHES),
    ),
    DanceStyle(
        "popping",
        ("electro",),
        Carriage(bounce=0.012, sharpness=0.9, flow=0.0, looseness=0.05, size=0.95, accent=1.0),
        steady=("robot", "tutting", "chest_pops", "head_turns", "step_touch", "rock", "slide", "march"),
        full=("tutting", "robot", "twist", "toe_taps", "chest_pops", "walk", "lock_points", "box_step", "rib_slides"),
        calm=("arm_wave", "head_turns", "rib_slides", "body_roll", "frames"),
        rising=("robot", "chest_pops", "tutting", "march"),
        accents=("freeze", "slide", "point_pose", "folded_pose"),
        uppers=(gestures.ROBOT, gestures.TUTTING, trunk.CHEST_POPS, gestures.PUSHES, trunk.SHOULDER_BOUNCE),
    ),
    DanceStyle(
        "locking",
        ("funk",),
        Carriage(bounce=0.035, sharpness=0.7, flow=0.05, looseness=0.25, accent=0.9, lean=0.05),
        steady=("lock_points", "step_touch", "heel_taps", "rock", "double_step_touch", "cross_taps", "walk"),
        full=("lock_points", "kicks", "kick_ball_change", "step_kick", "toe_taps", "skate", "twist", "jump",
              "punches"),
        calm=("shimmy", "head_nods", "point_pose", "double_claps", "hip_sway"),
        accents=("jump", "freeze", "point_pose", "spin", "forward_lunge"),
        uppers=(gestures.DISCO, gestures.LOCK_POINTS, arms.CLAPS, gestures.HAT_TIPS, arms.UPPERCUTS, trunk.GROOVE),
    ),
    DanceStyle(
        "breaking",
        ("breakbeat",),
        Carriage(bounce=0.04, sharpness=0.4, flow=0.3, looseness=0.6, lean=0.12, stance=0.04, accent=0.8),
        steady=("toprock", "cross_taps", "step_kick", "bounce", "back_steps", "charleston"),
        full=("toprock", "kicks", "charleston", "scissors", "running_man", "floor_touch", "step_kick", "jump_turns"),
        calm=("freeze", "head_nods", "floor_touch", "folded_pose", "rock"),
        rising=("toprock", "bounce", "cross_taps", "knee_lifts"),
        accents=("freeze", "jump", "floor_touch", "side_leap", "spin"),
        uppers=(gestures.TOPROCK_ARMS, trunk.OPPOSITION, arms.OPEN_CLOSE, arms.PUNCHES, trunk.GROOVE),
    ),
    DanceStyle(
        "jazz",
        ("swing",),
        Carriage(bounce=0.02, sharpness=0.35, flow=0.4, looseness=0.4, size=1.05, turn_out=0.25),
        steady=("box_step", "grapevine", "step_touch", "hip_sway", "charleston", "toe_taps", "walk", "heel_taps"),
        full=("kicks", "pas_de_bourree", "side_kicks", "kick_ball_change", "charleston", "three_step_turn",
              "step_kick", "grapevine", "twist"),
        calm=("hip_circles", "plies", "frames", "rise", "body_roll", "arm_circles"),
        accents=("spin", "three_step_turn", "side_leap", "point_pose", "forward_lunge"),
        uppers=(gestures.DISCO, arms.ARM_RAISES, gestures.HAT_TIPS, arms.REACHES, arms.SWAYING_ARMS,
                trunk.HANDS_ON_HIPS),
    ),
    DanceStyle(
        "disco",
        ("disco",),
        Carriage(bounce=0.03, sharpness=0.35, flow=0.3, looseness=0.5, size=1.05),
        steady=("step_touch", "grapevine", "hip_sway", "heel_taps", "toe_taps", "rock", "twist"),
        full=("toe_taps", "grapevine", "walk_around", "step_kick", "twist_down", "double_claps", "kicks", "pony",
              "punches"),
        calm=("hip_circles", "shimmy", "body_roll", "double_rock", "head_turns"),
        accents=("spin", "point_pose", "three_step_turn", "side_lunge", "jump"),
        uppers=(gestures.DISCO, gestures.LASSO, arms.CLAPS, arms.ARM_RAISES, arms.SWAYING_ARMS, trunk.HANDS_ON_HIPS),
    ),
    DanceStyle(
        "dancehall",
        ("dancehall",),
        Carriage(bounce=0.05, sharpness=0.3, flow=0.35, looseness=0.7, lean=0.1, stance=0.04, turn_out=0.25),
        steady=("bounce", "hip_circles", "rock", "double_rock", "back_steps", "hip_sway", "head_nods"),
        full=("hip_circles", "skate", "running_man", "pony", "knee_lifts", "shimmy", "double_step_touch", "punches"),
        calm=("hip_circles", "body_roll", "side_roll", "hip_sway"),
        accents=("floor_touch", "jump", "slide", "side_lunge"),
        uppers=(trunk.GROOVE, arms.PULLS, trunk.HIP_LED, gestures.RAISE_THE_ROOF, arms.CABBAGE_PATCH, arms.WINGS),
    ),
    DanceStyle(
        "pop",
        ("pop",),
        Carriage(bounce=0.025, sharpness=0.45, flow=0.25, looseness=0.4),
        steady=("step_touch", "box_step", "double_step_touch", "rock", "hip_sway", "cross_taps", "walk",
                "heart_beats"),
        full=("grapevine", "jumping_jacks", "high_claps", "punches", "step_kick", "skate", "knee_lifts", "twist",
              "mambo", "running_man", "quarter_turns"),
        calm=("body_roll", "frames", "arm_wave", "heart_beats", "side_roll", "plies"),
        accents=("jump", "three_step_turn", "point_pose", "side_lunge", "forward_lunge"),
        uppers=(arms.CLAPS, arms.OPEN_CLOSE, arms.REACHES, gestures.RAISE_THE_ROOF, gestures.DISCO, arms.ARM_RAISES,
                trunk.GROOVE),
    ),
    DanceStyle(
        "k_pop",
        ("kpop",),
        Carriage(bounce=0.02, sharpness=0.65, flow=0.1, looseness=0.25, accent=0.9),
        steady=("heart_beats", "frames", "rock", "step_touch", "hip_sway", "box_step", "toe_taps"),
        full=("punches", "skate", "jumping_jacks", "double_claps", "chest_pops", "twist_down", "kick_ball_change",
              "tutting", "quarter_turns", "slide"),
        calm=("frames", "body_roll", "arm_wave", "head_turns", "heart_beats"),
        accents=("jump", "point_pose", "kneel", "spin", "side_lunge"),
        uppers=(gestures.HEART_BEATS, gestures.FRAMES, gestures.PUSHES, arms.OPEN_CLOSE, arms.CLAPS,
                arms.PUNCHES, arms.REACHES),
        facing=0.35,
    ),
    DanceStyle(
        "latin",
        ("latin",),
        Carriage(bounce=0.008, sharpness=0.2, flow=0.5, looseness=0.4, turn_out=0.25),
        steady=("mambo", "salsa", "cha_cha", "hip_sway", "side_roll"),
        full=("salsa", "cha_cha", "three_step_turn", "mambo", "shimmy", "grapevine", "paddle_turn"),
        calm=("hip_circles", "body_roll", "hip_sway", "arm_circles", "shimmy"),
        rising=("shimmy", "hip_sway", "cha_cha", "salsa"),
        accents=("spin", "three_step_turn", "side_lunge", "point_pose"),
        uppers=(trunk.LATIN, trunk.HIP_LED, arms.SWAYING_ARMS, gestures.LASSO, trunk.HANDS_ON_HIPS),
    ),
    DanceStyle(
        "classical",
        ("pentatonic", "classical_chinese", "silk_road", "court_drums", "opera"),
        Carriage(bounce=0.005, sharpness=0.0, flow=0.85, looseness=0.5, turn_out=0.3, accent=0.3),
        steady=("cloud_hands", "plies", "walk", "double_rock", "pas_de_bourree", "rise"),
        full=("cloud_hands", "paddle_turn", "kneel", "pas_de_bourree", "arm_circles", "walk_around", "step_behind"),
        calm=("cloud_hands", "plies", "kneel", "side_roll", "arm_circles"),
        rising=("cloud_hands", "walk_around", "rise", "arm_circles"),
        accents=("spin", "side_lunge", "kneel", "rise"),
        uppers=(arms.PORT_DE_BRAS, arms.FAN_SWEEP, arms.CLOUD_HANDS, arms.ARM_CIRCLES, arms.SWAYING_ARMS),
    ),
    DanceStyle(
        "folk",
        ("reed_pipes", "gourd_flute", "oasis"),
        Carriage(is_up_on_beat=True, bounce=0.03, sharpness=0.15, flow=0.5, looseness=0.6, turn_out=0.2),
        steady=("step_touch", "heel_taps", "step_kick", "march", "step_behind", "grapevine"),
        full=("pony", "scissors", "side_kicks", "walk_around", "paddle_turn", "grapevine", "knee_lifts",
              "charleston"),
        calm=("double_rock", "hip_sway", "plies", "arm_circles"),
        rising=("march", "step_kick", "heel_taps", "high_claps", "knee_lifts"),
        accents=("three_step_turn", "jump", "kneel", "side_leap"),
        uppers=(arms.WINGS, arms.SWAYING_ARMS, arms.CLAPS, trunk.HANDS_ON_HIPS, arms.FAN_SWEEP, arms.ARM_RAISES),
    ),
)  # fmt: skip

STYLES: dict[str, DanceStyle] = {style.name: style for style in _STYLES}
STYLE_OF_SONG: dict[str, DanceStyle] = {song: style for style in _STYLES for song in style.songs}
