from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from window_bank import Clips, ShardFollower, WindowBank, read_clips

from macedance.data.motion_clips import MotionClip

from .tiny_training import Arriving

FRAMES, WINDOW = 50, 20


def numbered_clips(first: int, count: int) -> Clips:
    """Clips whose motion tells clip and frame, in the hundreds and below, and whose music is its negative."""
    number = 100 * np.arange(first, first + count)[:, None] + np.arange(FRAMES)
    motion = np.repeat(number[..., None], 151, axis=-1).astype(np.float32)
    return Clips(motion, -motion[..., :35], np.arange(first, first + count) % 16)


def numbered_bank(*deliveries: Clips, capacity: int = 10) -> WindowBank:
    torch.manual_seed(0)
    return WindowBank(Arriving(*deliveries), capacity, torch.device("cpu"))


def drawn_clips(bank: WindowBank) -> set[int]:
    return {int(number) // 100 for number in bank.draw(200, WINDOW)["motion"][:, 0, 0]}


def test_windows_are_pieces_of_one_clip_with_their_music() -> None:
    bank = numbered_bank(numbered_clips(0, 3))
    bank.refresh()
    batch = bank.draw(500, WINDOW)
    first = batch["motion"][:, 0, 0]
    assert torch.equal(
        batch["motion"], (first[:, None] + torch.arange(WINDOW))[..., None].expand(-1, -1, 151)
    )
    assert torch.equal(batch["music"], -batch["motion"][..., :35])
    assert torch.equal(batch["genre"], (first // 100).long())
    starts = (first % 100).long()
    assert (starts.min(), starts.max()) == (0, FRAMES - WINDOW)
    assert set(batch["genre"].tolist()) == {0, 1, 2}


def test_a_window_may_be_a_whole_clip() -> None:
    bank = numbered_bank(numbered_clips(0, 1))
    bank.refresh()
    assert torch.equal(bank.draw(3, FRAMES)["motion"], bank.motion[[0, 0, 0]])


def test_clips_that_arrive_later_are_drawn_too() -> None:
    bank = numbered_bank(numbered_clips(0, 2), numbered_clips(2, 3))
    bank.refresh()
    assert drawn_clips(bank) == {0, 1}
    bank.refresh()
    assert (bank.num_clips, drawn_clips(bank)) == (5, {0, 1, 2, 3, 4})


def test_what_arrives_when_it_is_full_is_left_out() -> None:
    bank = numbered_bank(*(numbered_clips(2 * number, 2) for number in range(4)), capacity=3)
    for _ in range(3):
        bank.refresh()
    assert (bank.num_clips, drawn_clips(bank)) == (3, {0, 1, 2})
    assert len(bank.follower.deliveries) == 2  # it reads no more of them


def test_the_range_of_motion_is_that_of_the_first_clips() -> None:
    bank = numbered_bank(numbered_clips(1, 4))
    bank.refresh()
    lowest, highest = bank.motion_range(2)
    assert torch.equal(lowest, torch.full((151,), 100.0))
    assert torch.equal(highest, torch.full((151,), 200.0 + FRAMES - 1))


def test_waiting_for_clips_that_never_come_raises() -> None:
    bank = numbered_bank(numbered_clips(0, 2))
    with pytest.raises(
        TimeoutError, match=r"nowhere has 2 of 3 clips after 0 s; write more, or lower --capacity"
    ):
        bank.wait_for(3, seconds=0)
    bank.wait_for(2, seconds=0)


def test_a_shard_is_read_with_motion_music_and_genre(
    made_up_set: Path, training_clips: list[MotionClip]
) -> None:
    read = read_clips(str(made_up_set / "train-000001.tar"))
    assert read.motion.shape == (2, 240, 151)
    for number, clip in enumerate(training_clips[2:]):
        np.testing.assert_array_equal(read.motion[number], clip.encoded().numpy())
        np.testing.assert_array_equal(read.music[number], clip.music.numpy())
        assert read.genre[number] == clip.genre


def test_shards_written_meanwhile_are_followed(
    made_up_set: Path, training_clips: list[MotionClip], tmp_path: Path
) -> None:
    def write(number: int) -> None:
        for suffix in (".idx", ".tar"):
            shutil.copy(made_up_set / f"train-{number:06d}{suffix}", tmp_path)

    follower = ShardFollower(tmp_path, num_workers=1)
    bank = WindowBank(follower, 4, torch.device("cpu"))
    try:
        write(0)
        bank.wait_for(2, seconds=120)
        assert bank.num_clips == 2
        write(1)
        bank.wait_for(4, seconds=120)
    finally:
        follower.close()
    for number, clip in enumerate(training_clips):
        assert torch.equal(bank.motion[number], clip.encoded())
