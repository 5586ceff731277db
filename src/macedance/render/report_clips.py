"""What a report needs to show one clip of a run, in values that JSON knows."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from macedance.data.audio import load_audio
from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.render.clip_curves import sound_peaks, speed_and_beats
from macedance.render.page_parts import to_base64
from macedance.render.skinned_figure import skinned_motion
from macedance.render.video import read_frames

PICTURE_SIZE_PX = (360, 480)
THUMBNAIL_SIZE_PX = (96, 72)
PEAKS_SAMPLE_RATE = 8000


@dataclass(frozen=True)
class ReportClip:
    """A clip as a report shows it.

    Attributes:
        key: Its name.
        thumbnail: A moment of it as the address of an image, "" if it has no video.
        data: What the page plays and draws.
    """

    key: str
    thumbnail: str
    data: dict[str, Any]

    def without_true_video(self) -> ReportClip:
        """The same, smaller."""
        data = {name: value for name, value in self.data.items() if name != "trueVideo"}
        absent = [*self.data["absent"], "The real video is left out to keep the page small."]
        return ReportClip(self.key, self.thumbnail, {**data, "absent": absent})


def report_clip(run: RunFolder, key: str, floor_height: float) -> ReportClip:
    """What there is of a clip that is done.

    Args:
        run: Where it is.
        key: Its name.
        floor_height: Of the body that shows its motion, see :func:`~macedance.render.skinned_figure.skinned_motion`.

    Raises:
        ValueError: One of its files is damaged.
    """
    about = run.read_clip(key)
    files = {name: run.video_file(key, truth=name == "trueVideo") for name in ("video", "trueVideo")}
    data: dict[str, Any] = {
        "seconds": about["seconds"],
        "fps": about["fps"],
        "musicBeats": [round(float(beat), 3) for beat in about["music_beats"] or ()],
        **{name: to_base64(file.read_bytes()) for name, file in files.items() if file.is_file()},
    }
    if about["has_sound"] and "video" in data:
        data["peaks"] = sound_peaks(
            load_audio(files["video"], sample_rate=PEAKS_SAMPLE_RATE, mono=True).mono()
        )
    if run.reference_file(key).is_file():
        data["person"] = _jpeg(_picture(run.reference_file(key)), PICTURE_SIZE_PX)
    data["motions"] = _motions(run, key, floor_height)
    data["absent"] = _absent(data)
    return ReportClip(key, _thumbnail(run, key, about["num_frames"]) if "video" in data else "", data)


def _motions(run: RunFolder, key: str, floor_height: float) -> dict[str, dict[str, Any]]:
    motions = {}
    for name, file in (("generated", run.motion_file(key)), ("truth", run.motion_file(key, truth=True))):
        if file.is_file():
            motion = Motion.load(file)
            motions[name] = {**skinned_motion(motion, floor_height), **speed_and_beats(motion)}
    return motions


def _absent(data: Mapping[str, Any]) -> list[str]:
    """What the clip lacks, in words."""
    motions = data["motions"]
    words = {
        "There is no video of it.": "video" not in data,
        "It has no sound.": "video" in data and "peaks" not in data,
        "Its music has no known beats.": not data["musicBeats"],
        "It was made without a motion in three dimensions.": "generated" not in motions,
        "The real dance is not known.": "truth" not in motions and "trueVideo" not in data,
    }
    return [sentence for sentence, is_absent in words.items() if is_absent]


def _thumbnail(run: RunFolder, key: str, num_frames: int) -> str:
    frame: np.ndarray = next(read_frames(run.video_file(key), [num_frames // 2]))
    return _jpeg(PIL.Image.fromarray(frame), THUMBNAIL_SIZE_PX)


def _picture(file: Path) -> PIL.Image.Image:
    try:
        with PIL.Image.open(file) as picture:
            return picture.convert("RGB")
    except OSError as error:
        raise ValueError(f"{file} is damaged ({error}); remove it and run the cascade again") from error


def _jpeg(picture: PIL.Image.Image, size_px: tuple[int, int]) -> str:
    """The address of an image at most that large."""
    buffer = io.BytesIO()
    picture.thumbnail(size_px)
    picture.save(buffer, "JPEG", quality=82, optimize=True)
    return f"data:image/jpeg;base64,{to_base64(buffer.getvalue())}"
