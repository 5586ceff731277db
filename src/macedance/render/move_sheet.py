"""Pictures of moves at their counts, and of dances at their beats. Axis letters: H height, W width."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from macedance.data.choreography.choreographer import perform
from macedance.data.choreography.moves import Move
from macedance.data.choreography.styles import STYLE_OF_SONG
from macedance.data.songs import Song
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.contact_sheet import contact_sheet

COLUMNS = 8
DANCE_MOMENTS = 16
MAX_SHEET_BYTES = 180_000
ROW_GAP_PX = 2


def performed(move: Move, *, bpm: float, seed: int) -> Motion:
    """A move danced twice, which begins once with each foot if it ends on the other one.

    Args:
        move: Of the vocabulary.
        bpm: Beats per minute.
        seed: Draws the dancer.
    """
    poses, trans = perform(move, bpm=bpm, num_counts=2 * move.footwork.num_counts, seed=seed)
    return Motion(poses, trans)


def shown_counts(move: Move) -> list[float]:
    """The eight counts that show a move: its halves, or its whole counts if it has eight.

    >>> from macedance.data.choreography.vocabulary import MOVES
    >>> shown_counts(MOVES["step_touch"])
    [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5]
    """
    return [1 + move.footwork.num_counts * number / COLUMNS for number in range(COLUMNS)]


def move_row(move: Move, *, bpm: float, seed: int, size_px: tuple[int, int], body: BodyModel) -> np.ndarray:
    """A uint8 (H, W, 3) picture: a move at eight of its counts, side by side."""
    motion = performed(move, bpm=bpm, seed=seed)
    counts = shown_counts(move)
    frames = [round((count - 1) * 60 / bpm * motion.fps) for count in counts]
    title, labels = move.name.replace("_", " "), [f"{count:g}" for count in counts]
    return contact_sheet(
        motion, frames=frames, columns=COLUMNS, labels=labels, title=title, size_px=size_px, body=body
    )


def dance_sheet(song: Song, motion: Motion, *, size_px: tuple[int, int], body: BodyModel) -> np.ndarray:
    """A uint8 (H, W, 3) picture: a dance at sixteen beats of its song, or at all if it has fewer."""
    num_moments = min(DANCE_MOMENTS, len(song.beats))
    beats = np.unique(np.linspace(0, len(song.beats) - 1, num_moments).round().astype(int))
    frames = [min(round(song.beats[beat] * motion.fps), motion.num_frames - 1) for beat in beats]
    labels = [f"{beat + 1} {_section_at(song, song.beats[beat])}" for beat in beats]
    title = f"{song.style}, danced as {STYLE_OF_SONG[song.style].name}, {song.bpm:.0f} bpm".replace("_", " ")
    return contact_sheet(
        motion, frames=frames, columns=COLUMNS, labels=labels, title=title, size_px=size_px, body=body
    )


def stacked(rows: Sequence[Image.Image], width: int) -> Image.Image:
    """Rows, brought to one width, below each other."""
    fitted = [
        row.resize((width, round(row.height * width / row.width)), Image.Resampling.LANCZOS) for row in rows
    ]
    height = sum(row.height + ROW_GAP_PX for row in fitted) - ROW_GAP_PX
    sheet = Image.new("RGB", (width, height), "white")
    top = 0
    for row in fitted:
        sheet.paste(row, (0, top))
        top += row.height + ROW_GAP_PX
    return sheet


def jpeg_within(picture: Image.Image, max_bytes: int = MAX_SHEET_BYTES) -> bytes:
    """A JPEG of the best quality with which it is that small."""
    for quality in (90, 82, 74, 66, 58, 50):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= max_bytes:
            break
    return buffer.getvalue()


def _section_at(song: Song, seconds: float) -> str:
    """Name of the section that a beat lies in; one at the boundary begins the next."""
    return next(
        section.name for section in reversed(song.sections) if section.start_seconds <= seconds + 1e-6
    )
