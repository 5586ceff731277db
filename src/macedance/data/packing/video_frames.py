"""The pictures of a video at given times. Axes: H height, W width, C channels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MAX_MISSING_SECONDS = Fraction(1, 2)
"""The last picture stays this long if a video ends earlier than its header says."""

TIME_TOLERANCE = Fraction(1, 1000)
"""Containers round the time at which a picture begins, mkv and webm to a millisecond."""


def frames_at(
    path: Path, times: Sequence[Fraction], size: tuple[int, int] | None = None
) -> Iterator[np.ndarray]:
    """The uint8 (H, W, 3) picture that a video shows at each time, upright, cut to even height and width.

    Only the part of the video that is needed is decoded, one picture at a time.

    Args:
        path: The video.
        times: Seconds from its first picture, ascending.
        size: Height and width, even: the picture is scaled until it covers them, and its middle is taken.

    Raises:
        ValueError: The video cannot be decoded, or ends more than half a second before the last time.
    """
    try:
        with av.open(str(path.absolute())) as container:
            yield from _frames_at(container, times, size)
    except av.FFmpegError as error:
        raise ValueError(f"its picture cannot be decoded ({error.strerror})") from error


def sound_delay(path: Path) -> Fraction:
    """Seconds from a video's first picture to its first sound; negative if the sound comes first."""
    with av.open(str(path.absolute())) as container:
        sound, video = (
            _first_seconds(streams[0]) for streams in (container.streams.audio, container.streams.video)
        )
        return sound - video


def _frames_at(
    container: av.container.InputContainer, times: Sequence[Fraction], size: tuple[int, int] | None
) -> Iterator[np.ndarray]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    number, shown, begun = 0, None, Fraction(0)
    for frame, begins in _decoded_from(container, stream, times[0]):
        if shown is not None and times[number] < begins - TIME_TOLERANCE:
            picture = _upright(shown, size)
            while number < len(times) and times[number] < begins - TIME_TOLERANCE:
                yield picture
                number += 1
            if number == len(times):
                return
        shown, begun = frame, begins
    if shown is None or times[-1] - begun > MAX_MISSING_SECONDS:
        raise ValueError(f"its picture ends after {float(begun):.1f} s, before its header says")
    picture = _upright(shown, size)
    for _ in times[number:]:
        yield picture


def _decoded_from(
    container: av.container.InputContainer, stream: av.VideoStream, seconds: Fraction
) -> Iterator[tuple[av.VideoFrame, Fraction]]:
    """Pictures and when they begin: all from the one on that is shown at a time, and maybe some before."""
    first, time_base = stream.start_time or 0, stream.time_base or Fraction(1, 1)

    def decoded() -> Iterator[tuple[av.VideoFrame, Fraction]]:
        for frame in container.decode(stream):
            if frame.pts is not None:
                yield frame, (frame.pts - first) * time_base

    container.seek(first + int(seconds / time_base), stream=stream)
    frames = decoded()
    one = next(frames, None)
    if one is None or one[1] > seconds:  # without an index, a seek may miss
        container.seek(first, stream=stream)
        yield from decoded()
    else:
        yield one
        yield from frames


def _upright(frame: av.VideoFrame, size: tuple[int, int] | None) -> np.ndarray:
    """The picture as a viewer sees it, of the wanted size, or of its own if that is even."""
    num_turns = round(frame.rotation / 90) % 4
    across = num_turns % 2 == 1
    height, width = (frame.width, frame.height) if across else (frame.height, frame.width)
    target_height, target_width = size or (height - height % 2, width - width % 2)
    if size:
        scale = max(Fraction(target_height, height), Fraction(target_width, width))
        height, width = math.ceil(height * scale), math.ceil(width * scale)
    stored_height, stored_width = (width, height) if across else (height, width)
    picture = frame.to_ndarray(format="rgb24", width=stored_width, height=stored_height, interpolation="AREA")
    picture = np.rot90(picture, num_turns)
    top, left = (height - target_height) // 2, (width - target_width) // 2
    return np.ascontiguousarray(picture[top : top + target_height, left : left + target_width])


def _first_seconds(stream: av.stream.Stream) -> Fraction:
    return (stream.start_time or 0) * (stream.time_base or Fraction(1, 1))
