from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.choreography.composition import HALF_TIME_BPM, Composer, DancedMove, Phrase
from macedance.data.choreography.moves import COUNTS_PER_PHRASE
from macedance.data.choreography.styles import STYLES
from macedance.data.choreography.vocabulary import MOVES

SECTIONS = ("intro", "verse", "build", "drop", "break", "outro")


def composer(style: str = "pop", bpm: float = 100.0, seed: int = 0) -> Composer:
    return Composer(STYLES[style], bpm, np.random.default_rng(seed))


def names(phrases: list[Phrase]) -> list[list[str]]:
    return [[danced.move.name for danced in phrase] for phrase in phrases]


def danced_moves(phrases: list[Phrase]) -> list[DancedMove]:
    return [danced for phrase in phrases for danced in phrase]


songs = given(
    style=st.sampled_from(sorted(STYLES)),
    bpm=st.floats(80, 160),
    seed=st.integers(0, 10_000),
    section=st.sampled_from(SECTIONS),
    energy=st.floats(0, 1),
)


@settings(deadline=None, max_examples=300)
@songs
def test_phrases_always_fill_eight_beats(style, bpm, seed, section, energy):
    phrases = composer(style, bpm, seed).phrases(section, energy, 5)
    assert len(phrases) == 5
    assert [sum(danced.num_beats for danced in phrase) for phrase in phrases] == [COUNTS_PER_PHRASE] * 5


@settings(deadline=None, max_examples=300)
@songs
def test_moves_suit_the_style_the_section_the_energy_and_the_tempo(style, bpm, seed, section, energy):
    grammar = STYLES[style]
    phrases = composer(style, bpm, seed).phrases(section, energy, 5)
    accents = set() if section == "build" else set(grammar.accents)
    for danced in danced_moves(phrases):
        move = danced.move
        assert move.name in {*grammar.moves_of(section), *accents, "step_touch"}
        if move.name not in {*accents, "step_touch"}:
            assert move.min_energy <= energy + 0.1
        assert danced.pace in ((2,) if bpm > move.max_bpm else (1, 2))
        assert 0.8 < danced.size < 1.2
        assert danced.upper is move.upper or (not move.has_own_arms and danced.upper in grammar.uppers)
        assert danced.travel == (0.0, 0.0) or move.can_travel
        assert danced.facing == 0 or not move.footwork.headings


def test_accents_are_only_at_the_start_of_drops_and_at_the_end_of_sections():
    for seed in range(30):
        for section in ("verse", "drop"):
            piece = composer("pop", 100, seed)
            phrases = piece.phrases(section, 1.0, 4)
            first, last = section == "drop", True
            inner = [*(phrases[0][first:] if first else phrases[0]), *phrases[1], *phrases[2]]
            inner += phrases[3][:-1] if last else phrases[3]
            assert {danced.move.name for danced in inner} <= set(piece.style.moves_of(section))


@pytest.mark.parametrize("bpm", [90, 120, 150])
def test_too_fast_moves_are_danced_in_half_time(bpm):
    paces: dict[str, set[int]] = {}
    for seed in range(40):
        for danced in danced_moves(composer("house", bpm, seed).phrases("drop", 1.0, 4)):
            paces.setdefault(danced.move.name, set()).add(danced.pace)
    assert len(paces) > 5
    for name, seen in paces.items():
        assert seen == ({2} if bpm > MOVES[name].max_bpm else {1} if MOVES[name].min_energy >= 0.5 else seen)


def test_calm_parts_of_fast_songs_are_sometimes_danced_in_half_time():
    for bpm, expected in ((HALF_TIME_BPM - 10, {1}), (HALF_TIME_BPM + 10, {1, 2})):
        paces = set()
        for seed in range(40):
            for danced in danced_moves(composer("pop", bpm, seed).phrases("verse", 0.6, 4)):
                if danced.move.max_bpm > bpm:
                    paces.add(danced.pace)
        assert paces == expected


def test_sections_of_one_name_share_their_themes():
    for seed in range(10):
        piece = composer("k_pop", 100, seed)
        first = piece.phrases("build", 0.7, 4)
        piece.phrases("verse", 0.6, 4)
        again = piece.phrases("build", 0.7, 4)
        assert again == first


def test_phrases_that_come_again_within_a_section_keep_their_steps():
    form_letters = set()
    for seed in range(10):
        piece = composer("jazz", 100, seed)
        phrases = piece.phrases("build", 0.7, 8)
        assert names(phrases[:4]) == names(phrases[4:])
        form = piece.forms["build"]
        form_letters.add(form)
        for one in range(4):
            for other in range(4):
                if form[one] == form[other]:
                    assert phrases[one] == phrases[other]
    assert len(form_letters) > 1


def test_a_section_that_comes_again_is_danced_with_the_same_phrases():
    piece = composer("jazz", 100, 3)
    first, _, again = (piece.phrases(name, 0.7, 4) for name in ("build", "verse", "build"))
    assert first == again


def test_sections_of_other_names_have_themes_of_their_own():
    different = 0
    for seed in range(10):
        piece = composer("house", 100, seed)
        different += names(piece.phrases("verse", 1.0, 4)) != names(piece.phrases("drop", 1.0, 4))
    assert different >= 9


def test_where_nothing_suits_there_is_still_a_step():
    style = STYLES["folk"]
    only_full = type(style)(**{**vars(style), "steady": ("jump", "scissors")})
    phrases = Composer(only_full, 100.0, np.random.default_rng(0)).phrases("intro", 0.1, 1)
    assert names(phrases)[0][0] == "step_touch"
