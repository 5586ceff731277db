from __future__ import annotations

import pytest

from macedance.data.choreography.arm_poses import ARM_POSES
from macedance.data.choreography.styles import STYLE_OF_SONG, STYLES, DanceStyle
from macedance.data.choreography.vocabulary import MOVES
from macedance.data.song_styles import STYLES as SONG_STYLES

SECTIONS = ("intro", "verse", "build", "drop", "break", "outro")
each_style = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)


def names_of(style: DanceStyle) -> set[str]:
    return {*style.accents, *(name for section in SECTIONS for name in style.moves_of(section))}


def test_every_style_of_song_is_danced_in_one_style():
    assert len(STYLES) >= 8
    songs = [song for style in STYLES.values() for song in style.songs]
    assert sorted(songs) == sorted(SONG_STYLES)
    assert all(song in STYLE_OF_SONG[song].songs for song in SONG_STYLES)


@each_style
def test_its_moves_exist_and_it_knows_them(style):
    assert names_of(style) <= set(MOVES)
    assert all(style.knows(name) for name in names_of(style))
    assert not style.knows("moonwalk")
    poses = {pose for upper in style.uppers for pair in upper.arms for pose in pair}
    assert poses <= set(ARM_POSES)


def test_every_move_belongs_to_a_style():
    assert set().union(*map(names_of, STYLES.values())) == set(MOVES)


@each_style
def test_sections_have_moves_to_choose_from(style):
    for section in SECTIONS:
        names = style.moves_of(section)
        assert len(set(names)) == len(names) >= 4, section
    assert len(style.accents) >= 3
    assert len(style.uppers) >= 4
    for section, energy in (("break", 0.2), ("outro", 0.15), ("intro", 0.3)):
        assert sum(MOVES[name].min_energy <= energy for name in style.moves_of(section)) >= 2, section


@each_style
def test_drops_are_fuller_than_breaks(style):
    drop, calm = (
        sum(MOVES[name].min_energy for name in names) / len(names) for names in (style.full, style.calm)
    )
    assert drop >= calm
    assert not any(MOVES[name].footwork.jumps for name in style.calm)


@each_style
def test_bodies_are_carried_as_bodies_can_be(style):
    carriage = style.carriage
    assert 0 <= carriage.bounce <= 0.07
    for share in (carriage.sharpness, carriage.flow, carriage.looseness, style.facing):
        assert 0 <= share <= 1
    assert 0.8 <= carriage.size <= 1.2
    assert -0.1 <= carriage.lean <= 0.2
    assert 0 <= carriage.accent <= 1.2
    assert 0 <= carriage.turn_out <= 0.5
    assert 0 <= carriage.stance <= 0.08


def test_styles_differ_in_how_they_move():
    assert len({style.carriage for style in STYLES.values()}) == len(STYLES)
    assert len({style.steady + style.full for style in STYLES.values()}) == len(STYLES)
