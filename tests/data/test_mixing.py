from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from macedance.data import mixing
from macedance.data.genres import UNKNOWN_GENRE
from macedance.data.inspection import inspect_shards
from macedance.data.mixing import DanceSource, Mixture, mix
from macedance.data.packing import PackReport
from macedance.data.packing import sound as packing_sound
from macedance.data.shards import encode_sample, read_manifest
from macedance.data.synthesis import SynthesisSettings
from macedance.datamodules import MotionData
from macedance.geometry import Motion
from macedance.metrics.functional.floor_contact import estimate_floor_height

from .packing.conftest import clips_in, cropped, make_motion, write_song

SETTINGS = SynthesisSettings({"train": 6, "val": 2, "test": 2}, seconds=10, seed=3, clips_per_shard=4)
REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Made-up clips and music features that take no time; the list fills with the clips that were made."""
    made = []

    def make_quickly(settings: SynthesisSettings, split: str, number: int) -> dict[str, Any]:
        made.append((split, number))
        arrays = {"poses": np.zeros((240, 24, 3), np.float32), "trans": np.ones((240, 3), np.float32)}
        about = {"subset": "synthetic", "fps": 30, "num_frames": 240, "genre": "Jazz"}
        music = np.zeros((240, 35), np.float32)
        return encode_sample(f"{split}{number:07d}", about, motion=arrays, music=music)

    def extract(samples: np.ndarray, sample_rate: int) -> np.ndarray:
        return np.zeros((len(samples) * 30 // sample_rate, 35), np.float32)

    monkeypatch.setattr(mixing, "make_clip", make_quickly)
    monkeypatch.setattr(packing_sound, "music_features", extract)
    packing_sound._kept_features.clear()
    return made


@pytest.fixture
def dances(tmp_path: Path) -> DanceSource:
    """Six motions of nine to 34 seconds, each to a song of its own: ten clips."""
    for number in range(6):
        make_motion(270 + 150 * number, 30, number).save(tmp_path / "in" / f"dance{number}.npz")
        write_song(tmp_path / "music" / f"dance{number}.wav", 9 + 5 * number, number)
    return DanceSource(tmp_path / "in", tmp_path / "music")


def mixed(
    folder: Path, source: DanceSource, settings: SynthesisSettings = SETTINGS, *, skip_damaged: bool = False,
    num_workers: int = 1, overwrite: bool = False, **options: Any,
) -> PackReport:  # fmt: skip
    mixture = Mixture.of(source, settings, skip_damaged=skip_damaged, **options)
    return mix(folder, mixture, skip_damaged=skip_damaged, num_workers=num_workers, overwrite=overwrite)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def damage_inside(path: Path) -> None:
    """Leave the headers of an npz file's arrays as they are and damage what follows."""
    data = bytearray(path.read_bytes())
    data[2000:3000] = bytes(1000)
    path.write_bytes(bytes(data))


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


def test_a_run_that_was_cut_off_goes_on_and_ends_with_the_same_bytes(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_quickly = mixing.make_clip

    def fail_at_the_tests(settings: SynthesisSettings, split: str, number: int) -> dict[str, Any]:
        if split == "test":
            raise KeyboardInterrupt
        return make_quickly(settings, split, number)

    monkeypatch.setattr(mixing, "make_clip", fail_at_the_tests)
    with pytest.raises(KeyboardInterrupt):
        mixed(tmp_path / "out", dances)
    monkeypatch.setattr(mixing, "make_clip", make_quickly)
    made_up.clear()
    assert mixed(tmp_path / "out", dances).is_new
    assert sorted(made_up) == [("test", 0), ("test", 1)]
    assert mixed(tmp_path / "whole", dances).is_new
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    again = mixed(tmp_path / "out", dances)
    assert not again.is_new
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(tmp_path: Path, dances: DanceSource) -> None:
    settings = SynthesisSettings({"train": 1, "val": 1, "test": 1}, seconds=8, clips_per_shard=2)
    for number in (3, 4, 5):
        (tmp_path / "in" / f"dance{number}.npz").unlink()
    for num_workers in (1, 2):
        mixed(tmp_path / str(num_workers), dances, settings, num_workers=num_workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_the_manifest_knows_the_recordings_but_not_where_they_are(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    mixed(tmp_path / "out", dances)
    text = (tmp_path / "out" / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["settings"]["real"]["subset"] == "real"
    with pytest.raises(FileExistsError, match="--overwrite"):
        mixed(tmp_path / "out", dances, real_share=0.25)
    os.utime(tmp_path / "in" / "dance0.npz", (1, 1))
    with pytest.raises(FileExistsError, match="--overwrite"):
        mixed(tmp_path / "out", dances)
    assert mixed(tmp_path / "out", dances, overwrite=True).is_new


def test_damaged_recordings_are_named_or_left_out(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    damage_inside(tmp_path / "in" / "dance1.npz")
    with pytest.raises(ValueError, match=r"^motions: cannot pack .*dance1\.npz: .*--skip-damaged"):
        mixed(tmp_path / "out", dances)
    (tmp_path / "music" / "dance2.wav").write_bytes(b"RIFF")
    with pytest.raises(ValueError, match=r"^motions: cannot pack .*dance2\.npz: .*dance2\.wav.* decoded"):
        mixed(tmp_path / "out", dances)
    for is_new in (True, False):
        report = mixed(tmp_path / "set", dances, skip_damaged=True)
        assert (report.is_new, set(report.damaged)) == (is_new, {"dance1", "dance2"})
    keys = clips_in(tmp_path / "set").keys()
    assert {key[:6] for key in keys if key.startswith("dance")} == {"dance0", "dance3", "dance4", "dance5"}
    assert sum(key.startswith("dance") for key in keys) == sum(report.num_clips.values())


def test_one_folder_trains_on_both(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    report = mixed(tmp_path / "out", dances)
    num_clips = report.num_clips["train"] + SETTINGS.num_clips["train"]
    data = MotionData(str(tmp_path / "out"), batch_size=num_clips, window_frames=240)
    data.setup("fit")
    (batch,) = data.train_dataloader()
    is_real = batch["genre"] == UNKNOWN_GENRE
    assert int(is_real.sum()) == report.num_clips["train"]
    low, high = data.motion_range()
    for kind in (is_real, ~is_real):
        assert (batch["motion"][kind] >= low - 1e-5).all()
        assert (batch["motion"][kind] <= high + 1e-5).all()
    assert len(data.clips["val"]) == report.num_clips["val"] + SETTINGS.num_clips["val"]


@pytest.mark.slow
@pytest.mark.real_data
def test_real_dances_are_learnt_from_beside_made_up_ones(tmp_path: Path) -> None:
    recorded = REAL_DATA / "data" / "aistpp"
    if not recorded.is_dir():
        pytest.skip(f"no {recorded}; set MACEDANCE_REAL_DATA to the folder that holds data/aistpp")
    names = sorted(path.stem for path in recorded.glob("*.npz"))
    (tmp_path / "music").mkdir()
    for name, song in zip(names, ("mus1", "freezingpoint"), strict=True):
        write_amass(tmp_path / "in" / f"{name}.npz", Motion.load(recorded / f"{name}.npz", up_axis="y"))
        samples, rate = soundfile.read(REAL_DATA / "data" / "music" / f"{song}.ogg", frames=10 * 48_000)
        soundfile.write(tmp_path / "music" / f"{name}.flac", samples, rate)
    shutil.copy(tmp_path / "in" / f"{names[0]}.npz", tmp_path / "in" / "silent.npz")
    settings = SynthesisSettings({"train": 2, "val": 1, "test": 1}, seconds=9)
    report = mixed(tmp_path / "out", DanceSource(tmp_path / "in", tmp_path / "music", "z"), settings)
    assert report.num_clips == {"train": 1, "val": 1, "test": 0}
    assert report.left_out == {"motions without sound of the same name": 1}
    assert inspect_shards(str(tmp_path / "out"), verify=True).problems == ()
    for clip in clips_in(tmp_path / "out").values():
        heights = Motion(**clip["motion.npz"]).joints()[..., 1].median(dim=0).values
        assert heights[15] > heights[[7, 8]].max() + 0.3  # the head is above the ankles: y is up
        assert len(clip["json"]["beats_seconds"]) > 5
    data = MotionData(str(tmp_path / "out"), batch_size=3, window_frames=240)
    data.setup("fit")
    (batch,) = data.train_dataloader()
    assert int((batch["genre"] == UNKNOWN_GENRE).sum()) == 1
    assert torch.isfinite(batch["motion"]).all()
    assert batch["music"][batch["genre"] == UNKNOWN_GENRE].any()


def write_amass(path: Path, motion: Motion) -> None:
    """The motion as AMASS would publish it: z up without a word of it, SMPL-H's 156 numbers."""
    turned = motion.to_up_axis("z")
    poses = np.zeros((turned.num_frames, 156))
    poses[:, :66] = turned.poses[:, :22].reshape(-1, 66)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, poses=poses, trans=turned.trans.numpy().astype(np.float64), betas=np.zeros(16),
        mocap_framerate=np.array(turned.fps), gender=np.array("neutral"),
    )  # fmt: skip
