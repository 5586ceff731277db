"""FineDance: dances of SMPL-H with their songs. T frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from macedance.data.motion_clips import MOTION_FPS
from macedance.data.packing.sound import find_sound, sound_frames, usable_frames
from macedance.data.packing.tracks import Track, known_genre, name_below, read_json_object, require_folder
from macedance.geometry.motion import Motion
from macedance.geometry.motion_files import NUM_BODY_JOINTS
from macedance.geometry.npz_files import parse_npy, read_npy_shape
from macedance.geometry.rotations import rotation_6d_to_axis_angle
from macedance.geometry.skeleton import NUM_JOINTS

NUM_CHANNELS = 3 + 6 * 52


@dataclass(frozen=True)
class FineDanceSource:
    """A folder with ``motion/NNN.npy``, ``music_wav/NNN.wav`` and ``label_json/NNN.json``.

    Args:
        folder: Holds these folders.
        music: Folder of the songs; ``music_wav`` in ``folder`` if None.
    """

    argument: ClassVar[str] = "source"

    folder: Path
    music: Path | None = None

    def paths(self) -> Iterable[Path]:
        """The motions."""
        motions = self.folder / "motion"
        require_folder(motions, "source", "the folder of FineDance, which holds one named 'motion'")
        return sorted(motions.glob("*.npy"))

    def name(self, path: Path) -> str:
        """FineDance's number of the dance."""
        return name_below(self.folder / "motion", path)

    def track(self, path: Path) -> Track:
        """What the headers and the label tell."""
        name = self.name(path)
        with path.open("rb") as file:
            shape = read_npy_shape(file)
        _check_shape(shape)
        song = find_sound([(self.music or self.folder / "music_wav") / name])
        label_file = self.folder / "label_json" / f"{name}.json"
        style = _style(label_file)
        return Track(
            name=name,
            num_frames=usable_frames(shape[0], sound_frames(song)) if song else shape[0],
            motion=path,
            music=song,
            music_group=name,
            genre=known_genre(style),
            style=style,
            other_files=(label_file,) if label_file.is_file() else (),
        )

    def motion(self, track: Track) -> Motion | None:
        """The dance's body, without fingers."""
        assert track.motion is not None
        array = parse_npy(track.motion.read_bytes()).astype(np.float32)
        _check_shape(array.shape)
        return smpl_motion(torch.from_numpy(array))


def smpl_motion(array: torch.Tensor) -> Motion:
    """The SMPL motion of FineDance's array (T, 315): translation, and 52 joints' first two rows of the rotation.

    SMPL-H's first 22 joints are SMPL's; SMPL's hands stay at rest.
    """
    rotations = array[:, 3:].reshape(len(array), 52, 6)[:, :NUM_BODY_JOINTS]
    poses = torch.zeros(len(array), NUM_JOINTS, 3)
    poses[:, :NUM_BODY_JOINTS] = rotation_6d_to_axis_angle(rotations)
    return Motion(poses, array[:, :3], fps=MOTION_FPS, up_axis="y")


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) != 2 or shape[1] != NUM_CHANNELS or not shape[0]:
        raise ValueError(f"it must be an array (frames, {NUM_CHANNELS}), is {shape}")


def _style(label_file: Path) -> str | None:
    """FineDance's finer label of a dance, if there is a label."""
    if not label_file.is_file():
        return None
    style = read_json_object(label_file).get("style2")
    return None if style is None else str(style)
