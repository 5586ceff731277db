from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from macedance.data.choreography.composition import DancedMove
from macedance.data.choreography.dancer import Carriage, Dancer
from macedance.data.choreography.moves import Move
from macedance.data.choreography.score_writer import ScoreWriter
from macedance.data.choreography.styles import STYLES
from macedance.data.choreography.vocabulary import MOVES
from macedance.geometry.body_model import BodyModel
from macedance.render.gallery import Gallery
from macedance.render.gallery_items import GallerySettings, make_item
from macedance.render.gallery_page import gallery_page, move_facts

from ..browser import Browser

STATES = """[...document.querySelectorAll("video")].map((video) => video.paused ? "still" : "plays")"""


def page_of(settings: GallerySettings) -> str:
    gallery = Gallery("nowhere", settings)
    return gallery_page(settings, gallery.moves, gallery.dances)


def test_the_page_shows_all_moves_styles_and_dances() -> None:
    page = page_of(GallerySettings(num_dances=3))
    assert re.findall(r'id="move-(\w+)"', page) == [
        name for kind in dict.fromkeys(move.kind for move in MOVES.values())
        for name, move in MOVES.items() if move.kind == kind
    ]  # fmt: skip
    assert all(f"<h3>{name.replace('_', ' ')}</h3>" in page for name in STYLES)
    assert len(re.findall(r'<video src="dances/\d\d-\w+\.mp4" controls', page)) == 3
    assert set(re.findall(r'href="#move-(\w+)"', page)) <= set(MOVES)
    linked = set(re.findall(r'href="#([\w-]+)"', page))
    assert linked <= set(re.findall(r'id="([\w-]+)"', page))


def test_it_needs_no_network_and_takes_no_markup() -> None:
    page = page_of(GallerySettings(("spin",), num_dances=1, body="<b>file</b>"))
    assert "<b>" not in page
    assert not re.search(r"https?:|url\(|@import|\bfetch\(", page)
    assert "default-src 'none'" in page


def test_a_part_of_the_moves_is_linked_alone() -> None:
    page = page_of(GallerySettings(("spin",), num_dances=0, has_videos=False))
    assert set(re.findall(r'href="#move-(\w+)"', page)) == {"spin"}
    assert "<video" not in page
    assert 'src="moves/spin.jpg"' in page
    assert f"1 move, {len(STYLES)} styles, 0 dances; body: mannequin" in page
    assert 'id="dances"' not in page


@pytest.mark.parametrize("move", MOVES.values(), ids=lambda move: move.name)
def test_it_tells_whether_a_move_is_mirrored_when_it_comes_again(move: Move) -> None:
    dancer = Dancer.draw(Carriage(), np.random.default_rng(0))
    writer = ScoreWriter(0.6, dancer, offbeat=0.5, energy_at=lambda count: 0.9)
    writer.write_phrase((DancedMove(move, move.upper),), 0)
    begins_with_other_foot = writer.weight <= 0
    assert ("then mirrored" in move_facts(move)) == begins_with_other_foot


def test_it_tells_tempo_and_energy() -> None:
    facts = move_facts(MOVES["run"])
    run = MOVES["run"]
    assert facts[:3] == [
        "4 counts",
        f"up to {run.max_bpm:g} bpm, above in half time",
        f"energy from {run.min_energy:g}",
    ]
    assert f"up to {MOVES['kneel'].max_bpm:g} bpm, above left out" in move_facts(MOVES["kneel"])
    assert f"shown at {run.max_bpm:g} bpm" in page_of(GallerySettings(("run",), num_dances=0, bpm=180))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    gallery = Gallery(
        folder, GallerySettings(("step_touch", "rise"), num_dances=1, seconds=4, size_px=64, bpm=150)
    )
    gallery.begin(overwrite=False)
    for item in gallery.missing():
        make_item(folder, item, BodyModel())
    gallery.finish()
    return folder


def test_moves_play_silently_in_view_and_dances_when_asked(made: Path, browser: Browser) -> None:
    browser.resize(1000, 300)
    browser.open(made / "index.html")
    assert browser.value_of('[...document.images].every((image) => image.loading === "lazy")')
    browser.value_of("document.getElementById('move-step_touch').scrollIntoView()")
    browser.wait_until(f"{STATES}.join() === 'plays,still,still'")
    browser.wait_until("document.querySelector('video').currentTime > 0.2")
    assert browser.value_of("[...document.querySelectorAll('video')].map((video) => video.muted)") == [
        True, True, False,
    ]  # fmt: skip
    browser.value_of("document.getElementById('dances').scrollIntoView()")
    browser.wait_until(f"{STATES}.join() === 'still,still,still'")
    browser.wait_until("[...document.images].at(-1).naturalWidth > 0")
    assert browser.complaints == []
    assert browser.requests == []


def test_a_click_lets_one_beat_be_heard(made: Path, browser: Browser) -> None:
    muted = "[...document.querySelectorAll('video[loop]')].map((video) => video.muted).join()"
    browser.resize(1000, 900)
    browser.open(made / "index.html")
    for selector, expected in (
        ("#move-step_touch video", "false,true"),
        ("#move-rise video", "true,false"),
        ("#move-rise video", "true,true"),
    ):
        browser.click(selector)
        assert browser.value_of(muted) == expected
