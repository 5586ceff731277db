"""Everything that can be wrong with one sample. Axes: T frames, C channels, K keypoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from macedance.data.inspection.agreement import contradictions
from macedance.data.inspection.report import ClipFacts
from macedance.data.inspection.values import check_about, check_shape, non_finite, number_of
from macedance.data.inspection.videos import probe_video_bytes
from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import OpenShard, ShardError
from macedance.geometry.skeleton import NUM_JOINTS


@dataclass
class Measured:
    """What the members of one sample turn out to be.

    Attributes:
        about: Its json.
        frames: Length of each member that has one.
        sound_seconds: Length of the sound.
        video_size: Width and height of ``video.mp4``.
        reasons: What is wrong, member by member.
    """

    about: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    sound_seconds: float | None = None
    video_size: tuple[int, int] | None = None
    reasons: list[str] = field(default_factory=list)


def check_sample(
    shard: OpenShard, number: int, *, decode_videos: bool = False
) -> tuple[ClipFacts, list[str]]:
    """The facts of a sample, and what is wrong with it.

    Args:
        shard: Where it is.
        number: Which sample of the shard.
        decode_videos: Decode every frame of its videos.
    """
    key = shard.keys[number]
    members = tuple(shard.index.samples[key])
    measured = Measured()
    for name in members:
        try:
            value = shard.read(number, [name])[name]
            _measure(measured, name, value, decode_videos=decode_videos)
        except ShardError as error:
            reason = str(error).removeprefix(f"{shard.path}: sample {key}: ")
            measured.reasons.append(reason if name in reason else f"{name}: {reason}")
        except ValueError as error:
            measured.reasons.append(f"{name}: {error}")
    if "json" not in members:
        measured.reasons.append("there is no json, which tells frame rate and length")
    facts = _facts(shard, number, members, measured)
    reasons = measured.reasons + contradictions(facts, measured.frames, measured.sound_seconds)
    return replace(facts, is_sound=not reasons), reasons


def _measure(measured: Measured, name: str, value: Any, *, decode_videos: bool) -> None:
    """Put a member's measures down, and what is wrong with it by itself.

    Raises:
        ValueError: It cannot be measured.
    """
    if name.endswith(".mp4"):
        video = probe_video_bytes(value, decode=decode_videos)
        measured.frames[name] = video.num_frames
        if name == "video.mp4":
            measured.video_size = (video.width, video.height)
    else:
        measured.reasons += [f"{name}: {reason}" for reason in non_finite(value)]
        if name in _MEASURES:
            _MEASURES[name](measured, value)


def _measure_json(measured: Measured, about: dict[str, Any]) -> None:
    measured.about = about
    measured.reasons += [f"json: {reason}" for reason in check_about(about)]


def _measure_motion(measured: Measured, arrays: dict[str, np.ndarray]) -> None:
    lacking = [name for name in ("poses", "trans") if name not in arrays]
    if lacking:
        raise ValueError(f"it has no {' and no '.join(lacking)}")
    check_shape("poses", arrays["poses"], (None, NUM_JOINTS, 3))
    measured.frames["motion.npz"] = len(arrays["poses"])
    check_shape("trans", arrays["trans"], (len(arrays["poses"]), 3))
    if "betas" in arrays:
        check_shape("betas", arrays["betas"], (10,))


def _measure_music(measured: Measured, features: np.ndarray) -> None:
    check_shape("music", features, (None, MUSIC_DIM))
    measured.frames["music.npy"] = len(features)


def _measure_keypoints(measured: Measured, keypoints: np.ndarray) -> None:
    check_shape("keypoints", keypoints, (None, None, 3))
    measured.frames["keypoints.npy"] = len(keypoints)


def _measure_sound(measured: Measured, sound: tuple[np.ndarray, int]) -> None:
    measured.sound_seconds = len(sound[0]) / sound[1]


_MEASURES: dict[str, Callable[[Measured, Any], None]] = {
    "json": _measure_json,
    "motion.npz": _measure_motion,
    "music.npy": _measure_music,
    "keypoints.npy": _measure_keypoints,
    "audio.flac": _measure_sound,
}


def _facts(shard: OpenShard, number: int, members: tuple[str, ...], measured: Measured) -> ClipFacts:
    about, frames = measured.about, measured.frames
    fps = number_of(about.get("fps"))
    counted = next((frames[name] for name in ("motion.npz", "video.mp4") if name in frames), None)
    told = number_of(about.get("num_frames"))
    num_frames = counted if told is None else int(told)
    seconds = number_of(about.get("duration_seconds"))
    if seconds is None and num_frames is not None and fps is not None:
        seconds = num_frames / fps
    elif seconds is None:
        seconds = measured.sound_seconds
    num_video_frames = number_of(about.get("video_num_frames"))
    subset, genre = about.get("subset"), about.get("genre")
    return ClipFacts(
        shard=shard.path,
        number=number,
        key=shard.keys[number],
        subset=subset if isinstance(subset, str) else None,
        genre=genre if isinstance(genre, str) else None,
        fps=fps,
        num_frames=num_frames,
        seconds=seconds,
        members=members,
        video_size=measured.video_size,
        is_sound=False,
        num_video_frames=None if num_video_frames is None else int(num_video_frames),
    )
