"""Results of any other method as experts: motions and videos that lie in folders, by the names of their clips."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from macedance.data.dance_files import files_of, key_of
from macedance.data.motion_clips import MOTION_FPS
from macedance.geometry.motion import Motion, UpAxis
from macedance.hashes import file_hash
from macedance.projection.reference import Reference
from macedance.projection.video_keypoints import probed
from macedance.render.video import read_frames
from macedance.render.video_renderer import OnProgress, Video
from macedance.video_suffixes import VIDEO_SUFFIXES

TOLERANCE_SECONDS = 0.5
"""By how much a result may be shorter than its music."""


class PrecomputedMotion:
    """A motion expert that has its dances in a folder: npz files, named as the clips.

    Files are read as :meth:`~macedance.geometry.motion.Motion.load` does, resampled to 30 fps and cut to the music.

    Args:
        folder: Where they are.
        up_axis: Of files that do not tell theirs, ``y`` or ``z``.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none.
    """

    def __init__(self, folder: str, up_axis: UpAxis | None = None) -> None:
        self.up_axis = up_axis
        self._files = _Files(folder, (".npz",), "motions (.npz)")

    def for_clip(self, key: str) -> StoredMotion:
        """The dance of a clip.

        Raises:
            FileNotFoundError: There is none.
        """
        return StoredMotion(self._files.of(key), self.up_axis)


class StoredMotion:
    """A motion expert that knows one dance, to one song.

    Args:
        file: Where it is.
        up_axis: Of a file that does not tell its own.
    """

    def __init__(self, file: Path, up_axis: UpAxis | None = None) -> None:
        self.file, self.up_axis = file, up_axis

    def fingerprint(self) -> str:
        """Digest of the file, so that a run does not take another for it."""
        return file_hash(self.file)

    def generate(
        self,
        music: Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Motion:
        """The dance at 30 fps, cut to the music.

        Raises:
            ValueError: It is no motion, or shorter than the music.
        """
        num_frames = len(music) if num_frames is None else num_frames
        try:
            stored = Motion.load(self.file, self.up_axis).to_up_axis("y")
        except ValueError as error:
            raise ValueError(f"{self.file}: {error}") from error
        motion = stored.resample(MOTION_FPS)
        if motion.num_frames < num_frames - TOLERANCE_SECONDS * MOTION_FPS:
            raise ValueError(
                f"{self.file} has {stored.num_frames} frames at {stored.fps:g} fps, {stored.duration_seconds:.2f} s, "
                f"for {num_frames / MOTION_FPS:.2f} s of music; if its rate is another, store that in mocap_framerate"
            )
        return motion.crop(0, min(num_frames, motion.num_frames))


class PrecomputedVideo:
    """An appearance expert that has its videos in a folder, named as the clips.

    The run writes them anew, with the music's sound and compressed as all its videos are, and measures those.

    Args:
        folder: Where they are.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It holds none.
    """

    def __init__(self, folder: str) -> None:
        self._files = _Files(folder, VIDEO_SUFFIXES, "videos")

    def for_clip(self, key: str) -> StoredVideo:
        """The video of a clip.

        Raises:
            FileNotFoundError: There is none.
        """
        return StoredVideo(self._files.of(key))


class StoredVideo:
    """An appearance expert that knows one video.

    Attributes:
        file: Where it is.
        needs_motion: It does not: it has the video already.
    """

    needs_motion = False

    def __init__(self, file: Path) -> None:
        self.file = file

    def fingerprint(self) -> str:
        """Digest of the file, so that a run does not take another for it."""
        return file_hash(self.file)

    def render(
        self,
        motion: Motion | None,
        reference: Reference,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        generator: torch.Generator | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """The video, cut to the motion.

        Raises:
            ValueError: It is no video, has another size or rate than asked for, or is shorter than the motion.
        """
        info = probed(self.file)
        if abs(float(info.fps) - fps) > 0.01:
            raise ValueError(
                f"{self.file} has {float(info.fps):g} fps, the cascade {fps:g}; set the cascade's fps to that of the "
                "videos, or convert them"
            )
        if (info.width, info.height) != tuple(size_px):
            raise ValueError(
                f"{self.file} is {info.width}x{info.height}, the cascade {size_px[0]}x{size_px[1]}; set its "
                "size_px to that of the videos, or scale them"
            )
        num_frames = info.num_frames
        if motion is not None:
            wanted = round(motion.duration_seconds * fps)
            if num_frames < wanted - TOLERANCE_SECONDS * fps:
                raise ValueError(
                    f"{self.file} lasts {num_frames / fps:.2f} s, its motion {motion.duration_seconds:.2f} s; "
                    "give videos of whole clips"
                )
            num_frames = min(num_frames, wanted)
        return Video(_counted(self.file, num_frames, on_progress), num_frames, fps)


class _Files:
    """The files of a folder by the keys of clips."""

    def __init__(self, folder: str, suffixes: tuple[str, ...], what: str) -> None:
        self.folder = folder
        self.by_key = {key_of(file, suffixes): file for file in files_of(folder, suffixes, what)}

    def of(self, key: str) -> Path:
        if key not in self.by_key:
            raise FileNotFoundError(
                f"{self.folder} must hold a file named as the clip {key}, and holds none; the first there is "
                f"{min(self.by_key)!r}"
            )
        return self.by_key[key]


def _counted(file: Path, num_frames: int, on_progress: OnProgress | None) -> Iterator[np.ndarray]:
    for done, frame in enumerate(islice(read_frames(file), num_frames), start=1):
        yield frame
        if on_progress is not None:
            on_progress(done, num_frames)
