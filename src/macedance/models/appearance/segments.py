"""How a long video is cut into segments that overlap, as Wan-Animate makes it.

Every segment has the same length. A segment begins with the last frames of the one before it, the relay, so that
the picture goes on where it stopped; the last segment is filled up with frames in mirrored order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

RELAY_CHOICES = (1, 5)
"""How many frames Wan-Animate has learnt to go on from."""

Frame = TypeVar("Frame")


def check_segments(segment_num_frames: int, relay_num_frames: int, frames_per_latent: int = 4) -> None:
    """Refuse segments that Wan-Animate cannot make.

    Raises:
        ValueError: The length is not 4k + 1, or the relay is not 1 or 5 frames, or not shorter than a segment.
    """
    if relay_num_frames not in RELAY_CHOICES:
        raise ValueError(f"relay_num_frames must be 1 or 5, got {relay_num_frames}; 1 is the usual choice")
    if segment_num_frames < 1 or segment_num_frames % frames_per_latent != 1:
        below = max(segment_num_frames - 1, frames_per_latent) // frames_per_latent * frames_per_latent + 1
        raise ValueError(
            f"segment_num_frames must be a multiple of {frames_per_latent} plus 1, got {segment_num_frames}; "
            f"take {below} or {below + frames_per_latent}"
        )
    if segment_num_frames <= relay_num_frames:
        raise ValueError(
            f"segment_num_frames must be more than relay_num_frames, got {segment_num_frames} and "
            f"{relay_num_frames}; a segment makes what is left of it after the relay"
        )


def count_segments(num_frames: int, segment_num_frames: int, relay_num_frames: int) -> int:
    """How many segments it takes to make a video.

    >>> count_segments(77, 77, 1), count_segments(78, 77, 1), count_segments(9000, 77, 1)
    (1, 2, 119)
    """
    step = segment_num_frames - relay_num_frames
    return max(1, -(-(num_frames - relay_num_frames) // step))


def overlapping_segments(
    frames: Iterable[Frame], num_frames: int, *, segment_num_frames: int, relay_num_frames: int
) -> Iterator[list[Frame]]:
    """The frames of each segment, of which the first ``relay_num_frames`` were the last of the one before.

    ``frames`` is read as far as the segment that is given, no further, and no more of it is kept than what a
    later segment needs: the relay, and before the last segment what its end mirrors.

    >>> segments = overlapping_segments("abcdefg", 7, segment_num_frames=5, relay_num_frames=1)
    >>> ["".join(segment) for segment in segments]
    ['abcde', 'efgfe']

    Raises:
        ValueError: There are fewer than ``num_frames`` frames.
    """
    step = segment_num_frames - relay_num_frames
    source = iter(frames)
    held: dict[int, Frame] = {}
    num_read = 0
    wanted = _wanted(0, segment_num_frames, num_frames)
    for number in range(1, count_segments(num_frames, segment_num_frames, relay_num_frames) + 1):
        for index in range(num_read, max(wanted) + 1):
            held[index] = _next_frame(source, index, num_frames)
        num_read = max(num_read, max(wanted) + 1)
        segment = [held[index] for index in wanted]
        wanted = _wanted(number * step, segment_num_frames, num_frames)
        held = {index: frame for index, frame in held.items() if index >= min(wanted)}
        yield segment


def _wanted(start: int, length: int, num_frames: int) -> list[int]:
    """The frames that a segment shows. Beyond the end the video plays backwards, then forwards again."""
    period = max(1, 2 * (num_frames - 1))
    places = (index % period for index in range(start, start + length))
    return [min(place, period - place) for place in places]


def _next_frame(source: Iterator[Frame], index: int, num_frames: int) -> Frame:
    for frame in source:
        return frame
    raise ValueError(f"pose_frames must hold num_frames = {num_frames} pictures, but ended after {index}")
