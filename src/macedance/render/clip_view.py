"""What a page needs to show one clip."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import PIL.Image
import soundfile

from macedance.data.inspection import ClipFacts
from macedance.data.shards import OpenShard
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.clip_curves import (
    figure,
    sample_motion,
    sample_music_beats,
    sound_peaks,
    speed_and_beats,
)
from macedance.render.contact_sheet import contact_sheet
from macedance.render.page_parts import to_base64

MEMBERS = ("json", "motion.npz", "music.npy", "audio.flac", "video.mp4")
NUM_IMAGES = 5
IMAGE_SIZE_PX = (88, 128)


@dataclass(frozen=True)
class ClipView:
    """A clip as a page shows it.

    Attributes:
        facts: What the inspection tells of it.
        strip: Moments of it side by side, a JPEG; None if there is neither motion nor video.
        data: What the page's script draws and plays, in values that JSON knows.
    """

    facts: ClipFacts
    strip: bytes | None
    data: dict[str, Any]


def clip_view(facts: ClipFacts, shard: OpenShard, body: BodyModel) -> ClipView:
    """The view of a clip with which nothing is wrong.

    Args:
        facts: Which clip.
        shard: Where it is.
        body: Whose surface the moments of a motion show, where there is no video.

    Raises:
        ValueError: It cannot be read any more, or its video does not decode.
    """
    sample = shard.read(facts.number, [name for name in MEMBERS if name in facts.members])
    data: dict[str, Any] = {"seconds": facts.seconds, "musicBeats": sample_music_beats(sample)}
    strip, has_own_sound = None, False
    if "video.mp4" in sample:
        strip, has_own_sound = _video_strip(sample["video.mp4"])
        data["video"] = to_base64(sample["video.mp4"])
    if "audio.flac" in sample:
        data["peaks"] = sound_peaks(sample["audio.flac"][0])
        if not has_own_sound:
            data["sound"] = to_base64(_flac(*sample["audio.flac"]))
    if "motion.npz" in sample:
        motion = sample_motion(sample, facts.fps or 30.0)
        data |= {"figure": figure(motion), **speed_and_beats(motion)}
        strip = strip or _motion_strip(motion, body)
    return ClipView(facts, strip, data)


def _motion_strip(motion: Motion, body: BodyModel) -> bytes:
    sheet = contact_sheet(motion, num_images=NUM_IMAGES, columns=NUM_IMAGES, size_px=IMAGE_SIZE_PX, body=body)
    return _jpeg(sheet)


def _video_strip(data: bytes) -> tuple[bytes, bool]:
    """Moments of a video side by side, and whether it has sound.

    Raises:
        ValueError: It does not decode.
    """
    try:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.video[0]
            places = np.linspace(0, max(stream.frames - 1, 0), NUM_IMAGES).round().astype(int).tolist()
            images = [
                _reduced(frame)
                for index, frame in enumerate(container.decode(stream))
                for _ in range(places.count(index))
            ]
            has_sound = bool(container.streams.audio)
    except av.FFmpegError as error:
        raise ValueError(f"video.mp4 does not decode ({error.strerror})") from error
    if not images:
        raise ValueError("video.mp4 does not decode (no frame of it can be shown)")
    return _jpeg(np.concatenate(images, axis=1)), has_sound


def _reduced(frame: av.VideoFrame) -> np.ndarray:
    height = IMAGE_SIZE_PX[1]
    width = max(1, round(height * frame.width / frame.height))
    return np.asarray(frame.to_image(width=width, height=height))


def _jpeg(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(picture).save(buffer, "JPEG", quality=75, optimize=True)
    return buffer.getvalue()


def _flac(samples: np.ndarray, sample_rate: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
