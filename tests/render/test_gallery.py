from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from macedance.data.choreography.vocabulary import MOVES
from macedance.data.shards.building import ShardBuilder
from macedance.geometry.body_model import BodyModel
from macedance.render.gallery import MARK, Gallery, sheets_of
from macedance.render.gallery_items import GallerySettings, make_item
from macedance.render.video import probe_video

SETTINGS = GallerySettings(("march", "spin"), num_dances=1, seconds=4, has_videos=False, size_px=64)
FILES = [
    "dances/01-house.jpg",
    "index.html",
    "moves/march.jpg",
    "moves/spin.jpg",
    "sheets/step.jpg",
    "sheets/turn.jpg",
]


def make(gallery: Gallery, *, overwrite: bool = False) -> None:
    gallery.begin(overwrite=overwrite)
    for item in gallery.missing():
        make_item(gallery.folder, item, BodyModel())
    gallery.finish()


def files(folder: Path) -> list[str]:
    shown = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return sorted(path.relative_to(folder).as_posix() for path in shown)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a gallery that is whole."""
    make(Gallery(tmp_path / "gallery", SETTINGS))
    return tmp_path / "gallery"


def test_a_gallery_has_a_page_and_sheets(folder: Path) -> None:
    assert files(folder) == FILES
    assert Image.open(folder / "moves" / "march.jpg").size == (8 * 32, 40)
    assert Image.open(folder / "dances" / "01-house.jpg").height == 40
    assert Gallery(folder, SETTINGS).missing() == []


def test_what_is_there_is_kept(folder: Path) -> None:
    (folder / "moves" / "spin.jpg").unlink()
    (folder / "moves" / "march.jpg").write_bytes(whole := (folder / "dances" / "01-house.jpg").read_bytes())
    gallery = Gallery(folder, SETTINGS)
    gallery.begin(overwrite=False)
    assert [item.name for item in gallery.missing()] == ["moves/spin"]
    make(gallery)
    assert files(folder) == FILES
    assert (folder / "moves" / "march.jpg").read_bytes() == whole


def test_other_settings_need_to_be_asked_for(folder: Path) -> None:
    (folder / "moves" / "notes.txt").write_text("mine")
    other = Gallery(folder, GallerySettings(("march",), num_dances=0, has_videos=False, size_px=64))
    with pytest.raises(FileExistsError, match=r"of other settings; choose another folder, or .* --overwrite"):
        other.begin(overwrite=False)
    assert set(FILES) < set(files(folder))
    make(other, overwrite=True)
    assert files(folder) == ["index.html", "moves/march.jpg", "moves/notes.txt", "sheets/step.jpg"]
    other.begin(overwrite=True)
    assert len(other.missing()) == 1, "all of it is made anew"


@pytest.mark.parametrize("overwrite", [False, True])
def test_other_files_are_left_alone(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FileExistsError, match="holds something else than a gallery"):
        Gallery(tmp_path, SETTINGS).begin(overwrite=overwrite)
    assert files(tmp_path) == ["index.html"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_galleries_and_sets_of_shards_leave_each_other_alone(
    folder: Path, tmp_path: Path, overwrite: bool
) -> None:
    (tmp_path / "set").mkdir()
    shards = ShardBuilder[str](tmp_path / "set", {}, {"seed": 0})
    assert shards.build(lambda job: [])
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileExistsError, match="holds something else than a gallery; choose another folder"):
        Gallery(tmp_path / "set", SETTINGS).begin(overwrite=overwrite)
    with pytest.raises(FileExistsError, match=r"holds something else than this set; choose another folder$"):
        ShardBuilder[str](folder, {}, {"seed": 0}).build(lambda job: [], overwrite=overwrite)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == whole


@pytest.mark.parametrize("name", [MARK, "moves/spin.jpg", "dances/01-house.jpg"])
@pytest.mark.parametrize("left", [0, 40])
def test_what_is_damaged_is_named(folder: Path, name: str, left: int) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:left])
    gallery = Gallery(folder, SETTINGS)
    with pytest.raises(ValueError, match=rf"^--out: {folder / name}.* is damaged; .* --overwrite$"):
        gallery.begin(overwrite=False)
    make(gallery, overwrite=True)
    gallery.begin(overwrite=False)


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_killed_runs_left_is_removed(folder: Path, overwrite: bool) -> None:
    others = {".9999999.notes.txt", "moves/.1.notes.txt", "moves/.mine"}
    if not overwrite:
        others |= {
            "sheets/.x.turn.jpg",
            f"sheets/.{os.getpid()}.step.jpg",
        }  # of another name, of a living run
    left = {(folder / name).with_name(f".9999999.{Path(name).name}") for name in (*FILES, MARK)}
    for file in (*left, *(folder / name for name in others)):
        file.touch()
    Gallery(folder, SETTINGS).begin(overwrite=overwrite)
    hidden = {path.relative_to(folder).as_posix() for path in folder.rglob(".*")}
    assert hidden == {MARK, *others}


def test_videos_last_as_long_as_what_they_show(tmp_path: Path) -> None:
    settings = GallerySettings(("run",), num_dances=1, seconds=4, size_px=64, bpm=150)
    gallery = Gallery(tmp_path, settings)
    make(gallery)
    assert settings.bpm_of(MOVES["run"]) == MOVES["run"].max_bpm < 150
    seconds = {"moves/run": 8 * 60 / MOVES["run"].max_bpm, "dances/01-house": 4.0}
    for name, expected in seconds.items():
        video = probe_video(tmp_path / f"{name}.mp4")
        assert (video.width, video.height, video.fps) == (64, 64, 30)
        assert video.num_frames == round(30 * expected)
        assert video.audio_seconds == pytest.approx(expected, abs=0.03)
    (tmp_path / "moves" / "run.mp4").unlink()
    (tmp_path / "moves" / "run.jpg").write_text("kept")
    assert [item.name for item in gallery.missing()] == ["moves/run"]
    make_item(tmp_path, gallery.moves[0], BodyModel())
    assert (tmp_path / "moves" / "run.mp4").is_file()
    assert (tmp_path / "moves" / "run.jpg").read_text() == "kept"


def test_dances_differ_and_songs_take_turns() -> None:
    gallery = Gallery("nowhere", GallerySettings(num_dances=25))
    names = [item.name for item in gallery.dances]
    assert len(set(names)) == 25
    songs = [item.song() for item in gallery.dances]
    assert len({song.style for song in songs}) > 15
    again = Gallery("nowhere", GallerySettings(num_dances=25)).dances[3].song()
    np.testing.assert_array_equal(songs[3].samples, again.samples)
    same_style = [song for song in songs if song.style == songs[0].style]
    assert len(same_style) == 2
    assert same_style[0].bpm != same_style[1].bpm


def test_sheets_hold_every_move_once() -> None:
    moves = list(MOVES.values())
    sheets = sheets_of(moves)
    assert sorted(move.name for sheet in sheets.values() for move in sheet) == sorted(MOVES)
    assert all(len({move.kind for move in sheet}) == 1 and len(sheet) <= 14 for sheet in sheets.values())
    steps = [len(sheet) for name, sheet in sheets.items() if name.startswith("step-")]
    assert len(steps) > 1
    assert max(steps) - min(steps) <= 1
    assert list(sheets_of(moves[:3])) == ["step"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"moves": ("march", "waltz")}, "moves: must be of step_touch, .*, not waltz$"),
        ({"num_dances": -1}, "dances must not be negative, got -1"),
        ({"seconds": 3.9}, r"seconds must lie in 4\.\.600, got 3.9"),
        ({"seconds": 601}, r"seconds must lie in 4\.\.600, got 601"),
        ({"seconds": float("nan")}, r"seconds must lie in 4\.\.600, got nan"),
        ({"size_px": 65}, r"size must be an even number in 64\.\.2048, got 65"),
        ({"size_px": 62}, r"size must be an even number in 64\.\.2048, got 62"),
        ({"size_px": 2050}, r"size must be an even number in 64\.\.2048, got 2050"),
        ({"bpm": 0.0}, r"bpm must lie in 40\.\.200, got 0"),
        ({"seed": -1}, "seed must not be negative, got -1"),
    ],
)
def test_mistakes_are_named(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GallerySettings(**settings)
