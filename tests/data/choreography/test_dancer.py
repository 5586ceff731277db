from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from macedance.data.choreography.dancer import IDLE_CHANNELS, Carriage, Dancer
from macedance.data.choreography.styles import STYLES


def test_dancers_of_one_style_are_alike_but_not_the_same():
    style = STYLES["popping"].carriage
    dancers = [Dancer.draw(style, np.random.default_rng(seed)) for seed in range(30)]
    for field in dataclasses.fields(Carriage):
        drawn = [getattr(dancer.carriage, field.name) for dancer in dancers]
        if field.name == "is_up_on_beat":
            assert set(drawn) == {style.is_up_on_beat}
            continue
        assert len(set(drawn)) > 5
        assert np.abs(np.array(drawn) - getattr(style, field.name)).max() < 0.4
    for name in ("sharpness", "flow", "looseness"):
        assert all(0 <= getattr(dancer.carriage, name) <= 1 for dancer in dancers)


def test_a_seed_fixes_the_dancer():
    one, other = (Dancer.draw(Carriage(), np.random.default_rng(7)) for _ in range(2))
    assert one.carriage == other.carriage
    np.testing.assert_array_equal(one.idle_phases, other.idle_phases)


@pytest.mark.parametrize("seed", range(3))
def test_idle_drifts_are_slow_and_small(seed):
    seconds = np.arange(0, 60, 1 / 60)
    idle = Dancer.draw(Carriage(), np.random.default_rng(seed)).idle(seconds)
    assert idle.shape == (len(seconds), IDLE_CHANNELS)
    assert 0.5 < np.abs(idle).max() <= 1
    assert np.abs(np.diff(idle, axis=0)).max() * 60 < 2 * np.pi * 0.5
