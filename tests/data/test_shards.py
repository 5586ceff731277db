from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import webdataset

from macedance.data.shards import encode_sample, expand_shards, read_shards, write_manifest, write_shard


def sample(key: str = "train0000000", num_frames: int = 20) -> dict[str, object]:
    rng = np.random.default_rng(len(key))
    motion = {
        "poses": rng.standard_normal((num_frames, 24, 3)).astype(np.float32),
        "trans": rng.standard_normal((num_frames, 3)).astype(np.float32),
        "betas": np.zeros(10, np.float32),
    }
    music = rng.standard_normal((num_frames, 35)).astype(np.float32)
    sound = (3000 * rng.standard_normal(2400)).astype(np.int16)
    return encode_sample(key, {"fps": 30, "genre": None}, motion=motion, music=music, audio=(sound, 24000))


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    path = tmp_path / "train-000000.tar"
    write_shard(path, [sample("a"), sample("bb")])
    return path


def test_what_is_written_is_read(shard):
    first, second = read_shards(shard, members=("json", "motion.npz", "music.npy", "audio.flac"))
    assert [first["__key__"], second["__key__"]] == ["a", "bb"]
    assert first["json"] == {"fps": 30, "genre": None}
    assert {name: array.shape for name, array in first["motion.npz"].items()} == {
        "poses": (20, 24, 3),
        "trans": (20, 3),
        "betas": (10,),
    }
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(
        first["motion.npz"]["poses"], rng.standard_normal((20, 24, 3)).astype(np.float32)
    )
    assert first["music.npy"].dtype == np.float32


def test_sound_of_16_bits_survives(tmp_path):
    sound = np.array([0, 1, -1, 32767, -32768, 1234] * 400, dtype=np.int16)
    arrays = {"poses": np.zeros((2, 24, 3), np.float32)}
    write_shard(
        tmp_path / "x.tar",
        [encode_sample("k", {}, motion=arrays, music=np.zeros((2, 35)), audio=(sound, 24000))],
    )
    (read,) = read_shards(tmp_path / "x.tar", members=("audio.flac",))
    samples, sample_rate = read["audio.flac"]
    assert sample_rate == 24000
    np.testing.assert_array_equal(samples, sound.astype(np.float32) / 32768)


def test_equal_samples_make_equal_bytes(tmp_path):
    for name in ("a.tar", "b.tar"):
        write_shard(tmp_path / name, [sample("a"), sample("bb")])
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_plain_webdataset_and_tar_read_a_shard(shard):
    with tarfile.open(shard) as tar:
        assert tar.getnames() == [
            f"{key}.{member}"
            for key in ("a", "bb")
            for member in ("audio.flac", "json", "motion.npz", "music.npy")
        ]
    keys = [sample["__key__"] for sample in webdataset.WebDataset(str(shard), shardshuffle=False)]
    assert keys == ["a", "bb"]


def test_nothing_is_left_when_a_sample_fails(tmp_path):
    def samples():
        yield sample()
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_shard(tmp_path / "train-000000.tar", samples())
    assert list(tmp_path.iterdir()) == []


def test_a_missing_member_is_named_with_key_and_shard(shard):
    with pytest.raises(ValueError, match=r"train-000000\.tar: sample a has no member video\.mp4"):
        next(read_shards(shard, members=("video.mp4",)))


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "train-000000.tar"
    write_shard(
        path, [encode_sample("k", {}, motion={"poses": np.array([{}], dtype=object)}, music=np.zeros(1))]
    )
    with pytest.raises(ValueError, match=r"member motion\.npz of sample k does not decode"):
        next(read_shards(path, members=("motion.npz",)))


def test_a_truncated_shard_is_named(shard):
    shard.write_bytes(shard.read_bytes()[:-9000])
    with pytest.raises(ValueError, match=r"train-000000\.tar is not a whole tar"):
        list(read_shards(shard))


def test_braces_and_spaces_in_a_path_are_only_characters(tmp_path):
    folder = tmp_path / "set {1..2}"
    folder.mkdir()
    write_shard(folder / "train-000000.tar", [sample()])
    assert len(list(read_shards(folder))) == 1


def test_every_rank_reads_all_samples(shard, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert len(list(read_shards(shard))) == 2


def test_shards_are_found_by_folder_split_pattern_and_list(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    paths = [folder / name for name in ("test-000000.tar", "train-000000.tar", "train-000001.tar")]
    for path in paths:
        path.touch()
    (folder / ".7.train-000002.tar").touch()  # is being written
    assert expand_shards(folder) == paths
    assert expand_shards(str(folder), "train") == paths[1:]
    assert expand_shards(folder / "*-000000.tar") == paths[:2]
    assert expand_shards(folder / "*.tar", "train") == paths[1:]
    assert expand_shards(paths, "train") == paths[1:]
    assert expand_shards(f"{tmp_path}/*/train-*.tar") == paths[1:]
    assert expand_shards([paths[2], paths[0]]) == [paths[2], paths[0]]


@pytest.mark.parametrize("split", [None, "val"])
def test_no_shards_is_an_error(tmp_path, split):
    with pytest.raises(FileNotFoundError, match=r"shards: no .*shards at"):
        expand_shards(tmp_path, split)


def test_a_listed_shard_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.tar"):
        expand_shards([tmp_path / "gone.tar"])


def test_manifest_tells_sizes_and_checksums(shard):
    write_manifest(
        shard.parent, num_samples={shard.name: 2}, statistics={"motion_min": [0.0]}, settings={"seed": 1}
    )
    manifest = json.loads((shard.parent / "manifest.json").read_text())
    assert manifest["shards"] == [
        {
            "name": shard.name,
            "num_samples": 2,
            "num_bytes": shard.stat().st_size,
            "sha256": hashlib.sha256(shard.read_bytes()).hexdigest(),
        }
    ]
    assert manifest["statistics"] == {"motion_min": [0.0]}
    assert manifest["settings"] == {"seed": 1}
    assert sorted(path.name for path in shard.parent.iterdir()) == ["manifest.json", shard.name]
