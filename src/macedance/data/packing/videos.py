"""Folder trees of videos, with motion and further facts beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import av

from macedance.data.motion_clips import MOTION_FPS
from macedance.data.packing.amass import file_up_axis, load_motion
from macedance.data.packing.motion_headers import npz_motion_frames
from macedance.data.packing.sound import stream_end, usable_frames
from macedance.data.packing.tracks import Track, known_genre, name_below, read_json_object
from macedance.data.packing.video_frames import sound_delay
from macedance.geometry.motion import Motion, UpAxis

TOLERANCE = Fraction(1, 20)
"""Of a frame: containers round times to a millisecond."""

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm")


@dataclass(frozen=True)
class VideoSource:
    """A tree of videos; beside ``STEM.mp4`` may be ``STEM.npz``, the motion in it, and ``STEM.json``, facts.

    Args:
        folder: The tree.
        up_axis: Of motions that do not tell it.
    """

    argument: ClassVar[str] = "source"

    folder: Path
    up_axis: UpAxis | None = None

    def paths(self) -> Iterable[Path]:
        """All videos."""
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.suffix.lower() in VIDEO_SUFFIXES and path.name[0] != "." and path.is_file()
        )

    def name(self, path: Path) -> str:
        """The path below the folder."""
        return name_below(self.folder, path)

    def track(self, path: Path) -> Track:
        """What the headers, and the facts beside it, tell."""
        num_frames, num_sound_frames = _lengths(path)
        motion, facts = path.with_suffix(".npz"), path.with_suffix(".json")
        if motion.is_file():
            file_up_axis(motion, self.up_axis)
            num_frames = min(num_frames, npz_motion_frames(motion))
        has_sound = num_sound_frames is not None
        about = read_json_object(facts) if facts.is_file() else {}
        return Track(
            name=self.name(path),
            num_frames=num_frames
            if num_sound_frames is None
            else usable_frames(num_frames, num_sound_frames),
            video=path,
            motion=motion if motion.is_file() else None,
            music=path if has_sound else None,
            music_group=self.name(path),
            genre=known_genre(about.get("genre")),
            style=_style(about),
            about={name: value for name, value in about.items() if name not in ("genre", "style")},
            other_files=(facts,) if facts.is_file() else (),
        )

    def motion(self, track: Track) -> Motion | None:
        """The motion beside the video at 30 fps, y up."""
        return load_motion(track.motion, self.up_axis) if track.motion else None


def _style(about: dict[str, Any]) -> str | None:
    name = about.get("style", about.get("genre"))
    return None if name is None else str(name)


def _lengths(path: Path) -> tuple[int, int | None]:
    """Frames of 1/30 s that the picture lasts, and the sound from the picture's beginning on, if there is sound."""
    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.video:
                raise ValueError("it has no picture")
            num_frames = int(stream_end(container, container.streams.video[0]) * MOTION_FPS + TOLERANCE)
            if not container.streams.audio:
                return num_frames, None
        with av.open(str(path.absolute())) as container:
            seconds = stream_end(container, container.streams.audio[0]) + sound_delay(path)
            return num_frames, int(seconds * MOTION_FPS + TOLERANCE)
    except av.FFmpegError as error:
        raise ValueError(f"it cannot be decoded ({error.strerror})") from error
