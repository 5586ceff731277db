"""Training windows of video clips. Axes: F frames, C channels, H height, W width, K key-points."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import torch
from torch import Tensor

from macedance.data.shards import ShardError

MOVIES = ("video.mp4", "pose.mp4", "face.mp4")
LATENTS = "latents.safetensors"
UNCUT = ("json", "reference.jpg", LATENTS)
KEYPOINTS = "keypoints.npy"
VIDEO_MEMBERS = (*MOVIES, KEYPOINTS, *UNCUT)


@dataclass(frozen=True)
class VideoWindow:
    """Makes a training window of a sample: the same frames of each of its videos, mirrored or not.

    Attributes:
        members: What to give, of :data:`VIDEO_MEMBERS`.
        num_frames: Length of a window, at the clip's own frame rate; that of the stored encodings, if the set has
            such.
        size: (H, W) that ``video.mp4`` and ``pose.mp4`` must have, and the videos that were encoded; anything if
            None.
        mirror_probability: Probability of exchanging left and right.
        is_random: Whether the seed decides where to cut; otherwise windows begin with the clip. Where encodings of
            a window are stored, that window is cut in either case.

    Raises:
        ValueError: A member is unknown, or cannot be mirrored and is to be.
    """

    members: tuple[str, ...]
    num_frames: int = 77
    size: tuple[int, int] | None = None
    mirror_probability: float = 0.0
    is_random: bool = True

    def __post_init__(self) -> None:
        unknown = set(self.members) - set(VIDEO_MEMBERS)
        if unknown or not self.members:
            raise ValueError(f"members must be some of {', '.join(VIDEO_MEMBERS)}, got {list(self.members)}")
        fixed = set(self.members) & {"pose.mp4", LATENTS}
        if self.mirror_probability and fixed:
            raise ValueError(
                f"mirror_probability must be 0 with {' and '.join(sorted(fixed))}: the colours of a pose drawing "
                f"tell left from right, and latents cannot be mirrored; got {self.mirror_probability}"
            )

    def __call__(self, sample: dict[str, Any], seed: int) -> dict[str, Any]:
        """A training sample.

        Returns:
            ``key``, ``seed``, and by member: ``video``, ``pose``, ``face`` uint8 (C, F, H, W), ``keypoints``
            (F, K, 3), ``reference`` uint8 (C, H, W), ``latents`` as stored.

        Raises:
            ShardError: A member does not decode, is shorter than the window or of another size; shard and key are
                named.
        """
        try:
            return {"key": sample["__key__"], "seed": seed, **self._window(sample, seed)}
        except (ValueError, KeyError, av.FFmpegError) as error:
            reason = f"json lacks {error}" if isinstance(error, KeyError) else str(error)
            raise ShardError(f"{sample['__url__']}: sample {sample['__key__']}: {reason}") from error

    def _window(self, sample: dict[str, Any], seed: int) -> dict[str, Any]:
        random = np.random.default_rng(seed)
        about = sample["json"]
        start = self._stored_start(about["latents"]) if "latents" in about else self._start(about, random)
        is_mirrored = random.random() < self.mirror_probability
        window: dict[str, Any] = {}
        for member in self.members:
            name = member.partition(".")[0]
            if member in MOVIES:
                window[name] = self._movie(member, sample[member], start)
            elif member == KEYPOINTS:
                window[name] = torch.from_numpy(sample[member][start : start + self.num_frames]).float()
            elif member == "reference.jpg":
                window[name] = torch.from_numpy(sample[member]).movedim(-1, 0)
            elif member == LATENTS:
                window[name] = sample[member]
        return _mirrored(window, about) if is_mirrored else window

    def _start(self, about: dict[str, Any], random: np.random.Generator) -> int:
        spare = int(about.get("video_num_frames", about["num_frames"])) - self.num_frames
        if spare < 0 and {*MOVIES, KEYPOINTS} & set(self.members):
            raise ValueError(
                f"it has {spare + self.num_frames} frames, fewer than num_frames {self.num_frames}"
            )
        return int(random.integers(max(spare, 0) + 1)) if self.is_random else 0

    def _stored_start(self, latents: dict[str, Any]) -> int:
        """Where the window begins whose encodings are stored."""
        if {*MOVIES, KEYPOINTS, LATENTS} & set(self.members) and latents["num_frames"] != self.num_frames:
            raise ValueError(
                f"its encodings are of {latents['num_frames']} frames, num_frames is {self.num_frames}; take "
                f"num_frames {latents['num_frames']}, or encode the clips again"
            )
        if LATENTS in self.members and self.size is not None and tuple(latents["size"]) != tuple(self.size):
            height, width = latents["size"]
            raise ValueError(
                f"its encodings are of {height}x{width} (HxW), size asks for {self.size[0]}x{self.size[1]}; "
                "encode clips of that size"
            )
        return int(latents["start_frame"])

    def _movie(self, member: str, data: bytes, start: int) -> Tensor:
        frames = torch.from_numpy(decode_frames(data, start, self.num_frames)).movedim(-1, 0)
        if self.size is not None and member != "face.mp4" and tuple(frames.shape[-2:]) != tuple(self.size):
            raise ValueError(
                f"{member} is {frames.shape[-2]}x{frames.shape[-1]} (HxW), size asks for "
                f"{self.size[0]}x{self.size[1]}; pack it again at that size"
            )
        return frames


def decode_frames(data: bytes, start: int, num_frames: int) -> np.ndarray:
    """Some consecutive frames of a video file's bytes, uint8 (F, H, W, 3) RGB.

    Raises:
        ValueError: The video does not decode, or ends before.
    """
    frames: list[np.ndarray] = []
    try:
        with av.open(io.BytesIO(data), "r") as container:
            container.streams.video[0].thread_type = "AUTO"
            for index, frame in enumerate(container.decode(video=0)):
                if index >= start:
                    frames.append(frame.to_ndarray(format="rgb24"))
                if len(frames) == num_frames:
                    return np.stack(frames)
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"the video does not decode ({error})") from error
    raise ValueError(f"the video ends before frame {start + num_frames}")


def _mirrored(window: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    mirrored = {
        name: value.flip(-1) for name, value in window.items() if name in ("video", "face", "reference")
    }
    if "keypoints" in window:
        points = window["keypoints"][:, _exchanged(about["keypoint_names"])].clone()
        points[..., 0] = about["video_size"][1] - 1 - points[..., 0]
        mirrored["keypoints"] = points
    return window | mirrored


def _exchanged(names: Sequence[str]) -> list[int]:
    """For each key-point, the one whose place it takes in a mirror."""
    swapped = {"left": "right", "right": "left"}
    return [
        names.index(side + name.removeprefix(other))
        if (side := swapped.get(other := name.partition("_")[0]))
        else at
        for at, name in enumerate(names)
    ]
