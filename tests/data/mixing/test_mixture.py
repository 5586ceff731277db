from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.data.inspection import inspect_shards
from macedance.data.mixing import DanceSource, Mixture
from macedance.data.shards import read_manifest
from macedance.data.synthesis import SynthesisSettings
from macedance.geometry import Motion
from macedance.metrics.functional.floor_contact import estimate_floor_height

from ..packing.conftest import clips_in, cropped, make_motion, write_song
from .conftest import SETTINGS, mixed


def test_recorded_clips_lie_among_the_made_up_ones(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    report = mixed(tmp_path / "out", dances, licence="CC BY 4.0")
    clips = clips_in(tmp_path / "out")
    kinds = Counter((clip["split"], clip["json"]["subset"]) for clip in clips.values())
    assert report.num_clips == {split: kinds[split, "real"] for split in ("train", "val", "test")}
    assert all(report.num_clips.values())
    assert {split: kinds[split, "synthetic"] for split in SETTINGS.num_clips} == SETTINGS.num_clips
    assert len(made_up) == 10
    real = {key: clip for key, clip in clips.items() if clip["json"]["subset"] == "real"}
    assert report.hours == pytest.approx(sum(c["json"]["duration_seconds"] for c in real.values()) / 3600)
    for key, clip in real.items():
        about = clip["json"]
        assert (about["licence"], about["source"]) == ("CC BY 4.0", f"{key[:-4]}.npz")
        recording = Motion.load(tmp_path / "in" / about["source"])
        np.testing.assert_allclose(clip["motion.npz"]["poses"], cropped(recording, about).poses, atol=1e-6)
        assert len(clip["music.npy"]) == about["num_frames"]
        assert 240 <= about["num_frames"] <= 300
        assert "audio.flac" in clip
    order = [clip["json"]["subset"] for clip in clips.values() if clip["split"] == "train"]
    assert order not in (sorted(order), sorted(order, reverse=True))
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert max(shard.num_samples for shard in manifest.shards) <= 4
    assert inspect_shards(str(tmp_path / "out")).problems == ()


def test_recordings_are_put_on_the_floor_around_its_middle(tmp_path: Path) -> None:
    motion = make_motion(270, 30, 0)
    aloft = replace(motion, trans=motion.trans + torch.tensor([5.0, 0.7, -3.0]))
    aloft.save(tmp_path / "dance.npz")
    write_song(tmp_path / "dance.wav", 9, 0)
    source = DanceSource(tmp_path, tmp_path)
    moved = source.motion(source.track(tmp_path / "dance.npz"))
    assert moved is not None
    joints = moved.joints()
    assert estimate_floor_height(joints).abs() < 1e-5
    assert joints[:, 0, [0, 2]].median(dim=0).values.abs().max() < 1e-5
    np.testing.assert_allclose(moved.trans.diff(dim=0), aloft.trans.diff(dim=0), atol=1e-5)
    np.testing.assert_array_equal(moved.poses, aloft.poses)


def test_recorded_clips_last_no_longer_than_made_up_ones(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    settings = SynthesisSettings({"train": 1, "val": 1, "test": 1}, seconds=8)
    mixed(tmp_path / "out", dances, settings)
    assert {clip["json"]["num_frames"] for clip in clips_in(tmp_path / "out").values()} == {240}


def test_dances_to_one_song_stay_together(tmp_path: Path, made_up: list[tuple[str, int]]) -> None:
    for number in range(12):
        make_motion(240, 30, number).save(tmp_path / "in" / f"{number:02d}.npz")
        write_song(tmp_path / "in" / f"{number:02d}.wav", 8, seed=number % 4)
    mixed(tmp_path / "out", DanceSource(tmp_path / "in", tmp_path / "in"))
    splits: dict[int, set[str]] = {}
    for key, clip in clips_in(tmp_path / "out").items():
        if clip["json"]["subset"] == "real":
            splits.setdefault(int(key[:2]) % 4, set()).add(clip["split"])
    assert all(len(names) == 1 for names in splits.values())
    assert set.union(*splits.values()) == {"train", "val", "test"}


def test_motions_without_sound_are_left_out(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    make_motion(300, 30).save(tmp_path / "in" / "silent.npz")
    make_motion(200, 30).save(tmp_path / "in" / "short.npz")
    write_song(tmp_path / "music" / "short.wav", 7)
    report = mixed(tmp_path / "out", dances)
    assert report.left_out == {"motions without sound of the same name": 1, "shorter than 8 s": 1}
    assert report.num_without_music == 0
    assert all("music.npy" in clip for clip in clips_in(tmp_path / "out").values())
    with pytest.raises(ValueError, match=r"^motions: nothing to pack in .*in'; 8 motions without sound"):
        Mixture.of(DanceSource(tmp_path / "in", tmp_path), SETTINGS)


def test_a_share_takes_fewer_clips_to_train_on(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    whole = mixed(tmp_path / "whole", dances)
    report = mixed(tmp_path / "out", dances, real_share=0.25)
    assert report.num_clips == {**whole.num_clips, "train": 2}
    assert report.left_out == {"clips beyond real-share": whole.num_clips["train"] - 2}
    clips = clips_in(tmp_path / "out")
    kinds = Counter(clip["json"]["subset"] for clip in clips.values() if clip["split"] == "train")
    assert kinds == {"synthetic": 6, "real": 2}
    taken = {key for key, clip in clips.items() if clip["json"]["subset"] == "real"}
    assert taken < clips_in(tmp_path / "whole").keys()


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (
            0.9,
            r"real-share 0\.9 beside 6 made-up training clips takes 54 recorded ones, but the motions give \d+;",
        ),
        (0.0, "real-share must lie between 0 and 1, got 0;"),
        (1.0, "real-share must lie between 0 and 1, got 1;"),
        (float("nan"), "real-share must lie between 0 and 1, got nan;"),
    ],
)
def test_shares_that_cannot_be_are_refused(dances: DanceSource, share: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mixture.of(dances, SETTINGS, real_share=share)
