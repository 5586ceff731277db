from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from macedance.data.choreography import choreograph
from macedance.data.choreography.choreographer import perform
from macedance.data.choreography.vocabulary import MOVES
from macedance.data.songs import Section, make_song
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.move_sheet import dance_sheet, jpeg_within, move_row, performed, shown_counts, stacked
from macedance.render.scene import Scene

SIZE_PX = (32, 40)


def middles(sheet: np.ndarray, num: int) -> list[np.ndarray]:
    """The part of each picture that has no writing."""
    width, height = SIZE_PX
    pictures = [
        sheet[row * height :, column * width :][:height, :width]
        for row in range(len(sheet) // height)
        for column in range(8)
    ]
    return [picture[12:26] for picture in pictures[:num]]


def drawn(motion: Motion, frames: Sequence[int]) -> list[np.ndarray]:
    return [picture[12:26] for picture in Scene(motion, size_px=SIZE_PX).frames(list(frames))]


@pytest.mark.parametrize(("name", "beats"), [("march", np.arange(8) / 2), ("mambo", np.arange(8))])
def test_a_row_shows_a_move_at_its_counts(name: str, beats: np.ndarray) -> None:
    move = MOVES[name]
    sheet = move_row(move, bpm=90, seed=2, size_px=SIZE_PX, body=BodyModel())
    assert sheet.shape == (40, 8 * 32, 3)
    motion = performed(move, bpm=90, seed=2)
    np.testing.assert_array_equal(middles(sheet, 8), drawn(motion, (beats * 20).astype(int)))
    assert shown_counts(move) == [beat + 1 for beat in beats]


def test_a_move_is_danced_twice() -> None:
    move = MOVES["grapevine"]
    motion = performed(move, bpm=120, seed=0)
    assert motion.num_frames == 2 * 4 * 15
    np.testing.assert_array_equal(motion.poses, perform(move, bpm=120, num_counts=8)[0])


@pytest.mark.parametrize(("seconds", "rows"), [(5.0, 1), (14.0, 2)])
def test_a_dance_is_shown_on_beats(seconds: float, rows: int) -> None:
    song = make_song(seconds, 3, style="pop", sample_rate=8000)
    motion = Motion(*choreograph(song, 3))
    sheet = dance_sheet(song, motion, size_px=SIZE_PX, body=BodyModel())
    num = min(16, len(song.beats))
    assert sheet.shape == (rows * 40, 8 * 32, 3)
    beats = song.beats[np.unique(np.linspace(0, len(song.beats) - 1, num).round().astype(int))]
    np.testing.assert_array_equal(middles(sheet, num), drawn(motion, np.round(beats * 30).astype(int)))


def test_beats_are_labelled_with_their_section(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict = {}
    monkeypatch.setattr("macedance.render.move_sheet.contact_sheet", lambda motion, **how: told.update(how))
    song = make_song(5.0, 3, style="kpop", sample_rate=8000)
    boundary = float(song.beats[2])
    sections = (Section("verse", -1.0, boundary, 0.5), Section("drop", boundary, 9.0, 1.0))
    object.__setattr__(song, "sections", sections)
    dance_sheet(song, Motion(*choreograph(song, 3)), size_px=SIZE_PX, body=BodyModel())
    assert told["labels"][:4] == ["1 verse", "2 verse", "3 drop", "4 drop"]
    assert told["title"] == f"kpop, danced as k pop, {song.bpm:.0f} bpm"


def test_rows_are_brought_to_one_width() -> None:
    rows = [Image.new("RGB", (80, 10), "red"), Image.new("RGB", (40, 10), "blue")]
    sheet = np.asarray(stacked(rows, 40))
    assert sheet.shape == (5 + 2 + 10, 40, 3)
    assert (sheet[:5] == (255, 0, 0)).all()
    assert (sheet[7:] == (0, 0, 255)).all()


def test_a_jpeg_has_the_quality_that_there_is_room_for() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    large, small = jpeg_within(noise, 1_000_000), jpeg_within(noise, 3_000)
    assert len(small) <= 3_000 < len(large)
    assert Image.open(io.BytesIO(small)).size == (64, 64)
