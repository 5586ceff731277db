"""The rendered part of MA-Data: dances of a set of shards, danced by a body in front of a still camera.

F frames of video, H, W height and width, K key-points (20).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch

from macedance.data.motion_clips import dance_of
from macedance.data.motion_statistics import motion_statistics
from macedance.data.picture_bytes import jpeg_bytes, mp4_bytes
from macedance.data.shards import ShardLocation, ShardReader, Shards, encode_sample, locate_shards
from macedance.data.shards.building import ShardBuilder
from macedance.data.shards.members import npy_bytes
from macedance.data.shards.order import sample_seed
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.face import FACE_SIZE_PX, face_frames
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.projector import Projector
from macedance.render.look import random_look
from macedance.render.pose_drawing import pose_frames
from macedance.render.scene import Scene

FORMAT = 2
"""Part of every set's settings; to be raised when equal settings give other clips."""

KEPT = ("motion.npz", "music.npy", "audio.flac")
"""Members that a rendered clip takes over as they are."""

FIRST_REFERENCE_SHARE = 0.25
"""The reference is a moment after this share of the clip, so that it is not the frame that a clip begins with."""


@dataclass(frozen=True)
class RenderSettings:
    """What determines a rendered set, besides the dances.

    Attributes:
        video_size: (H, W), even.
        video_fps: Frames per second.
        seed: Another seed, other bodies and rooms.
        clips_per_shard: Clips in a shard at most.
        has_face: Whether the video of the face is made too.

    Raises:
        ValueError: A number is out of range.
    """

    video_size: tuple[int, int]
    video_fps: Fraction = Fraction(30)
    seed: int = 0
    clips_per_shard: int = 32
    has_face: bool = False

    def __post_init__(self) -> None:
        if not all(side > 0 and side % 2 == 0 for side in self.video_size):
            height, width = self.video_size
            raise ValueError(f"size must be two positive even numbers, H W, got {height} {width}")
        if not 1 <= self.video_fps <= 240:
            raise ValueError(f"fps must lie in 1..240, got {float(self.video_fps):g}")
        if self.clips_per_shard < 1:
            raise ValueError(f"clips-per-shard must be at least 1, got {self.clips_per_shard}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")


@dataclass(frozen=True)
class RenderJob:
    """A dance to be rendered: a sample of a shard."""

    shard: ShardLocation
    number: int


@dataclass(frozen=True)
class RenderPlan:
    """The dances of every shard to be written, by its file name, and what identifies them all."""

    shards: dict[str, list[RenderJob]]
    digest: str

    @property
    def sources(self) -> set[str]:
        """Where the shards are that are read."""
        return {job.shard.url for jobs in self.shards.values() for job in jobs}

    @classmethod
    def of(cls, shards: Shards, clips_per_shard: int) -> RenderPlan:
        """All samples in their order, split by split.

        Raises:
            FileNotFoundError: There are no shards.
            ShardError: A manifest or an index is damaged.
        """
        locations = locate_shards(shards)
        splits: dict[str, list[RenderJob]] = {}
        for location in locations:
            jobs = [RenderJob(location, number) for number in range(location.num_samples)]
            splits.setdefault(location.name.removesuffix(".tar").partition("-")[0], []).extend(jobs)
        names = {
            f"{split}-{index:06d}.tar": jobs[first : first + clips_per_shard]
            for split, jobs in splits.items()
            for index, first in enumerate(range(0, len(jobs), clips_per_shard))
        }
        identity = "\n".join(f"{location.name} {location.sha256}" for location in locations)
        return cls(names, hashlib.sha256(identity.encode()).hexdigest())

    @property
    def num_clips(self) -> int:
        """How many dances there are."""
        return sum(map(len, self.shards.values()))


def render_shards(
    folder: str | Path,
    plan: RenderPlan,
    settings: RenderSettings,
    *,
    num_workers: int = 1,
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda num_clips: None,
) -> bool:
    """Write a rendered set; return False if it was there already, whole and of the same settings and dances.

    A run that was cut off goes on after its last whole shard. The result does not depend on ``num_workers``.

    Args:
        folder: Where to.
        plan: Which dances.
        settings: How.
        num_workers: Processes.
        overwrite: Replace a set of other settings.
        on_progress: Called with the number of clips newly done, or found done.

    Raises:
        FileExistsError: ``folder`` holds something else and ``overwrite`` is off.
        ShardError: A dance is missing or damaged; shard and key are named.
    """
    identity = {
        "rendered": plan.digest,
        "format": FORMAT,
        **asdict(settings),
        "video_fps": str(settings.video_fps),
    }
    has_training = any(name.startswith("train-") for name in plan.shards)
    return ShardBuilder(folder, plan.shards, identity).build(
        functools.partial(_make_clips, settings),
        statistics=lambda: dict(motion_statistics(folder)) if has_training else {},
        num_workers=num_workers,
        overwrite=overwrite,
        on_progress=lambda job: on_progress(1),
    )


def _make_clips(settings: RenderSettings, job: RenderJob) -> list[dict[str, Any]]:
    reader = ShardReader([job.shard])
    sample = reader.read(0, job.number, ("json", "motion.npz"))
    dance, key, about = dance_of(sample), sample["__key__"], sample["json"]
    stored = reader.read(0, job.number, decode=False)
    with _one_thread():
        files, facts = render_clip(dance, settings, sample_seed(settings.seed, 0, key))
    kept = {name: stored[name] for name in KEPT if name in stored}
    return [encode_sample(key, {**about, **facts}, files=kept | files)]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch compute in one thread: sums differ in their last bit with the number of threads."""
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(num_threads)


def render_clip(
    motion: Motion, settings: RenderSettings, seed: int
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The members of a rendered dance that have pictures, by name, and what the json tells of them.

    Args:
        motion: The dance, y up. A body of mean shape dances it, whatever its betas.
        settings: How.
        seed: Decides clothes, room, light and which moment becomes the reference.
    """
    random = np.random.default_rng(seed)
    height, width = settings.video_size
    size_px, rate = (width, height), settings.video_fps
    motion = replace(motion, betas=torch.zeros_like(motion.betas)).resample(float(rate))
    body, projector = BodyModel(), Projector()
    look = random_look(body, size_px, random)
    first = int(FIRST_REFERENCE_SHARE * motion.num_frames)
    moment = int(random.integers(min(first + 1, motion.num_frames - 1), motion.num_frames))
    camera = projector.camera_for(motion, size_px)
    scene = Scene(motion, body=body, size_px=size_px, camera=camera, look=look)
    sequence = projector.project(motion, size_px=size_px, fps=motion.fps)
    files = {"reference.jpg": jpeg_bytes(next(scene.frames([moment])))}
    movies: dict[str, Iterable[np.ndarray]] = {"video.mp4": scene.frames(), "pose.mp4": pose_frames(sequence)}
    if settings.has_face:
        movies["face.mp4"] = _faces(scene.frames(), sequence)
    files |= {name: mp4_bytes(frames, rate) for name, frames in movies.items()}
    files["keypoints.npy"] = npy_bytes(sequence.points)
    facts = {
        "video_fps": int(rate) if rate.denominator == 1 else float(rate),
        "video_num_frames": motion.num_frames,
        "video_size": [height, width],
        "keypoint_names": list(POINT_NAMES),
        "reference_keypoints": sequence.points[moment].round(2).tolist(),
    }
    return files, facts


def _faces(frames: Iterable[np.ndarray], sequence: PoseSequence) -> Iterator[np.ndarray]:
    """The face in every frame; black, which a video model takes for no face, where it is not seen."""
    for face in face_frames(frames, sequence):
        yield np.zeros((FACE_SIZE_PX, FACE_SIZE_PX, 3), np.uint8) if face is None else face
