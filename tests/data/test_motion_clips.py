from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from macedance.data.motion_clips import EpochOrder, MotionWindows, WholeClips, load_motion_clips
from macedance.data.shards import encode_sample, expand_shards, write_shard


@pytest.fixture(scope="module")
def clips(motion_shards: Path) -> list:
    return load_motion_clips(expand_shards(motion_shards, "train"))


def test_clips_hold_representation_music_and_beats(clips: list) -> None:
    assert len(clips) == 6
    for clip in clips:
        assert clip.motion.shape == (240, 151)
        assert clip.music.shape == (240, 35)
        assert clip.genre == 5
        assert 0 <= clip.beats[0] < clip.beats[-1] < 8


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 60), st.integers(1, 5), st.sampled_from([1, 2, 4]), st.integers(0, 3), st.integers(0, 3)
)
def test_ranks_share_each_epochs_permutation(
    num_samples: int, per_rank: int, world_size: int, seed: int, epoch: int
) -> None:
    batch_size = per_rank * world_size
    num_samples += batch_size
    orders = [EpochOrder(num_samples, batch_size, seed, rank, world_size) for rank in range(world_size)]
    alone = EpochOrder(num_samples, batch_size, seed)
    for order in (*orders, alone):
        order.set_epoch(epoch)
    shares = [list(order) for order in orders]
    assert len({len(share) for share in shares}) == 1
    assert len(shares[0]) == len(orders[0])
    together = [index for share in shares for index in share]
    assert len(set(together)) == len(together) == num_samples // batch_size * batch_size
    for step in range(num_samples // batch_size):
        part = slice(step * per_rank, (step + 1) * per_rank)
        global_batch = list(alone)[step * batch_size : (step + 1) * batch_size]
        assert [index for share in shares for index in share[part]] == global_batch


def test_epochs_differ_and_repeat() -> None:
    order = EpochOrder(20, 4, seed=0)
    first = list(order)
    order.set_epoch(1)
    second = list(order)
    assert [index for _, index in first] != [index for _, index in second]
    order.set_epoch(0)
    assert list(order) == first


@pytest.mark.parametrize(
    ("batch_size", "world_size", "message"), [(3, 2, "divisible"), (30, 1, "must not exceed")]
)
def test_refuses_batches_that_cannot_be(batch_size: int, world_size: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EpochOrder(20, batch_size, 0, 0, world_size)


def test_windows_are_cut_by_seed_epoch_and_key(clips: list) -> None:
    windows = MotionWindows(clips, 100, windows_per_clip=2, seed=1)
    assert len(windows) == 12
    again = MotionWindows(clips, 100, windows_per_clip=2, seed=1)
    torch.testing.assert_close(windows[0, 3]["motion"], again[0, 3]["motion"])
    starts = {(epoch, index): windows[epoch, index]["seed"] for epoch in range(3) for index in range(12)}
    assert len(set(starts.values())) == 36
    assert not torch.equal(windows[0, 3]["motion"], windows[1, 3]["motion"])
    assert windows[0, 3]["motion"].shape == (100, 151)
    clip = clips[3]
    assert (clip.motion.unfold(0, 100, 1).movedim(-1, 1) == windows[0, 3]["motion"]).all((1, 2)).any()


def test_refuses_windows_longer_than_a_clip(clips: list) -> None:
    with pytest.raises(ValueError, match="window_frames must not exceed"):
        MotionWindows(clips, 241)


def test_whole_clips_are_each_seen_once(clips: list) -> None:
    shares = [WholeClips(clips, 2, rank=rank, world_size=2) for rank in range(2)]
    keys = [key for share in shares for index in range(len(share)) for key in share[index]["key"]]
    assert sorted(keys) == sorted(clip.key for clip in clips)
    with pytest.raises(IndexError):
        shares[0][len(shares[0])]


def test_ranks_share_the_clips(clips: list) -> None:
    shares = [WholeClips(clips, 2, rank=rank, world_size=4) for rank in range(4)]
    assert all(len(share) >= 1 for share in shares)
    keys = [key for share in shares for index in range(len(share)) for key in share[index]["key"]]
    assert sorted(keys) == [clip.key for clip in clips]
    with pytest.raises(ValueError, match="each of the 7 ranks needs a clip"):
        WholeClips(clips, 2, rank=0, world_size=7)


GOOD = {"fps": 30, "genre": None, "up_axis": "y"}


@pytest.mark.parametrize(
    ("about", "poses", "music", "message"),
    [
        ({"genre": None}, (4, 24, 3), (4, 35), "it lacks 'fps'"),
        ({**GOOD, "fps": 60}, (4, 24, 3), (4, 35), "at 30 fps"),
        ({**GOOD, "genre": "Tango"}, (4, 24, 3), (4, 35), "genre"),
        ({**GOOD, "up_axis": "x"}, (4, 24, 3), (4, 35), "up_axis"),
        (GOOD, (4, 72), (4, 35), "poses"),
        (GOOD, (5, 24, 3), (4, 35), "trans"),
        (GOOD, (4, 24, 3), (4, 34), r"music must be \(4, 35\)"),
        (GOOD, (4, 24, 3), (3, 35), r"music must be \(4, 35\)"),
    ],
)
def test_a_wrong_sample_is_named_with_shard_and_key(
    tmp_path: Path, about: dict, poses: tuple, music: tuple, message: str
) -> None:
    motion = {"poses": np.zeros(poses, np.float32), "trans": np.zeros((4, 3), np.float32)}
    write_shard(
        tmp_path / "train-000000.tar",
        [encode_sample("clip", about, motion=motion, music=np.zeros(music, np.float32))],
    )
    with pytest.raises(ValueError, match=rf"train-000000\.tar: sample clip: .*{message}"):
        load_motion_clips(tmp_path)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    motion = {"poses": np.zeros((4, 24, 3), np.float32), "trans": np.zeros((4, 3), np.float32)}
    music = np.full((4, 35), np.nan, np.float32)
    write_shard(tmp_path / "train-000000.tar", [encode_sample("clip", GOOD, motion=motion, music=music)])
    with pytest.raises(ValueError, match="sample clip: music must be finite"):
        load_motion_clips(tmp_path)
