from __future__ import annotations

import numpy as np
import pytest

from macedance.data.choreography.moves import LEFT, RIGHT, Footwork, UpperBody, left, right
from macedance.data.choreography.vocabulary import MOVES

from .written_dance import written

FOOTWORKS = {move.footwork.name: move.footwork for move in MOVES.values()}
UPPER_BODIES = {move.upper.name: move.upper for move in MOVES.values()}
SIGNS = {
    "pelvis": [-1, -1, -1, 1, -1],
    "tilt": [-1, -1, 1],
    "spine": [-1, -1, 1] * 2 + [1],
    "head": [-1, -1, 1],
}
"""What a mirror does to the channels of tracks."""


def test_a_mirrored_step_is_of_the_other_foot():
    step = right(2, -0.4, 0.1, turn=0.3, heel=0.2)
    assert step.mirrored() == left(2, 0.4, 0.1, turn=-0.3, heel=0.2)


def test_counts_are_keys_divided_by_the_grid():
    for grid, num_counts in ((1, 8), (2, 4)):
        assert Footwork("any", (), weights=(0.0,) * 8, drops=(0.0,) * 8, grid=grid).num_counts == num_counts


@pytest.mark.parametrize("footwork", FOOTWORKS.values(), ids=FOOTWORKS)
def test_footwork_mirrored_twice_is_itself(footwork):
    assert footwork.mirrored().mirrored() == footwork
    assert footwork.mirrored().weights == tuple(-weight for weight in footwork.weights)


@pytest.mark.parametrize("upper", UPPER_BODIES.values(), ids=UPPER_BODIES)
def test_upper_bodies_mirrored_twice_are_themselves(upper):
    assert upper.mirrored().mirrored() == upper
    assert upper.mirrored().arms == tuple(pair[::-1] for pair in upper.arms)


def test_a_mirrored_upper_body_turns_and_rolls_the_other_way_and_bends_the_same():
    upper = UpperBody("any", (("hip", "side"),), spine=((0.1, 0.2, 0.3),), shoulders=((0.4, 0.0),))
    mirrored = upper.mirrored()
    assert mirrored.spine == ((-0.1, -0.2, 0.3),)
    assert mirrored.shoulders == ((0.0, 0.4),)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_begun_with_the_left_foot_it_is_the_mirror_image(move):
    begun = {foot: written(move, first_foot=foot) for foot in (LEFT, RIGHT)}
    for name, signs in SIGNS.items():
        tracks = [getattr(begun[foot], name) for foot in (LEFT, RIGHT)]
        np.testing.assert_array_equal(tracks[0].counts, tracks[1].counts)
        np.testing.assert_allclose(tracks[0].values * signs, tracks[1].values, atol=1e-9, err_msg=name)
    for foot, other in ((LEFT, RIGHT), (RIGHT, LEFT)):
        feet = [begun[LEFT].feet[foot], begun[RIGHT].feet[other]]
        np.testing.assert_allclose(feet[0].values * [-1, 1, 1, -1, 1, 1], feet[1].values, atol=1e-9)
        arms = [begun[LEFT].arms[foot], begun[RIGHT].arms[other]]
        np.testing.assert_allclose(arms[0].values, arms[1].values, atol=1e-9)


def test_mirror_images_differ():  # or else the test above would show nothing
    begun = [written(MOVES["grapevine"], first_foot=foot) for foot in (LEFT, RIGHT)]
    assert np.abs(begun[0].pelvis.values - begun[1].pelvis.values).max() > 0.5
