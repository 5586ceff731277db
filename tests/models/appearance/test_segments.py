from __future__ import annotations

import pytest
from diffusers import WanAnimatePipeline

from macedance.models.appearance.segments import check_segments, count_segments, overlapping_segments


def padded_by_diffusers(num_frames: int, num_target_frames: int) -> list[int]:
    return WanAnimatePipeline.pad_video_frames(None, list(range(num_frames)), num_target_frames)


@pytest.mark.parametrize("relay", [1, 5])
@pytest.mark.parametrize("num_frames", [2, 3, 16, 17, 18, 29, 30, 33, 34, 41, 46, 100])
def test_segments_are_cut_of_the_clip_that_diffusers_would_fill_up(num_frames: int, relay: int) -> None:
    length = 17
    step = length - relay
    number = count_segments(num_frames, length, relay)
    whole = padded_by_diffusers(num_frames, relay + number * step)
    segments = overlapping_segments(
        iter(range(num_frames)), num_frames, segment_num_frames=length, relay_num_frames=relay
    )
    assert list(segments) == [whole[start : start + length] for start in range(0, number * step, step)]
    assert relay + (number - 1) * step < num_frames <= relay + number * step or number == 1


def test_a_single_frame_fills_a_segment() -> None:
    assert list(overlapping_segments("a", 1, segment_num_frames=5, relay_num_frames=1)) == [["a"] * 5]


def test_frames_are_read_no_further_than_the_segment_given() -> None:
    num_read = 0

    def frames():
        nonlocal num_read
        for number in range(1000):
            num_read += 1
            yield number

    segments = overlapping_segments(frames(), 1000, segment_num_frames=17, relay_num_frames=1)
    for segment in range(5):
        next(segments)
        assert num_read == 17 + 16 * segment


def test_too_few_frames_are_told() -> None:
    with pytest.raises(ValueError, match="num_frames = 20 pictures, but ended after 18"):
        list(overlapping_segments(range(18), 20, segment_num_frames=17, relay_num_frames=1))


@pytest.mark.parametrize(
    ("length", "relay", "message"),
    [
        (76, 1, "segment_num_frames must be a multiple of 4 plus 1, got 76; take 73 or 77"),
        (0, 1, "take 5 or 9"),
        (77, 2, "relay_num_frames must be 1 or 5, got 2"),
        (5, 5, "segment_num_frames must be more than relay_num_frames, got 5 and 5"),
    ],
)
def test_segments_that_cannot_be_made_are_refused(length: int, relay: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_segments(length, relay)
