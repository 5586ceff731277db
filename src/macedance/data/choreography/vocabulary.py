"""The vocabulary: every move by its name."""

from __future__ import annotations

from macedance.data.choreography import arm_patterns as arms
from macedance.data.choreography import gestures, stationary, steps
from macedance.data.choreography import trunk_patterns as trunk
from macedance.data.choreography.moves import Move

MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move("step_touch", "step", steps.STEP_TOUCH, trunk.GROOVE, can_travel=True),
        Move("double_step_touch", "step", steps.DOUBLE_STEP_TOUCH, arms.CLAPS),
        Move("grapevine", "step", steps.GRAPEVINE, arms.OPEN_CLOSE, min_energy=0.4),
        Move("box_step", "step", steps.BOX_STEP, trunk.OPPOSITION),
        Move("mambo", "step", steps.MAMBO, trunk.LATIN),
        Move("cha_cha", "step", steps.CHA_CHA, trunk.LATIN, min_energy=0.4, max_bpm=126),
        Move("salsa", "step", steps.SALSA, trunk.HIP_LED, has_own_arms=True),
        Move("march", "step", steps.MARCH, trunk.OPPOSITION, can_travel=True),
        Move(
            "run",
            "step",
            steps.RUN,
            trunk.FAST_OPPOSITION,
            min_energy=0.8,
            has_own_arms=True,
            max_bpm=130,
            can_travel=True,
        ),
        Move("walk", "step", steps.WALK, trunk.ARM_SWINGS),
        Move("heel_taps", "step", steps.HEEL_TAPS, arms.CLAPS),
        Move("toe_taps", "step", steps.TOE_TAPS, gestures.DISCO),
        Move("cross_taps", "step", steps.CROSS_TAPS, trunk.SHOULDER_BOUNCE),
        Move("step_behind", "step", steps.STEP_BEHIND, arms.REACHES),
        Move("back_steps", "step", steps.BACK_STEPS, arms.PULLS),
        Move(
            "toprock",
            "step",
            steps.TOPROCK,
            gestures.TOPROCK_ARMS,
            min_energy=0.5,
            has_own_arms=True,
            can_travel=True,
        ),
        Move("skate", "step", steps.SKATE, trunk.ARM_SWINGS, min_energy=0.4, can_travel=True),
        Move("slide", "step", steps.SLIDE, gestures.PUSHES),
        Move("pas_de_bourree", "step", steps.PAS_DE_BOURREE, arms.PORT_DE_BRAS, max_bpm=130),
        Move(
            "pony", "step", steps.PONY, gestures.RAISE_THE_ROOF, min_energy=0.6, max_bpm=128, can_travel=True
        ),
        Move("knee_lifts", "step", steps.KNEE_LIFTS, arms.PULLS, min_energy=0.5, can_travel=True),
        Move("kicks", "step", steps.KICKS, arms.CLAPS, min_energy=0.6),
        Move("side_kicks", "step", steps.SIDE_KICKS, arms.WINGS, min_energy=0.6),
        Move("step_kick", "step", steps.STEP_KICK, trunk.ARM_SWINGS, min_energy=0.5, can_travel=True),
        Move(
            "kick_ball_change",
            "step",
            steps.KICK_BALL_CHANGE,
            gestures.HAT_TIPS,
            min_energy=0.5,
            max_bpm=128,
        ),
        Move("charleston", "step", steps.CHARLESTON, trunk.OPPOSITION, min_energy=0.5, has_own_arms=True),
        Move("running_man", "step", steps.RUNNING_MAN, arms.PULLS, min_energy=0.7, max_bpm=126),
        Move("walk_around", "turn", stationary.WALK_AROUND, arms.SWAYING_ARMS, min_energy=0.4),
        Move("quarter_turns", "turn", stationary.QUARTER_TURNS, trunk.GROOVE),
        Move("three_step_turn", "turn", stationary.THREE_STEP_TURN, gestures.SPIN_ARMS, 0.5, 1.0, True, 165),
        Move("paddle_turn", "turn", stationary.PADDLE_TURN, gestures.LASSO, min_energy=0.5),
        Move(
            "spin",
            "turn",
            stationary.SPIN,
            gestures.SPIN_ARMS,
            min_energy=0.6,
            has_own_arms=True,
            max_bpm=130,
        ),
        Move("plies", "level", stationary.PLIES, arms.PORT_DE_BRAS),
        Move("side_lunge", "level", stationary.SIDE_LUNGE, gestures.LUNGE_ARMS, has_own_arms=True),
        Move("forward_lunge", "level", stationary.FORWARD_LUNGE, arms.UPPERCUTS, min_energy=0.5),
        Move("floor_touch", "level", stationary.CROUCH, gestures.FLOOR_TOUCH, 0.5, 1.0, True, 130),
        Move("kneel", "level", stationary.KNEEL, gestures.KNEELING_ARMS, has_own_arms=True, max_bpm=126),
        Move("twist_down", "level", stationary.TWIST_DOWN, trunk.OPPOSITION, min_energy=0.5),
        Move("rise", "level", stationary.RISE, arms.ARM_RAISES, max_bpm=130),
        Move("jump", "jump", stationary.JUMP, gestures.JUMP_ARMS, min_energy=0.7, has_own_arms=True),
        Move(
            "jumping_jacks",
            "jump",
            stationary.JUMPING_JACKS,
            gestures.JACK_ARMS,
            0.8,
            1.0,
            True,
            can_travel=True,
        ),
        Move("scissors", "jump", stationary.SCISSORS, trunk.OPPOSITION, min_energy=0.8, max_bpm=140),
        Move("jump_turns", "jump", stationary.JUMP_TURNS, arms.PULLS, min_energy=0.8, can_travel=True),
        Move("side_leap", "jump", stationary.SIDE_LEAP, arms.WINGS, min_energy=0.7),
        Move("twist", "groove", stationary.TWIST, trunk.OPPOSITION, min_energy=0.4),
        Move("bounce", "groove", stationary.BOUNCE, trunk.SHOULDER_BOUNCE),
        Move("rock", "groove", stationary.ROCK, arms.CABBAGE_PATCH),
        Move("double_rock", "groove", stationary.DOUBLE_ROCK, arms.SWAYING_ARMS),
        Move("hip_sway", "groove", stationary.HIP_SWAY, trunk.HANDS_ON_HIPS),
        Move(
            "hip_circles", "isolation", stationary.HIP_CIRCLES, trunk.HIP_LED, has_own_arms=True, max_bpm=126
        ),
        Move("body_roll", "isolation", stationary.HOLD, trunk.BODY_ROLL, has_own_arms=True, max_bpm=120),
        Move(
            "side_roll", "isolation", stationary.DOUBLE_ROCK, trunk.SIDE_ROLL, has_own_arms=True, max_bpm=126
        ),
        Move("chest_pops", "isolation", stationary.WIDE_HOLD, trunk.CHEST_POPS, has_own_arms=True),
        Move("rib_slides", "isolation", stationary.WIDE_HOLD, trunk.RIB_SLIDES, has_own_arms=True),
        Move("shimmy", "isolation", stationary.ROCK, trunk.SHIMMY, min_energy=0.4, has_own_arms=True),
        Move("head_nods", "isolation", stationary.BOUNCE, trunk.HEAD_NODS),
        Move("head_turns", "isolation", stationary.WIDE_HOLD, trunk.HEAD_TURNS, has_own_arms=True),
        Move("arm_wave", "arms", stationary.DOUBLE_ROCK, arms.ARM_WAVE, has_own_arms=True, max_bpm=126),
        Move("tutting", "arms", stationary.HOLD, gestures.TUTTING, has_own_arms=True),
        Move("robot", "arms", stationary.WIDE_HOLD, gestures.ROBOT, has_own_arms=True),
        Move("lock_points", "arms", stationary.BOUNCE, gestures.LOCK_POINTS, has_own_arms=True),
        Move("punches", "arms", stationary.ROCK, arms.PUNCHES, min_energy=0.5, has_own_arms=True),
        Move("arm_circles", "arms", stationary.DOUBLE_ROCK, arms.ARM_CIRCLES, has_own_arms=True),
        Move("cloud_hands", "arms", stationary.DOUBLE_ROCK, arms.CLOUD_HANDS, has_own_arms=True),
        Move("frames", "arms", stationary.CONTRAPPOSTO, gestures.FRAMES, has_own_arms=True),
        Move("high_claps", "arms", stationary.BOUNCE, arms.HIGH_CLAPS, min_energy=0.6, has_own_arms=True),
        Move("double_claps", "arms", stationary.ROCK, arms.DOUBLE_CLAPS, 0.5, 1.0, True, 130),
        Move("heart_beats", "arms", stationary.ROCK, gestures.HEART_BEATS, has_own_arms=True),
        Move("point_pose", "pose", stationary.CONTRAPPOSTO, gestures.POINT_AND_HOLD, has_own_arms=True),
        Move("folded_pose", "pose", stationary.SIDE_LUNGE, gestures.FOLD_AND_HOLD, has_own_arms=True),
        Move("freeze", "pose", stationary.B_BOY_STANCE, gestures.FREEZE, has_own_arms=True),
    )
}
"""Told for a dancer who begins with the right foot; see :class:`Move`."""
