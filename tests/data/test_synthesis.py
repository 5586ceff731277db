from __future__ import annotations

import json
import os
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.data import synthesis
from macedance.data.genres import GENRES
from macedance.data.music_features import music_features
from macedance.data.shards import read_shards
from macedance.data.synthesis import SynthesisSettings, make_clip, synthesize
from macedance.geometry.representation import encode_motion

SETTINGS = SynthesisSettings({"train": 3, "val": 1, "test": 1}, seconds=8, seed=7, clips_per_shard=2)
FEW = SynthesisSettings({"train": 2, "val": 1, "test": 1}, seconds=8, seed=7, clips_per_shard=1)
SHARDS = ["test-000000.tar", "train-000000.tar", "train-000001.tar", "val-000000.tar"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthesis") / "set"
    assert synthesize(folder, FEW)
    return folder


@pytest.fixture
def quick_clips(monkeypatch):
    """Clips that take no time; the list fills with those that were made."""
    made = []

    def make_quickly(settings, split, number):
        made.append((split, number))
        arrays = {"poses": np.zeros((4, 24, 3), np.float32), "trans": np.full((4, 3), number, np.float32)}
        music = np.zeros((4, 35), np.float32)
        return synthesis.encode_sample(f"{split}{number}", {"fps": 30}, motion=arrays, music=music)

    monkeypatch.setattr(synthesis, "make_clip", make_quickly)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_shards_and_manifest_are_there(folder):
    indices = [name.replace(".tar", ".idx") for name in SHARDS]
    assert {path.name for path in folder.glob("[!.]*")} == {"manifest.json", *SHARDS, *indices}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [(shard["name"], shard["num_samples"]) for shard in manifest["shards"]] == list(
        zip(SHARDS, [1, 1, 1, 1], strict=True)
    )


def test_a_clip_holds_what_the_schema_asks_for(folder):
    clips = list(read_shards(folder, members=("json", "motion.npz", "music.npy", "audio.flac")))
    assert len({clip["__key__"] for clip in clips}) == 4
    for clip in clips:
        about, motion = clip["json"], clip["motion.npz"]
        assert about["fps"] == 30
        assert about["num_frames"] == 240
        assert about["duration_seconds"] == 8.0
        assert about["up_axis"] == "y"
        assert about["genre"] in GENRES
        assert np.diff(about["beats_seconds"]) == pytest.approx(60 / about["bpm"], abs=1e-4)
        assert {name: (array.shape, array.dtype.name) for name, array in motion.items()} == {
            "poses": ((240, 24, 3), "float32"),
            "trans": ((240, 3), "float32"),
            "betas": ((10,), "float32"),
        }
        assert clip["music.npy"].shape == (240, 35)


def test_music_features_are_those_of_the_stored_sound(folder):
    clip = next(read_shards(folder / "val-000000.tar", members=("music.npy", "audio.flac")))
    samples, sample_rate = clip["audio.flac"]
    np.testing.assert_allclose(music_features(samples, sample_rate)[:240], clip["music.npy"], atol=1e-4)


def test_statistics_bound_the_training_motion(folder):
    statistics = json.loads((folder / "manifest.json").read_text())["statistics"]
    motions = torch.cat(
        [
            encode_motion(
                torch.from_numpy(clip["motion.npz"]["poses"]), torch.from_numpy(clip["motion.npz"]["trans"])
            )
            for clip in read_shards(folder / "train-*.tar", members=("motion.npz",))
        ]
    )
    np.testing.assert_allclose(statistics["motion_min"], motions.amin(0))
    np.testing.assert_allclose(statistics["motion_max"], motions.amax(0))


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(folder, tmp_path):
    assert synthesize(tmp_path / "set", FEW, num_workers=2)
    assert contents(tmp_path / "set") == contents(folder)


class Deadly(SynthesisSettings):
    """Settings that end the process which unpickles them."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.slow
def test_a_process_that_dies_ends_the_run_with_an_error(tmp_path):
    settings = Deadly({"train": 2, "val": 1, "test": 1}, seconds=8)
    with pytest.raises(BrokenProcessPool):
        synthesize(tmp_path / "set", settings, num_workers=2)
    assert not list((tmp_path / "set").glob("*.tar*"))


def test_clips_differ_by_seed_split_and_number(monkeypatch):
    monkeypatch.setattr(
        synthesis, "music_features", lambda samples, sample_rate: np.zeros((240, 35), np.float32)
    )

    def poses(seed: int, split: str, number: int) -> bytes:
        settings = SynthesisSettings({"train": 2, "val": 1, "test": 1}, seconds=8, seed=seed, has_audio=False)
        clip = make_clip(settings, split, number)
        assert "audio.flac" not in clip
        return clip["motion.npz"]

    assert len({poses(0, "train", 0), poses(1, "train", 0), poses(0, "val", 0), poses(0, "train", 1)}) == 4


def test_a_whole_set_is_left_alone(tmp_path, quick_clips):
    assert synthesize(tmp_path / "set", SETTINGS)
    before = contents(tmp_path / "set")
    quick_clips.clear()
    assert not synthesize(tmp_path / "set", SETTINGS)
    assert quick_clips == []
    assert contents(tmp_path / "set") == before


def test_a_run_that_was_cut_off_goes_on_after_its_last_whole_shard(tmp_path, quick_clips, monkeypatch):
    make_quickly = synthesis.make_clip

    def fail_at_last_train_clip(settings, split, number):
        if (split, number) == ("train", 2):
            raise KeyboardInterrupt
        return make_quickly(settings, split, number)

    monkeypatch.setattr(synthesis, "make_clip", fail_at_last_train_clip)
    with pytest.raises(KeyboardInterrupt):
        synthesize(tmp_path / "set", SETTINGS)
    assert [path.name for path in (tmp_path / "set").glob("*.tar")] == ["train-000000.tar"]
    assert not list((tmp_path / "set").glob(".*.tar*"))

    quick_clips.clear()
    monkeypatch.setattr(synthesis, "make_clip", make_quickly)
    progress: list[int] = []
    assert synthesize(tmp_path / "set", SETTINGS, on_progress=progress.append)
    assert quick_clips == [("train", 2), ("val", 0), ("test", 0)]
    assert sum(progress) == 5
    assert synthesize(tmp_path / "whole", SETTINGS)
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")


def test_two_runs_do_not_write_to_one_folder(tmp_path, quick_clips, monkeypatch):
    make_quickly = synthesis.make_clip

    def begin_another_run(settings, split, number):
        with pytest.raises(FileExistsError, match="another process"):
            synthesize(tmp_path / "set", SETTINGS)
        return make_quickly(settings, split, number)

    monkeypatch.setattr(synthesis, "make_clip", begin_another_run)
    assert synthesize(tmp_path / "set", SETTINGS)
    assert not list((tmp_path / "set").glob(".*.lock"))


def test_a_lost_shard_is_made_again(tmp_path, quick_clips):
    synthesize(tmp_path, SETTINGS)
    before = contents(tmp_path)
    (tmp_path / "train-000001.tar").unlink()
    (tmp_path / "test-000000.idx").unlink()
    quick_clips.clear()
    assert synthesize(tmp_path, SETTINGS)
    assert quick_clips == [("train", 2)]
    assert contents(tmp_path) == before


def test_a_set_of_other_settings_is_replaced_only_if_asked_to(tmp_path, quick_clips):
    synthesize(tmp_path, SETTINGS)
    (tmp_path / "notes.txt").write_text("mine")
    smaller = SynthesisSettings({"train": 1, "val": 1, "test": 1}, seconds=8, seed=7, clips_per_shard=2)
    with pytest.raises(FileExistsError, match="--overwrite"):
        synthesize(tmp_path, smaller)
    assert synthesize(tmp_path, smaller, overwrite=True)
    shards = {"test-000000", "train-000000", "val-000000"}
    expected = {f"{shard}{ending}" for shard in shards for ending in (".tar", ".idx")}
    assert {path.name for path in tmp_path.glob("[!.]*")} == expected | {"manifest.json", "notes.txt"}


def test_a_set_of_another_choreographer_is_not_gone_on_with(tmp_path, quick_clips, monkeypatch):
    synthesize(tmp_path, SETTINGS)
    (tmp_path / "train-000001.tar").unlink()
    before = contents(tmp_path)
    monkeypatch.setattr(synthesis, "CHOREOGRAPHY", synthesis.CHOREOGRAPHY + 1)
    with pytest.raises(
        FileExistsError, match=r"another version of macedance; choose another folder, or .* with --overwrite$"
    ):
        synthesize(tmp_path, SETTINGS)
    assert contents(tmp_path) == before
    assert synthesize(tmp_path, SETTINGS, overwrite=True)
    assert json.loads((tmp_path / "manifest.json").read_text())["settings"] == SETTINGS.identity()


def test_a_folder_of_other_things_is_never_touched(tmp_path):
    (tmp_path / "train-000000.tar").write_text("mine")
    with pytest.raises(FileExistsError, match="choose another folder"):
        synthesize(tmp_path, SETTINGS, overwrite=True)
    assert (tmp_path / "train-000000.tar").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seconds": 7.9}, r"seconds must lie in 8\.\.600, .*, got 7\.9$"),
        ({"seconds": 601}, r"seconds must lie in 8\.\.600, .*, got 601$"),
        ({"seconds": float("nan")}, r"seconds must lie in 8\.\.600, .*, got nan$"),
        ({"num_clips": {"train": 0, "val": 1, "test": 1}}, "at least 1"),
        ({"clips_per_shard": 0}, "at least 1"),
        ({"seed": -1}, "seed must not be negative"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        SynthesisSettings(**{"num_clips": {"train": 1, "val": 1, "test": 1}, "seconds": 8, **change})
