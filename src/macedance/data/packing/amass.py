"""Trees of motions in the manner of AMASS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from macedance.data.motion_clips import MOTION_FPS
from macedance.data.packing.motion_headers import npz_motion_frames
from macedance.data.packing.sound import find_sound, sound_frames, usable_frames
from macedance.data.packing.tracks import MissingSettingError, Track, name_below
from macedance.geometry.motion import Motion, UpAxis
from macedance.geometry.npz_files import load_npz


@dataclass(frozen=True)
class AmassSource:
    """A tree of npz files with poses, translation and frame rate.

    Args:
        folder: The tree.
        music: Folder of sounds, named like the motions, in folders like theirs or in none.
        up_axis: Of the files that do not tell it.
    """

    argument: ClassVar[str] = "source"

    folder: Path
    music: Path | None = None
    up_axis: UpAxis | None = None

    def paths(self) -> Iterable[Path]:
        """All npz files."""
        return sorted(path for path in self.folder.rglob("*.npz") if path.is_file())

    def name(self, path: Path) -> str:
        """The path below the folder."""
        return name_below(self.folder, path)

    def track(self, path: Path) -> Track:
        """What the headers tell."""
        name = self.name(path)
        num_frames = npz_motion_frames(path)
        file_up_axis(path, self.up_axis)
        song = find_sound([self.music / name, self.music / path.stem]) if self.music else None
        return Track(
            name=name,
            num_frames=usable_frames(num_frames, sound_frames(song)) if song else num_frames,
            motion=path,
            music=song,
            music_group=song.relative_to(self.music).as_posix() if self.music and song else name,
        )

    def motion(self, track: Track) -> Motion | None:
        """The motion at 30 fps, y up."""
        assert track.motion is not None
        return load_motion(track.motion, self.up_axis)


def load_motion(path: Path, up_axis: UpAxis | None) -> Motion:
    """The motion of an npz file at 30 fps, y up.

    Args:
        path: The file.
        up_axis: Its up axis, if it does not tell.

    Raises:
        ValueError: It is damaged.
    """
    return Motion.load(path, file_up_axis(path, up_axis)).resample(MOTION_FPS).to_up_axis("y")


def file_up_axis(path: Path, otherwise: UpAxis | None) -> UpAxis | None:
    """The up axis to read a file by: what was given, for a file that does not tell; else None.

    Raises:
        MissingSettingError: No one tells.
    """
    if "up_axis" in load_npz(path, {"up_axis"}):
        return None
    if otherwise is None:
        raise MissingSettingError(
            f"up-axis: {str(path)!r} does not tell its up axis; AMASS is z up: pass --up-axis z (or y)"
        )
    return otherwise
