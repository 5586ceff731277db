from __future__ import annotations

import itertools

import numpy as np

from macedance.data.band.bars import REST, Bar, plan_bars
from macedance.data.band.form import PlannedSection, plan_window
from macedance.data.song_styles import STYLES

DROP = PlannedSection("drop", 0, 16, 1.0, 1.0)
PLAN = [
    PlannedSection("verse", 0, 16, 0.5, 0.5),
    PlannedSection("build", 16, 8, 0.5, 0.95),
    PlannedSection("drop", 24, 32, 1.0, 1.0),
    PlannedSection("break", 56, 8, 0.3, 0.3),
]


def drawn_bars(num_seeds: int = 40) -> list[Bar]:
    return [
        bar
        for seed in range(num_seeds)
        for bar in plan_bars(np.random.default_rng(seed), STYLES["pop"], PLAN)
    ]


def test_bars_follow_one_another():
    bars = plan_bars(np.random.default_rng(0), STYLES["pop"], PLAN)
    assert [bar.first_step for bar in bars] == list(range(0, 16 * 16, 16))
    assert [place for place, bar in enumerate(bars) if bar.is_last] == [3, 5, 13, 15]


def test_the_energy_of_a_bar_is_that_of_its_section():
    build = Bar(PLAN[1], 1)
    assert build.energy_at(0) == 0.725
    assert build.energy_at(16) == 0.95


def test_players_rest_after_hits_and_in_silences():
    bar = Bar(DROP, 1, hits="..x..x..........", silent_from=12)
    assert [step for step in range(16) if bar.is_open(step)] == [0, 1, 9, 10, 11]


def test_all_go_on_after_the_hit_of_an_arrival():
    assert all(Bar(DROP, 0, hits="x" + REST[1:], is_arrival=True).is_open(step) for step in range(16))


def test_drops_begin_with_a_hit_and_builds_end_with_a_stop_now_and_then():
    bars = drawn_bars()
    arrivals = [bar for bar in bars if bar.section.name == "drop" and bar.number == 0]
    assert all(bar.hit_steps == (0,) and bar.is_arrival for bar in arrivals)
    stops = [bar.silent_from < 16 for bar in bars if bar.section.name == "build" and bar.is_last]
    assert 0.4 < np.mean(stops) < 0.95
    assert all(bar.silent_from == 16 for bar in bars if not bar.is_last)


def test_drops_are_marked_by_the_styles_hits():
    patterns = {bar.hits for bar in drawn_bars() if bar.section.name == "drop" and not bar.is_arrival} - {
        REST
    }
    assert patterns == set(STYLES["pop"].hits)


def test_most_sections_end_with_one_of_several_fills():
    ends = [bar.fill for bar in drawn_bars() if bar.section.name == "verse" and bar.is_last]
    fills = {tuple(fill.items()) for fill in ends if fill}
    assert len(fills) >= 4
    assert np.mean([bool(fill) for fill in ends]) > 0.6


def test_windows_are_covered_by_sections_in_musical_order():
    follows: dict[str, set[str]] = {}
    for seed in range(60):
        plan, start = plan_window(np.random.default_rng(seed), 200, build_share=0.5)
        assert plan[0].first_beat <= start < plan[0].end_beat
        assert plan[-1].first_beat < start + 200 <= plan[-1].end_beat
        for part, following in itertools.pairwise(plan):
            assert part.end_beat == following.first_beat
            follows.setdefault(part.name, set()).add(following.name)
    assert follows == {
        "intro": {"verse"},
        "verse": {"build", "drop"},
        "build": {"drop"},
        "drop": {"break", "verse", "outro"},
        "break": {"build", "drop", "verse"},
        "outro": {"intro"},
    }


def test_sections_differ_in_energy():
    energies: dict[str, list[float]] = {}
    for seed in range(60):
        for part in plan_window(np.random.default_rng(seed), 200, build_share=0.5)[0]:
            energies.setdefault(part.name, []).append(part.energy_at(part.first_beat + part.num_beats / 2))
    assert max(energies["break"]) < min(energies["verse"])
    assert max(energies["verse"]) < min(energies["drop"])
    assert np.ptp(energies["verse"]) > 0.1
