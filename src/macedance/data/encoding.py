"""Stored encodings: windows of the videos in a set of shards, as latents for training without encoders.

Axes: B windows, C channels, F frames, H height, W width.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import av
import PIL.Image
import safetensors.torch
import torch
from torch import Tensor

from macedance.data.encode_plan import EncodeJob, EncodePlan, EncodeSettings
from macedance.data.shards import ShardError, ShardLocation, ShardReader, encode_sample
from macedance.data.shards.building import ShardBuilder
from macedance.data.shards.index import read_index
from macedance.data.video_clips import decode_frames

FORMAT = 1
"""Part of every set's settings; to be raised when equal settings give other encodings."""

LATENTS = "latents.safetensors"
SOURCES = ("json", "video.mp4", "pose.mp4", "reference.jpg")
KEPT_FOR_EVALUATION = ("video.mp4", "audio.flac")
EVALUATION_SPLITS = ("val", "test")
SIDE_MULTIPLE = 16

Encodings = dict[str, Tensor]


class Encoder(Protocol):
    """What makes encodings of windows: :class:`~macedance.models.appearance.encoding.WindowEncoder`."""

    def encode(self, video: Tensor, pose: Tensor, references: Sequence[PIL.Image.Image]) -> list[Encodings]:
        """For each of B windows, uint8 (B, 3, F, H, W), tensors on the CPU."""


@dataclass(frozen=True)
class EncodeReport:
    """What came of it.

    Attributes:
        num_clips: Clips with encodings, of this rank's shards.
        num_windows: Their windows.
        num_short: Clips that are shorter than a window and were left out.
        num_bytes: Size of all encodings.
        is_new: Whether anything was to be done.
    """

    num_clips: int
    num_windows: int
    num_short: int
    num_bytes: int
    is_new: bool


def encode_shards(
    folder: str | Path,
    plan: EncodePlan,
    settings: EncodeSettings,
    make_encoder: Callable[[], Encoder],
    *,
    batch_size: int = 4,
    skip_short: bool = False,
    share: tuple[int, int] = (0, 1),
    overwrite: bool = False,
    on_progress: Callable[[int], None] = lambda num_windows: None,
) -> EncodeReport:
    """Write a set of encodings, or a rank's share of it: shards of the same names, one sample a window.

    A run that was cut off goes on after its last whole shard; so does one that met a short clip, with ``skip_short``.

    Args:
        folder: Where to.
        plan: Which clips.
        settings: How.
        make_encoder: Called once, when there is something to encode.
        batch_size: Windows that are encoded at a time, at most.
        skip_short: Leave out clips that are shorter than a window.
        share: (rank, number of ranks), each of which makes every so many-th shard.
        overwrite: Replace a set of other settings.
        on_progress: Called with the number of windows newly done, found done or left out.

    Raises:
        FileExistsError: ``folder`` holds something else and ``overwrite`` is off.
        ShardError: A clip lacks a member, is damaged, of a size that cannot be encoded, or too short; shard and key
            are named.
        ValueError: ``batch_size`` is not positive.
    """
    if batch_size < 1:
        raise ValueError(f"batch-size must be at least 1, got {batch_size}")
    identity = {"encoded": plan.digest, "format": FORMAT, **asdict(settings)}

    def num_windows(job: EncodeJob) -> int:
        return len(job.numbers) * settings.windows_per_clip

    clips = _Clips(plan.shards, settings, make_encoder, batch_size, skip_short=skip_short)
    jobs = plan.jobs(max(1, batch_size // settings.windows_per_clip))
    is_new = ShardBuilder(folder, jobs, identity, share).build(
        clips.encode, overwrite=overwrite, on_progress=lambda job: on_progress(num_windows(job))
    )
    own = [Path(folder) / location.name for location in plan.of_rank(share)]
    return _report(own, plan.num_clips(share), settings, is_new=is_new)


def _report(
    shards: Sequence[Path], num_source_clips: int, settings: EncodeSettings, *, is_new: bool
) -> EncodeReport:
    num_clips = num_windows = num_bytes = 0
    for shard in shards:
        samples = read_index(shard).samples
        num_windows += len(samples)
        num_clips += sum(settings.windows_per_clip == 1 or key.endswith("-0") for key in samples)
        num_bytes += sum(members[LATENTS][1] for members in samples.values())
    return EncodeReport(num_clips, num_windows, num_source_clips - num_clips, num_bytes, is_new)


@dataclass(frozen=True)
class _Window:
    """A window of a clip, decoded: uint8 (3, F, H, W), and what is stored besides its encodings."""

    key: str
    video: Tensor
    pose: Tensor
    reference: PIL.Image.Image
    about: dict[str, Any]
    files: dict[str, bytes]


class _Clips:
    """Reads clips and encodes their windows, batch by batch."""

    def __init__(
        self,
        shards: Sequence[ShardLocation],
        settings: EncodeSettings,
        make_encoder: Callable[[], Encoder],
        batch_size: int,
        *,
        skip_short: bool,
    ) -> None:
        self.shards, self.settings = shards, settings
        self.batch_size, self.skip_short = batch_size, skip_short
        self.reader = ShardReader(shards)
        self.encoder = functools.cache(make_encoder)

    def encode(self, job: EncodeJob) -> list[dict[str, Any]]:
        """The samples of a job."""
        return [
            encode_sample(window.key, window.about, files={LATENTS: _latent_bytes(encodings), **window.files})
            for batch in self._batches(job)
            for window, encodings in zip(batch, self._encoded(batch), strict=True)
        ]

    def _encoded(self, batch: Sequence[_Window]) -> list[Encodings]:
        video, pose = (torch.stack([getattr(w, name) for w in batch]) for name in ("video", "pose"))
        with torch.inference_mode():
            return self.encoder().encode(video, pose, [window.reference for window in batch])

    def _batches(self, job: EncodeJob) -> Iterator[list[_Window]]:
        """Windows of one size that follow each other."""
        batch: list[_Window] = []
        for window in self._windows(job):
            if batch and (
                len(batch) == self.batch_size or batch[0].video.shape[-2:] != window.video.shape[-2:]
            ):
                yield batch
                batch = []
            batch.append(window)
        if batch:
            yield batch

    def _windows(self, job: EncodeJob) -> Iterator[_Window]:
        clips = [self._read(job.shard, number) for number in job.numbers]
        lengths = {clip["__key__"]: _num_video_frames(clip) for clip in clips}
        short = [key for key, length in lengths.items() if length < self.settings.num_frames]
        if short and not self.skip_short:
            told = ", ".join(f"{key} ({lengths[key]} frames)" for key in short)
            raise ShardError(
                f"{self.shards[job.shard].shown}: clips shorter than num-frames {self.settings.num_frames}: {told}; "
                "take fewer frames, or leave such clips out with --skip-short"
            )
        for clip in clips:
            for number, start in enumerate(self.settings.starts(lengths[clip["__key__"]])):
                yield self._window(clip, job.shard, number, start)

    def _read(self, shard: int, number: int) -> dict[str, Any]:
        """A clip's json as a value, and all of its members' bytes as ``files``."""
        about = self.reader.read(shard, number, ("json",))
        stored = self.reader.read(shard, number, decode=False)
        missing = next((name for name in SOURCES if name not in stored), None)
        if missing is not None:
            way_out = (
                f"make {'pose drawings' if missing == 'pose.mp4' else 'it'} with 'macedance data render'"
                if "motion.npz" in stored
                else "put it beside the clip's other files"
            )
            raise ShardError(
                f"{about['__url__']}: sample {about['__key__']} has no member {missing}, which encoding needs; "
                f"{way_out}"
            )
        return {**about, "files": stored}

    def _window(self, clip: dict[str, Any], shard: int, number: int, start: int) -> _Window:
        files, key, settings = clip["files"], clip["__key__"], self.settings
        try:
            video, pose = (
                _frames(files[name], start, settings.num_frames) for name in ("video.mp4", "pose.mp4")
            )
            height, width = _checked_size(video, pose)
            with PIL.Image.open(io.BytesIO(files["reference.jpg"]), formats=("JPEG",)) as image:
                reference = image.convert("RGB")
        except (ValueError, OSError, av.FFmpegError) as error:
            raise ShardError(f"{clip['__url__']}: sample {key}: {error}") from error
        latents = {
            "start_frame": start,
            "num_frames": settings.num_frames,
            "size": [height, width],
            "prompt": settings.prompt,
            "text_id": settings.text_id,
            "backbone": settings.backbone,
        }
        is_evaluated = self.shards[shard].name.partition("-")[0] in EVALUATION_SPLITS
        kept = ("reference.jpg", *(KEPT_FOR_EVALUATION if is_evaluated else ()))
        return _Window(
            key if settings.windows_per_clip == 1 else f"{key}-{number}",
            video,
            pose,
            reference,
            {**clip["json"], "latents": latents},
            {name: files[name] for name in kept if name in files},
        )


def _num_video_frames(clip: dict[str, Any]) -> int:
    about = clip["json"]
    for name in ("video_num_frames", "num_frames"):
        if isinstance(about.get(name), int):
            return int(about[name])
    raise ShardError(f"{clip['__url__']}: sample {clip['__key__']}: its json tells no video_num_frames")


def _frames(movie: bytes, start: int, num_frames: int) -> Tensor:
    """uint8 (3, F, H, W)."""
    return torch.from_numpy(decode_frames(movie, start, num_frames)).movedim(-1, 0)


def _checked_size(video: Tensor, pose: Tensor) -> tuple[int, int]:
    """(H, W) of both.

    Raises:
        ValueError: They differ, or cannot be encoded.
    """
    height, width = video.shape[-2:]
    if pose.shape[-2:] != video.shape[-2:]:
        raise ValueError(
            f"pose.mp4 is {pose.shape[-2]}x{pose.shape[-1]} (HxW), video.mp4 is {height}x{width}; make one again"
        )
    if height % SIDE_MULTIPLE or width % SIDE_MULTIPLE:
        raise ValueError(
            f"video.mp4 is {height}x{width} (HxW), both must be multiples of {SIDE_MULTIPLE}; make it again at "
            "such a size"
        )
    return height, width


def _latent_bytes(encodings: Encodings) -> bytes:
    return safetensors.torch.save(
        {name: value.to(torch.bfloat16).contiguous() for name, value in encodings.items()}
    )
