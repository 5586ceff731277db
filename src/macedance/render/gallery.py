"""A folder of moves and dances to look at, in which work that was cut off can be gone on with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from macedance.data.choreography.moves import Move
from macedance.render.gallery_items import DanceItem, GalleryItem, GallerySettings, MoveItem, files_of
from macedance.render.gallery_page import gallery_page
from macedance.render.move_sheet import jpeg_within, stacked
from macedance.whole_files import renamed_when_complete

MARK = ".gallery.json"
"""Tells the settings; a set of shards is marked otherwise, so that neither is taken for the other."""
FOLDERS = ("moves", "dances", "sheets")
PAGE = "index.html"
ROWS_A_SHEET, SHEET_WIDTH_PX = 14, 1000
_LEFT_OVER = re.compile(r"\.(\d{1,7})\.(.+)")
"""Process and name of what :func:`~macedance.whole_files.renamed_when_complete` has not completed."""


class Gallery:
    """A gallery in a folder.

    Its files are::

        index.html              the page
        moves/NAME.jpg, .mp4    each move
        dances/NAME.jpg, .mp4   each dance
        sheets/KIND.jpg         the moves of a kind below each other; numbered if they are many

    Args:
        folder: Where it is.
        settings: What determines it.
    """

    def __init__(self, folder: str | Path, settings: GallerySettings) -> None:
        self.folder, self.settings = Path(folder), settings
        self.moves = [MoveItem(settings, move.name) for move in settings.shown_moves()]
        self.dances = [DanceItem(settings, number) for number in range(settings.num_dances)]
        self._items: list[GalleryItem] = [*self.dances, *self.moves]

    def begin(self, *, overwrite: bool) -> None:
        """Mark the folder as this gallery's, and remove what killed runs left half-written in it.

        Args:
            overwrite: Remove a gallery that is there, of these or other settings.

        Raises:
            FileExistsError: The folder holds something else, or a gallery of other settings and ``overwrite`` is off.
            ValueError: A picture or the mark of the gallery that is there is damaged, and ``overwrite`` is off.
        """
        mark = self.folder / MARK
        if mark.is_file():
            if overwrite:
                self._remove()
            else:
                self._check(mark)
            self._remove_left_overs()
        elif self.folder.is_dir() and any(self.folder.iterdir()):
            raise FileExistsError(
                f"--out: {self.folder} holds something else than a gallery; choose another folder"
            )
        with renamed_when_complete(mark) as partial:
            partial.write_text(json.dumps(asdict(self.settings)))

    def missing(self) -> list[GalleryItem]:
        """The items that lack a file; moves and dances mixed, so that all processes have work to the end."""
        return [
            item for item in self._items if not all((self.folder / name).is_file() for name in files_of(item))
        ]

    def finish(self) -> list[Path]:
        """Write the sheets of the kinds and the page, when all items are there; gives the sheets."""
        sheets = []
        for name, moves in sheets_of(self.settings.shown_moves()).items():
            rows = [Image.open(self.folder / "moves" / f"{move.name}.jpg") for move in moves]
            sheets.append(self.folder / "sheets" / f"{name}.jpg")
            with renamed_when_complete(sheets[-1]) as partial:
                partial.write_bytes(jpeg_within(stacked(rows, SHEET_WIDTH_PX)))
        with renamed_when_complete(self.folder / PAGE) as partial:
            partial.write_text(gallery_page(self.settings, self.moves, self.dances), encoding="utf-8")
        return sheets

    def _check(self, mark: Path) -> None:
        """Refuse what is there if it is another gallery, or damaged."""
        try:
            found = json.loads(mark.read_text())
        except ValueError as error:
            raise ValueError(
                f"--out: {mark}, which tells the settings, is damaged; make the gallery anew with --overwrite"
            ) from error
        if found != json.loads(json.dumps(asdict(self.settings))):
            raise FileExistsError(
                f"--out: {self.folder} holds a gallery of other settings; choose another folder, or replace it "
                "with --overwrite"
            )
        for item in self._items:
            picture = self.folder / f"{item.name}.jpg"
            if picture.is_file():
                _check_picture(picture)

    def _files(self) -> list[Path]:
        """All files of the gallery, there or not."""
        names = [MARK, PAGE, *(name for item in self._items for name in files_of(item))]
        names += [f"sheets/{sheet}.jpg" for sheet in sheets_of(self.settings.shown_moves())]
        return [self.folder / name for name in names]

    def _remove_left_overs(self) -> None:
        own = set(self._files())
        for folder in (self.folder, *(self.folder / name for name in FOLDERS)):
            for file in folder.glob(".*"):
                found = _LEFT_OVER.fullmatch(file.name)
                if found and folder / found[2] in own and not psutil.pid_exists(int(found[1])):
                    file.unlink()

    def _remove(self) -> None:
        (self.folder / PAGE).unlink(missing_ok=True)
        for name in FOLDERS:
            for file in (self.folder / name).glob("*.*"):
                if file.suffix in (".jpg", ".mp4"):
                    file.unlink()


def sheets_of(moves: Sequence[Move]) -> dict[str, list[Move]]:
    """The moves of each sheet by its name: a kind, divided evenly if it has too many moves for one."""
    sheets: dict[str, list[Move]] = {}
    for kind in dict.fromkeys(move.kind for move in moves):
        of_kind = [move for move in moves if move.kind == kind]
        num_sheets = -(-len(of_kind) // ROWS_A_SHEET)
        for number, places in enumerate(np.array_split(np.arange(len(of_kind)), num_sheets), start=1):
            name = f"{kind}-{number}" if num_sheets > 1 else kind
            sheets[name] = [of_kind[place] for place in places]
    return sheets


def _check_picture(file: Path) -> None:
    try:
        with Image.open(file) as picture:
            picture.load()
    except OSError as error:
        raise ValueError(
            f"--out: {file} is damaged; remove it and run again, or make the whole gallery anew with --overwrite"
        ) from error
