"""What a gallery shows: moves and whole dances, each a sheet and a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from macedance.data.choreography.choreographer import choreograph
from macedance.data.choreography.moves import Move
from macedance.data.choreography.vocabulary import MOVES
from macedance.data.song_styles import STYLES as SONG_STYLES
from macedance.data.songs import Song, make_song
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.move_sheet import dance_sheet, jpeg_within, move_row, performed
from macedance.render.plain_beat import SAMPLE_RATE, plain_beat
from macedance.render.scene import render_motion
from macedance.render.video import write_video
from macedance.whole_files import renamed_when_complete

FPS = 30.0
MIN_SECONDS, MAX_SECONDS = 4.0, 600.0
MIN_SIZE_PX, MAX_SIZE_PX = 64, 2048
SLOWEST_BPM, FASTEST_BPM = 40.0, 200.0


@dataclass(frozen=True)
class GallerySettings:
    """What determines a gallery.

    Attributes:
        moves: Names, all if empty.
        num_dances: Whole dances, to the styles of songs in turn.
        seconds: Length of each of them.
        has_videos: Whether there are videos, or sheets only.
        size_px: Side of the videos; twice the width of a picture in a sheet.
        bpm: Tempo of the moves; those that are not danced as fast have their own fastest.
        seed: Draws dancers, songs and dances.
        body: Which body dances, in words.

    Raises:
        ValueError: One of them cannot be.
    """

    moves: tuple[str, ...] = ()
    num_dances: int = 16
    seconds: float = 12.0
    has_videos: bool = True
    size_px: int = 320
    bpm: float = 100.0
    seed: int = 0
    body: str = "mannequin"

    def __post_init__(self) -> None:
        wrong = [name for name in self.moves if name not in MOVES]
        if wrong:
            raise ValueError(f"moves: must be of {', '.join(MOVES)}, not {', '.join(wrong)}")
        if self.num_dances < 0:
            raise ValueError(f"dances must not be negative, got {self.num_dances}")
        if not MIN_SECONDS <= self.seconds <= MAX_SECONDS:
            raise ValueError(f"seconds must lie in {MIN_SECONDS:g}..{MAX_SECONDS:g}, got {self.seconds:g}")
        if not MIN_SIZE_PX <= self.size_px <= MAX_SIZE_PX or self.size_px % 2:
            raise ValueError(
                f"size must be an even number in {MIN_SIZE_PX}..{MAX_SIZE_PX}, got {self.size_px}"
            )
        if not SLOWEST_BPM <= self.bpm <= FASTEST_BPM:
            raise ValueError(f"bpm must lie in {SLOWEST_BPM:g}..{FASTEST_BPM:g}, got {self.bpm:g}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")

    @property
    def picture_px(self) -> tuple[int, int]:
        """(width, height) of a picture in a sheet."""
        return self.size_px // 2, self.size_px * 5 // 8

    def shown_moves(self) -> list[Move]:
        """The moves, in the order of the vocabulary."""
        return [move for move in MOVES.values() if not self.moves or move.name in self.moves]

    def bpm_of(self, move: Move) -> float:
        """Tempo at which a move is shown."""
        return min(self.bpm, move.max_bpm)


class GalleryItem(Protocol):
    """Something that a gallery shows."""

    @property
    def settings(self) -> GallerySettings:
        """Of the gallery."""
        ...

    @property
    def name(self) -> str:
        """Its files in the gallery's folder, without their endings."""
        ...

    def sheet(self, body: BodyModel) -> np.ndarray:
        """A uint8 (H, W, 3) picture of its moments."""
        ...

    def write_video(self, path: Path, body: BodyModel) -> None:
        """Write it with sound as an mp4."""
        ...


@dataclass(frozen=True)
class MoveItem:
    """A move, to a plain beat."""

    settings: GallerySettings
    move_name: str

    @property
    def name(self) -> str:
        """Its files, without their endings."""
        return f"moves/{self.move_name}"

    def sheet(self, body: BodyModel) -> np.ndarray:
        """The move at eight of its counts."""
        move, settings = MOVES[self.move_name], self.settings
        bpm, size_px = settings.bpm_of(move), settings.picture_px
        return move_row(move, bpm=bpm, seed=settings.seed, size_px=size_px, body=body)

    def write_video(self, path: Path, body: BodyModel) -> None:
        """The move danced twice, to a plain beat."""
        move, seed = MOVES[self.move_name], self.settings.seed
        bpm = self.settings.bpm_of(move)
        sound = plain_beat(bpm, 2 * move.footwork.num_counts, seed)
        _write(path, performed(move, bpm=bpm, seed=seed), body, self.settings.size_px, sound, SAMPLE_RATE)


@dataclass(frozen=True)
class DanceItem:
    """A whole dance, to a made-up song."""

    settings: GallerySettings
    number: int

    @property
    def name(self) -> str:
        """Its files, without their endings."""
        return f"dances/{self.number + 1:02d}-{self._song_style}"

    @property
    def _song_style(self) -> str:
        return list(SONG_STYLES)[self.number % len(SONG_STYLES)]

    def song(self) -> Song:
        """What it is danced to."""
        return make_song(self.settings.seconds, self._rng(0), style=self._song_style)

    def sheet(self, body: BodyModel) -> np.ndarray:
        """The dance at sixteen of its beats."""
        song = self.song()
        return dance_sheet(song, self._dance(song), size_px=self.settings.picture_px, body=body)

    def write_video(self, path: Path, body: BodyModel) -> None:
        """The dance with its song."""
        song = self.song()
        _write(path, self._dance(song), body, self.settings.size_px, song.samples, song.sample_rate)

    def _dance(self, song: Song) -> Motion:
        return Motion(*choreograph(song, self._rng(1), fps=FPS), fps=FPS)

    def _rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self.settings.seed, self.number, purpose))


def files_of(item: GalleryItem) -> list[str]:
    """The names of an item's files in the gallery's folder."""
    return [f"{item.name}.jpg"] + [f"{item.name}.mp4"] * item.settings.has_videos


def make_item(folder: Path, item: GalleryItem, body: BodyModel) -> None:
    """Write those of an item's files that are not there; each has its name only when it is whole."""
    writers: dict[str, Callable[[Path], None]] = {
        ".jpg": lambda path: _write_sheet(path, item.sheet(body)),
        ".mp4": lambda path: item.write_video(path, body),
    }
    for name in files_of(item):
        if not (folder / name).is_file():
            writers[Path(name).suffix](folder / name)


def _write_sheet(path: Path, sheet: np.ndarray) -> None:
    with renamed_when_complete(path) as partial:
        partial.write_bytes(jpeg_within(Image.fromarray(sheet)))


def _write(
    path: Path, motion: Motion, body: BodyModel, size_px: int, sound: np.ndarray, sample_rate: int
) -> None:
    frames = render_motion(motion, body=body, size_px=(size_px, size_px), fps=FPS)
    write_video(path, frames, fps=FPS, audio=sound, sample_rate=sample_rate)
