"""A source's recordings, as its file names and headers tell of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from macedance.data.genres import GENRES
from macedance.geometry.motion import Motion


@dataclass(frozen=True)
class Track:
    """One recording: motion, music, a picture, or some of them.

    Attributes:
        name: Unique in its source; of a file in a folder, the path without suffix.
        num_frames: Usable length in frames of 1/30 s.
        motion: File of the motion.
        music: File of the sound, which begins with the motion.
        video: File of the picture.
        music_group: Recordings of one group are to the same music.
        genre: One of :data:`~macedance.data.genres.GENRES`, if it is one.
        style: What the source itself calls the genre.
        about: Whatever else the source tells, for the clips' json.
        other_files: Files that told it.
    """

    name: str
    num_frames: int
    motion: Path | None = None
    music: Path | None = None
    video: Path | None = None
    music_group: str = ""
    genre: str | None = None
    style: str | None = None
    about: dict[str, Any] = field(default_factory=dict)
    other_files: tuple[Path, ...] = ()

    @property
    def main_file(self) -> Path:
        """The file that makes it a recording."""
        path = self.video or self.motion
        assert path is not None
        return path

    @property
    def files(self) -> list[Path]:
        """All files that its clips are made of."""
        wanted = (self.video, self.motion, self.music, *self.other_files)
        return list(dict.fromkeys(path for path in wanted if path is not None))


class NoRecordingError(ValueError):
    """A file that is sound but not one of the recordings that are wanted; the message tells why."""


class MissingSettingError(ValueError):
    """The user has to tell something about the source; the message says what."""


class Source(Protocol):
    """A folder of recordings. Sources are values that can be sent to another process.

    Attributes:
        argument: What the user gave the folder as; errors name it.
    """

    argument: ClassVar[str]

    @property
    def folder(self) -> Path:
        """Where the recordings are."""

    def paths(self) -> Iterable[Path]:
        """The files that may be recordings, one for each."""

    def name(self, path: Path) -> str:
        """The name of the recording that a file is."""

    def track(self, path: Path) -> Track:
        """What the headers tell of a recording.

        Raises:
            NoRecordingError: It is none that is wanted.
            ValueError: It is damaged.
        """

    def motion(self, track: Track) -> Motion | None:
        """The whole motion of a recording at 30 fps, y up.

        Raises:
            ValueError: It is damaged.
        """


def name_below(folder: Path, path: Path) -> str:
    """The path of a file below a folder, without suffix."""
    return path.relative_to(folder).with_suffix("").as_posix()


def known_genre(name: object) -> str | None:
    """The genre of that name, case ignored, if there is one.

    >>> known_genre("locking"), known_genre("House"), known_genre(None)
    ('Locking', None, None)
    """
    return {genre.lower(): genre for genre in GENRES}.get(str(name).lower())


def read_json_object(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        ValueError: It holds none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except ValueError as error:
        raise ValueError(f"{str(path)!r} is no JSON ({error})") from error
    if not isinstance(content, dict):
        raise ValueError(f"{str(path)!r} must hold an object, holds a {type(content).__name__}")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def require_folder(path: Path, name: str, what: str) -> None:
    """Refuse a folder that is not there.

    Raises:
        FileNotFoundError: There is no such folder.
        NotADirectoryError: It is a file.
    """
    if not path.exists():
        raise FileNotFoundError(f"{name}: there is no folder {str(path)!r}; give {what}")
    if not path.is_dir():
        raise NotADirectoryError(f"{name}: {str(path)!r} is a file; give {what}")
