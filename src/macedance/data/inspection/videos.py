"""What the bytes of a video file hold."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av

from macedance.data.shards.members import MAX_VALUE_BYTES


@dataclass(frozen=True)
class VideoFacts:
    """Size in pixels, frames that a player shows, and whether there is sound."""

    width: int
    height: int
    num_frames: int
    has_sound: bool


def probe_video_bytes(data: bytes, *, decode: bool = False) -> VideoFacts:
    """The facts of a video file's bytes.

    Args:
        data: The file.
        decode: Decode every frame and count those; otherwise the packets are counted.

    Raises:
        ValueError: It is no whole video file, or a picture of it would be too large.
    """
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if not container.streams.video:
                raise ValueError("it holds no pictures")
            stream = container.streams.video[0]
            if 3 * stream.width * stream.height > MAX_VALUE_BYTES:
                raise ValueError(f"its pictures are {stream.width} x {stream.height}, which is too large")
            num_shown = _count_packets(container, stream)
            if decode:
                num_shown = _count_frames(container, stream, limit=num_shown)
            return VideoFacts(stream.width, stream.height, num_shown, bool(container.streams.audio))
    except av.FFmpegError as error:
        raise ValueError(f"it is no whole video file: {error.strerror or error}") from error


def _count_packets(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """Frames shown, by the container alone: a file may hold some before its beginning that only others need."""
    packets = [packet for packet in container.demux(stream) if packet.size]
    if stream.frames > len(packets):
        raise ValueError(f"it promises {stream.frames} frames and holds {len(packets)}; it is cut off")
    return sum(not packet.is_discard for packet in packets)


def _count_frames(container: av.container.InputContainer, stream: av.VideoStream, limit: int) -> int:
    container.seek(0)
    stream.codec_context.options = {"err_detect": "explode"}
    num_frames = 0
    for _ in container.decode(stream):
        num_frames += 1
        if num_frames > limit:  # a codec that makes more of a file than it seems to hold
            break
    return num_frames
