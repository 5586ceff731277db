"""Clips for the cascade: music and a picture, and the real dance and video where they are known.

T frames, C channels, N samples, H height, W width.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
import torch
from torch import Tensor
from torch.utils.data import Dataset

from macedance.data.audio import Audio
from macedance.data.dance_files import feature_beats
from macedance.data.genres import genre_index
from macedance.data.motion_clips import MOTION_FPS, dance_of
from macedance.data.music_features import MUSIC_DIM
from macedance.data.shards import ShardError, ShardReader
from macedance.data.shards.members import decode_member
from macedance.data.shards.order import sample_seed
from macedance.geometry.motion import Motion
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.reference import Reference

MIN_SECONDS = 1.0
MEMBERS = ("json", "music.npy", "reference.jpg", "audio.flac", "motion.npz", "video.mp4")


@dataclass(frozen=True, eq=False)
class CascadeClip:
    """What a cascade is given of one clip, and what it is compared with.

    Attributes:
        key: Name, unique in its split.
        seed: Of the clip's noise.
        music: Features (T, 35) at 30 fps.
        genre: One of :data:`~macedance.data.genres.GENRES`; None if it is unknown.
        beats: Seconds of the music's beats (N,), float64.
        reference: The picture of the person.
        sound: The music itself; None if it is not stored.
        dance: The real motion, y up; None if it is not stored.
        video: The real video, bytes of an mp4; None if it is not stored.
        digest: Of all that the clip was read from, so that another clip of its name is not taken for it.
    """

    key: str
    seed: int
    music: Tensor
    genre: str | None
    beats: Tensor
    reference: Reference
    sound: Audio | None = None
    dance: Motion | None = None
    video: bytes | None = None
    digest: str = ""

    @property
    def num_frames(self) -> int:
        """Frames at 30 fps."""
        return len(self.music)

    @property
    def seconds(self) -> float:
        """Length of the music's features."""
        return self.num_frames / MOTION_FPS


def cascade_clip(files: dict[str, Any], seed: int, reference: Reference | None = None) -> CascadeClip:
    """The clip of a sample.

    Args:
        files: Its members as bytes, with ``__key__`` and ``__url__``. ``json`` and ``music.npy`` must be among them,
            and ``reference.jpg`` without another picture; ``audio.flac``, ``motion.npz`` and ``video.mp4`` may.
        seed: Of its noise.
        reference: A picture to take instead of the sample's own.

    Raises:
        ShardError: A member is missing or cannot be used; shard and key are named.
    """
    where = f"{files['__url__']}: sample {files['__key__']}"
    try:
        return _clip(files, seed, reference)
    except ShardError:
        raise
    except (ValueError, TypeError, AttributeError) as error:
        raise ShardError(f"{where}: {error}") from error
    except KeyError as error:
        raise ShardError(
            f"{where} has no member {error.args[0]}, which the cascade needs"
            + (
                "; make the set by 'macedance data render', or name a picture with --data.init_args.reference"
                if error.args[0] == "reference.jpg"
                else ""
            )
        ) from None


def _clip(files: dict[str, Any], seed: int, reference: Reference | None) -> CascadeClip:
    about = decode_member("json", files["json"])
    music = torch.from_numpy(decode_member("music.npy", files["music.npy"])).float()
    _check_music(music)
    genre = about.get("genre")
    genre_index(genre)
    beats = about.get("beats_seconds")
    return CascadeClip(
        key=files["__key__"],
        seed=seed,
        music=music,
        genre=genre,
        beats=feature_beats(music.numpy()) if beats is None else torch.tensor(beats, dtype=torch.float64),
        reference=reference or _reference(files["reference.jpg"], about.get("reference_keypoints")),
        sound=_sound(files["audio.flac"]) if "audio.flac" in files else None,
        dance=_dance(files, about) if "motion.npz" in files else None,
        video=files.get("video.mp4"),
        digest=_digest(files, reference),
    )


def _digest(files: dict[str, Any], reference: Reference | None) -> str:
    parts = {name: files[name] for name in MEMBERS if name in files}
    if reference is not None:
        image = reference.image
        about = f"{image.mode} {image.size}".encode()
        parts["reference.jpg"] = about + image.tobytes() + _bytes_of(reference.keypoints)
    digest = hashlib.sha256()
    for name, data in sorted(parts.items()):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _bytes_of(points: np.ndarray | None) -> bytes:
    return b"" if points is None else points.tobytes()


def _check_music(music: Tensor) -> None:
    if music.ndim != 2 or music.shape[1] != MUSIC_DIM:
        raise ValueError(f"music must be features (frames, {MUSIC_DIM}), got {tuple(music.shape)}")
    if not music.isfinite().all():
        raise ValueError("music must be finite")
    if len(music) < MIN_SECONDS * MOTION_FPS:
        raise ValueError(
            f"music must last at least {MIN_SECONDS:g} s, got {len(music) / MOTION_FPS:.2f} s; leave the clip out"
        )


def _reference(data: bytes, keypoints: Any) -> Reference:
    points = None if keypoints is None else np.asarray(keypoints, dtype=np.float32)
    if points is not None and points.shape != (len(POINT_NAMES), 3):
        raise ValueError(f"reference_keypoints must be ({len(POINT_NAMES)}, 3), got {points.shape}")
    return Reference(PIL.Image.fromarray(decode_member("reference.jpg", data)), points)


def _sound(data: bytes) -> Audio:
    samples, sample_rate = decode_member("audio.flac", data)
    return Audio(np.atleast_2d(samples.T).astype(np.float32), sample_rate).at_most_stereo()


def _dance(files: dict[str, Any], about: dict[str, Any]) -> Motion:
    arrays = decode_member("motion.npz", files["motion.npz"])
    return dance_of({**files, "json": about, "motion.npz": arrays})


class CascadeClips(Dataset[dict[str, Any]]):
    """The clips of a split in the order of their shards; an item has a clip as ``batch``, or an ``error``.

    Args:
        sources: Where they are.
        seed: Each clip's own follows from it and the clip's key.
        reference: A picture for all of them, instead of their own.
        num_clips: How many to take, from the first on; all if None.
    """

    def __init__(
        self,
        sources: Sequence[ShardReader],
        seed: int = 0,
        reference: Reference | None = None,
        num_clips: int | None = None,
    ) -> None:
        self.sources, self.seed, self.reference = sources, seed, reference
        places = [(source, *place) for source, reader in enumerate(sources) for place in reader.places()]
        self._places = places[:num_clips]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> dict[str, Any]:
        source, shard, number = self._places[index]
        try:
            files = self.sources[source].read(shard, number, decode=False)
            seed = sample_seed(self.seed, 0, files["__key__"])
            return {"batch": cascade_clip(files, seed, self.reference), "error": None}
        except (ShardError, OSError) as error:
            return {"batch": None, "error": error}


def jpeg_of(reference: Reference) -> bytes:
    """The picture as a jpg."""
    buffer = io.BytesIO()
    reference.image.save(buffer, format="JPEG", quality=92)
    return buffer.getvalue()
