"""AIST++: dances whose files tell genre and music by their names. T frames."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from macedance.data.motion_clips import MOTION_FPS
from macedance.data.packing.motion_headers import npz_motion_frames, resampled_frames
from macedance.data.packing.sound import find_sound, sound_frames, usable_frames
from macedance.data.packing.tracks import NoRecordingError, Track, name_below
from macedance.geometry.motion import Motion
from macedance.geometry.restricted_pickle import read_array_pickle
from macedance.geometry.skeleton import NUM_JOINTS

PICKLE_FPS = 60
GENRE_OF_CODE = {
    "BR": "Breaking",
    "PO": "Popping",
    "LO": "Locking",
    "MH": "Hiphop",
    "LH": "Hiphop",
    "JS": "Jazz",
    "JB": "Jazz",
}
IGNORED = "on AIST++'s own list of recordings to ignore"

_NAME = re.compile(r"g(?P<genre>[A-Z]{2})_s[A-Z]+_c\w+_d\d+_(?P<music>m[A-Z]{2}\d+)_ch\d+")


@dataclass(frozen=True)
class AistppSource:
    """A folder of AIST++ dances: pickles as published, or npz files with translations in metres.

    Args:
        folder: Holds the files, or ``motions`` with them; and maybe ``ignore_list.txt``.
        music: Folder of songs named like ``mBR2.wav``; ``music`` in ``folder`` if None and it is there.
    """

    argument: ClassVar[str] = "source"

    folder: Path
    music: Path | None = None

    def paths(self) -> Iterable[Path]:
        """The dances: pickles, and npz files."""
        return sorted(
            path for path in self._motions.iterdir() if path.suffix in (".pkl", ".npz") and path.is_file()
        )

    def name(self, path: Path) -> str:
        """AIST++'s name of the dance."""
        return name_below(self._motions, path)

    def track(self, path: Path) -> Track:
        """What the name and the headers tell; a pickle has none and is read."""
        name = self.name(path)
        if name in self._ignored:
            raise NoRecordingError(IGNORED)
        match = _NAME.fullmatch(name)
        song = find_sound([self._music / match["music"]]) if match and self._music else None
        num_frames = _num_frames(path)
        return Track(
            name=name,
            num_frames=usable_frames(num_frames, sound_frames(song)) if song else num_frames,
            motion=path,
            music=song,
            music_group=match["music"] if match else name,
            genre=GENRE_OF_CODE.get(match["genre"]) if match else None,
            style=f"g{match['genre']}" if match else None,
        )

    def motion(self, track: Track) -> Motion | None:
        """The dance in metres at 30 fps."""
        assert track.motion is not None
        return _load(track.motion).resample(MOTION_FPS)

    @cached_property
    def _motions(self) -> Path:
        inner = self.folder / "motions"
        return inner if inner.is_dir() else self.folder

    @cached_property
    def _music(self) -> Path | None:
        inner = self.folder / "music"
        return self.music or (inner if inner.is_dir() else None)

    @cached_property
    def _ignored(self) -> set[str]:
        listed = self.folder / "ignore_list.txt"
        return set(listed.read_text().split()) if listed.is_file() else set()


def _num_frames(path: Path) -> int:
    """Frames at 30 fps that the dance gives."""
    if path.suffix == ".pkl":
        return resampled_frames(len(_load(path).poses), PICKLE_FPS)
    return npz_motion_frames(path)


def _load(path: Path) -> Motion:
    if path.suffix == ".npz":
        return Motion.load(path, up_axis="y")
    content = read_array_pickle(path)
    missing = [name for name in ("smpl_poses", "smpl_trans", "smpl_scaling") if name not in content]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    poses, trans, scaling = (_tensor(content[f"smpl_{name}"], name) for name in ("poses", "trans", "scaling"))
    if poses.ndim != 2 or poses.shape[1] != 3 * NUM_JOINTS or scaling.numel() != 1:
        raise ValueError(
            f"smpl_poses must be (frames, 72), smpl_scaling one number; are {poses.shape}, {scaling}"
        )
    return Motion(poses.reshape(len(poses), -1, 3), trans / scaling, fps=PICKLE_FPS, up_axis="y")


def _tensor(value: Any, name: str) -> torch.Tensor:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or not array.ndim:
        raise ValueError(f"smpl_{name} must be an array of numbers, is {array.dtype}")
    return torch.from_numpy(array.astype(np.float64))
