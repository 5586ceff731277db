from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.data.motion_clips import MOTION_MEMBERS, MotionWindow, WholeClips, read_motion_clips
from macedance.data.shards import (
    ShardError,
    ShardReader,
    encode_sample,
    locate_shards,
    read_shards,
    write_shard,
)
from macedance.geometry.representation import encode_motion, representation_joints


def load(folder: Path, split: str | None = None) -> list:
    return list(read_motion_clips(ShardReader(locate_shards(folder, split))))


@pytest.fixture(scope="module")
def clips(motion_shards: Path) -> list:
    return load(motion_shards, "train")


def test_clips_hold_representation_music_and_beats(clips: list) -> None:
    assert len(clips) == 6
    for clip in clips:
        assert clip.encoded().shape == (240, 151)
        assert clip.music.shape == (240, 35)
        assert clip.genre == 5
        assert 0 <= clip.beats[0] < clip.beats[-1] < 8


@pytest.fixture(scope="module")
def samples(motion_shards: Path) -> list[dict]:
    return list(read_shards(motion_shards, MOTION_MEMBERS, "train"))


def test_windows_are_cut_by_the_seed(clips: list, samples: list[dict]) -> None:
    window = MotionWindow(100)
    whole, starts = clips[3].encoded(), set()
    for seed in range(20):
        cut = window(samples[3], seed)
        assert cut["motion"].shape == (100, 151)
        assert cut["music"].shape == (100, 35)
        assert (cut["genre"], cut["seed"]) == (5, seed)
        distance = (whole.unfold(0, 100, 1).movedim(-1, 1) - cut["motion"]).abs().amax((1, 2))
        start = int(distance.argmin())
        assert distance[start] < 2e-6
        assert torch.equal(cut["music"], clips[3].music[start : start + 100])
        starts.add(start)
        torch.testing.assert_close(window(samples[3], seed)["motion"], cut["motion"], rtol=0, atol=0)
    assert len(starts) > 10


def test_the_whole_clip_is_a_window_too(clips: list, samples: list[dict]) -> None:
    torch.testing.assert_close(MotionWindow(240)(samples[0], 1)["motion"], clips[0].encoded())


def test_mirrored_windows_exchange_left_and_right(clips: list, samples: list[dict]) -> None:
    mirrored = [MotionWindow(240, mirror_probability=0.5)(samples[0], seed)["motion"] for seed in range(40)]
    plain, expected = clips[0].encoded(), clips[0].dance.mirrored()
    is_plain = [torch.allclose(motion, plain, atol=1e-5) for motion in mirrored]
    assert 8 < sum(is_plain) < 32
    other = mirrored[is_plain.index(False)]
    torch.testing.assert_close(other, encode_motion(expected.poses, expected.trans))
    assert (other[:, 4] + plain[:, 4]).abs().max() < 1e-5  # the pelvis's x


def test_turned_windows_keep_height_and_speed(clips: list, samples: list[dict]) -> None:
    plain = representation_joints(clips[0].encoded())
    turned = [
        representation_joints(MotionWindow(240, max_yaw_degrees=30)(samples[0], seed)["motion"])
        for seed in range(30)
    ]
    angles = []
    for joints in turned:
        torch.testing.assert_close(joints[..., 1], plain[..., 1], rtol=0, atol=1e-4)
        torch.testing.assert_close(
            joints.diff(dim=0).norm(dim=-1), plain.diff(dim=0).norm(dim=-1), atol=1e-4, rtol=0
        )
        shoulders, before = (j[0, 16] - j[0, 17] for j in (joints, plain))
        angles.append(float(torch.atan2(before[2], before[0]) - torch.atan2(shoulders[2], shoulders[0])))
    assert 0.3 < max(angles) <= np.radians(30) + 1e-4
    assert -np.radians(30) - 1e-4 <= min(angles) < -0.3


def test_refuses_windows_longer_than_a_clip(samples: list[dict]) -> None:
    with pytest.raises(ShardError, match=r"has 240 frames; window_frames must not exceed that, got 241"):
        MotionWindow(241)(samples[0], 0)


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


def test_even_shares_have_equally_many_batches_of_whatever_length(clips: list) -> None:
    short = [
        dataclasses.replace(clip, dance=clip.dance.crop(0, 40 + number), music=clip.music[: 40 + number])
        for number, clip in enumerate(clips[1:])
    ]
    shares = [WholeClips([clips[0], *short], 2, rank=rank, world_size=2, is_even=True) for rank in range(2)]
    assert len(shares[0]) == len(shares[1]) == len(clips) // 2
    seen = [key for share in shares for index in range(len(share)) for key in share[index]["key"]]
    left_out = [clip.key for clip in shares[0].left_out]
    assert sorted(seen + left_out) == sorted(clip.key for clip in clips)
    assert len(left_out) == len(clips) % 2


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
        load(tmp_path)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    motion = {"poses": np.zeros((4, 24, 3), np.float32), "trans": np.zeros((4, 3), np.float32)}
    music = np.full((4, 35), np.nan, np.float32)
    write_shard(tmp_path / "train-000000.tar", [encode_sample("clip", GOOD, motion=motion, music=music)])
    with pytest.raises(ValueError, match="sample clip: music must be finite"):
        load(tmp_path)
