"""Shards for a cascade, made by code in a second: songs, dances, pictures and videos of a moving square."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from macedance.data.choreography import choreograph
from macedance.data.music_features import BEAT, MUSIC_DIM, ONSET_STRENGTH
from macedance.data.picture_bytes import jpeg_bytes, mp4_bytes
from macedance.data.shards import encode_sample, write_shard
from macedance.data.songs import make_song

FPS, SIZE_PX, SECONDS = 30, 32, 2.0
VIDEO_FPS = 10


def write_cascade_shards(
    folder: Path, *, num_clips: int = 3, seconds: float = SECONDS, leave_out: tuple[str, ...] = ()
) -> Path:
    """The splits ``val`` and ``test``, of whose samples some members may be left out."""
    for split in ("val", "test"):
        samples = [_sample(f"{split}{number}", number, seconds) for number in range(num_clips)]
        kept = [{name: data for name, data in sample.items() if name not in leave_out} for sample in samples]
        write_shard(folder / f"{split}-000000.tar", kept)
    return folder


def _sample(key: str, seed: int, seconds: float) -> dict:
    song = make_song(SECONDS, seed, sample_rate=8000)
    poses, trans = choreograph(song, seed, fps=FPS)
    poses, trans = poses[: int(seconds * FPS)], trans[: int(seconds * FPS)]
    music = np.zeros((len(poses), MUSIC_DIM), np.float32)
    beats = [beat for beat in song.beats.tolist() if beat < seconds - 0.1]
    music[np.round(np.array(beats) * FPS).astype(int), BEAT] = 1
    music[:, ONSET_STRENGTH] = np.random.default_rng(seed).random(len(poses))
    about = {"fps": FPS, "genre": "Jazz", "beats_seconds": beats, "num_frames": len(poses)}
    files = {
        "reference.jpg": jpeg_bytes(np.full((SIZE_PX, SIZE_PX, 3), 90 + 40 * seed, np.uint8)),
        "video.mp4": mp4_bytes(_square(seed, seconds), VIDEO_FPS),
    }
    arrays = {"poses": poses, "trans": trans, "betas": np.zeros(10, np.float32)}
    return encode_sample(
        key, about, motion=arrays, music=music, audio=(song.samples, song.sample_rate), files=files
    )


def _square(seed: int, seconds: float) -> list[np.ndarray]:
    frames = []
    for number in range(int(seconds * VIDEO_FPS)):
        frame = np.full((SIZE_PX, SIZE_PX, 3), 60 + 30 * seed, np.uint8)
        left = (2 * number + 5 * seed) % (SIZE_PX - 8)
        frame[12:20, left : left + 8] = (220, 40, 40)
        frames.append(frame)
    return frames
