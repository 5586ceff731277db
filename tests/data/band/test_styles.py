from __future__ import annotations

import pytest

from macedance.data.band.drum_fills import BREAK_GROOVES, ROLLS, STOPS
from macedance.data.band.drum_sounds import DRUMS
from macedance.data.band.harmony import HARMONIES
from macedance.data.band.step_clock import STEPS_PER_BAR
from macedance.data.band.style import Groove, Style
from macedance.data.band.timbres import TIMBRES
from macedance.data.genres import GENRES
from macedance.data.song_styles import STYLES
from macedance.data.songs import MAX_BPM, MIN_BPM

every_style = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)


def assert_pattern(pattern: str, marks: str) -> None:
    assert len(pattern) == STEPS_PER_BAR
    assert set(pattern) <= set(marks + ".")


def assert_groove(groove: Groove) -> None:
    assert set(groove) <= set(DRUMS)
    for pattern in groove.values():
        assert_pattern(pattern, "xog")


@every_style
def test_every_pattern_is_a_bar_of_known_marks(style: Style) -> None:
    for groove in (*style.verse, *style.drop, *style.fills):
        assert_groove(groove)
    for pattern in style.bass:
        assert_pattern(pattern, "r3578a")
    for pattern in style.chords:
        assert_pattern(pattern, "xs123456")
    for pattern in style.hits:
        assert_pattern(pattern, "x")


@every_style
def test_every_style_has_choices_and_known_names(style: Style) -> None:
    assert style.genre in GENRES
    assert MIN_BPM <= style.bpm[0] < style.bpm[1] <= MAX_BPM
    assert all(
        len(choices) >= 2 for choices in (style.verse, style.drop, style.bass, style.chords, style.hits)
    )
    assert len(style.fills) >= 3
    assert set(style.harmonies) <= set(HARMONIES)
    timbres = {*style.bass_timbres, *style.chord_timbres, *style.lead_timbres, *style.pad_timbres}
    assert timbres <= set(TIMBRES)


@every_style
def test_drops_differ_from_verses(style: Style) -> None:
    assert not [groove for groove in style.drop if groove in style.verse]


def test_styles_cover_the_genres() -> None:
    assert {style.genre for style in STYLES.values()} == set(GENRES)


def test_what_all_styles_share_is_whole() -> None:
    for groove in BREAK_GROOVES:
        assert_groove(groove)
    for pattern in (*ROLLS, *(hits for hits, _ in STOPS)):
        assert_pattern(pattern, "x")
    assert all(hits[silent_from:] == "." * (STEPS_PER_BAR - silent_from) for hits, silent_from in STOPS)
