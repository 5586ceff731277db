from __future__ import annotations

import ast
import inspect
import itertools
import math

import numpy as np
import pytest
import torch

from macedance.data.choreography import vocabulary
from macedance.data.choreography.arm_poses import ARM_POSES
from macedance.data.choreography.choreographer import perform
from macedance.data.choreography.feet import SOLE_THICKNESS
from macedance.data.choreography.moves import COUNTS_PER_PHRASE, LEFT, RIGHT, Footwork, Move
from macedance.data.choreography.vocabulary import MOVES
from macedance.metrics.functional.floor_contact import floor_penetration
from macedance.metrics.functional.foot_skating import foot_skating
from macedance.metrics.functional.joint_limits import joint_limit_violations
from macedance.metrics.functional.self_intersection import self_intersection

from .written_dance import joints_of

KNEES, ANKLES, TOES = [4, 5], [7, 8], [10, 11]
FOOTWORKS = {move.footwork.name: move.footwork for move in MOVES.values()}
UPPER_BODIES = {move.upper.name: move.upper for move in MOVES.values()}


def slides(footwork: Footwork) -> bool:
    """Whether feet turn or move on the floor, as they are meant to."""
    pivots = any(step.lift == 0 and step.height == 0 for step in footwork.steps)
    return pivots or bool(footwork.headings) or bool(footwork.jumps)


def test_there_are_many_moves_of_every_kind():
    assert len(MOVES) >= 40
    kinds = {move.kind for move in MOVES.values()}
    assert kinds == {"step", "turn", "jump", "level", "groove", "isolation", "arms", "pose"}


def test_names_are_unique():
    calls = [
        node for node in ast.walk(ast.parse(inspect.getsource(vocabulary))) if isinstance(node, ast.Call)
    ]
    names = [call.args[0].value for call in calls if getattr(call.func, "id", "") == "Move"]
    assert len(names) == len(set(names)) == len(MOVES)
    for move in MOVES.values():
        assert move.footwork is FOOTWORKS[move.footwork.name]
        assert move.upper is UPPER_BODIES[move.upper.name]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_moves_suit_some_energy_and_tempo(move):
    assert 0 <= move.min_energy < 1
    assert move.max_bpm > 80


@pytest.mark.parametrize("footwork", FOOTWORKS.values(), ids=FOOTWORKS)
def test_footwork_fills_whole_or_half_phrases(footwork):
    num_keys = len(footwork.weights)
    assert footwork.grid in (1, 2)
    assert num_keys == footwork.grid * footwork.num_counts
    assert footwork.num_counts in (4, 8)
    assert len(footwork.drops) == num_keys
    assert len(footwork.headings) in (0, num_keys)
    assert len(footwork.path) in (0, num_keys)
    assert num_keys % len(footwork.hips) == num_keys % len(footwork.rolls) == 0
    assert all(-1 <= weight <= 1 for weight in footwork.weights)
    assert footwork.weights[-1] != 0  # which foot begins the next move


@pytest.mark.parametrize("footwork", FOOTWORKS.values(), ids=FOOTWORKS)
def test_steps_are_on_the_grid_and_within_their_footwork(footwork):
    places = [(step.foot, step.count) for step in footwork.steps]
    assert len(places) == len(set(places))
    for step in footwork.steps:
        assert step.foot in (LEFT, RIGHT)
        assert 1 <= step.count < footwork.num_counts + 1
        assert step.count * footwork.grid % 1 == 0
        assert 0 < step.duration <= 2
        assert min(step.height, step.lift) >= 0
        assert math.hypot(step.x, step.z) < 1.1
    for side in (LEFT, RIGHT):
        ends = sorted((step.count, step.duration) for step in footwork.steps if step.foot == side)
        ways = itertools.pairwise(ends)
        assert all(count - duration >= before - 1e-9 for (before, _), (count, duration) in ways)


@pytest.mark.parametrize(
    "footwork", [pytest.param(work, id=name) for name, work in FOOTWORKS.items() if work.jumps]
)
def test_feet_land_where_a_jump_ends(footwork):
    for count in footwork.jumps:
        assert 1 <= count <= footwork.num_counts
        assert {step.foot for step in footwork.steps if step.count == count}


@pytest.mark.parametrize(
    "footwork", [pytest.param(work, id=name) for name, work in FOOTWORKS.items() if work.headings]
)
def test_turns_end_where_the_dancer_faced_before(footwork):
    turns = footwork.headings[-1] / (2 * math.pi)
    assert turns == pytest.approx(round(turns), abs=1e-3)
    assert max(np.abs(np.diff(footwork.headings))) < math.pi + 0.1


@pytest.mark.parametrize("upper", UPPER_BODIES.values(), ids=UPPER_BODIES)
def test_upper_bodies_repeat_within_a_phrase(upper):
    assert (COUNTS_PER_PHRASE / (len(upper.arms) * upper.arm_counts)).is_integer()
    for pattern in (upper.spine, upper.chest, upper.head, upper.pelvis, upper.shoulders):
        assert (COUNTS_PER_PHRASE / (len(pattern) * upper.trunk_counts)).is_integer()
    assert all(len(angles) == 3 for angles in (*upper.spine, *upper.chest, *upper.head, *upper.pelvis))
    assert {name for pair in upper.arms for name in pair} <= set(ARM_POSES)
    assert upper.flow is None or 0 <= upper.flow <= 1
    assert 0 <= upper.wave < 0.5


@pytest.mark.parametrize("bpm", [90, 125])
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_body_can_dance_it(move: Move, bpm: float):
    poses, trans = perform(move, bpm=bpm)
    assert np.isfinite(poses).all()
    assert np.isfinite(trans).all()
    assert joint_limit_violations(torch.from_numpy(poses)) == 0
    assert poses[:, KNEES, 0].min() > 0.1
    assert poses[:, KNEES, 0].max() < 2.6
    assert np.abs(poses[:, KNEES, 1:]).max() < 1e-5
    joints = joints_of(poses, trans)
    assert joints[:, TOES, 1].min() > SOLE_THICKNESS - 1e-4
    assert joints[:, ANKLES, 1].min() > 0.07
    assert floor_penetration(joints, 0.0) == 0
    assert self_intersection(joints) < 0.01
    if not slides(move.footwork):
        assert foot_skating(joints, 30.0).nan_to_num().max() < 0.15


def test_a_performance_lasts_as_many_beats_as_asked_for():
    poses, trans = perform(MOVES["march"], bpm=120, num_counts=8, fps=60)
    assert poses.shape == (240, 24, 3)
    assert trans.shape == (240, 3)
    assert poses.dtype == trans.dtype == np.float32
    again = perform(MOVES["march"], bpm=120, num_counts=8)
    np.testing.assert_array_equal(trans[::2], again[1])


def test_more_energy_makes_larger_movements():
    sizes = [
        joints_of(*perform(MOVES["grapevine"], energy=energy)).std(dim=0).mean() for energy in (0.2, 1.0)
    ]
    assert sizes[1] > 1.1 * sizes[0]
