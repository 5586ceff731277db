from __future__ import annotations

import hashlib
import io
import json
import tarfile

import numpy as np
import pytest
import soundfile
import webdataset

from macedance.data.shards import (
    encode_sample,
    read_index,
    read_shards,
    scan_shard,
    write_manifest,
    write_shard,
)
from macedance.data.shards.manifest import read_manifest

MEMBERS = ("json", "motion.npz", "music.npy", "audio.flac")


def test_what_is_written_is_read(shard) -> None:
    first, second = read_shards(shard, members=MEMBERS)
    assert [first["__key__"], second["__key__"]] == ["clip0-0", "clip0-1"]
    assert first["json"] == {"fps": 30, "genre": None}
    shapes = {name: array.shape for name, array in first["motion.npz"].items()}
    assert shapes == {"poses": (20, 24, 3), "trans": (20, 3), "betas": (10,)}
    rng = np.random.default_rng(list(b"clip0-0"))
    np.testing.assert_array_equal(
        first["motion.npz"]["poses"], rng.standard_normal((20, 24, 3)).astype(np.float32)
    )
    assert first["music.npy"].dtype == np.float32


def test_sound_of_16_bits_survives(tmp_path) -> None:
    sound = np.array([0, 1, -1, 32767, -32768, 1234] * 400, dtype=np.int16)
    write_shard(tmp_path / "x.tar", [encode_sample("k", {}, audio=(sound, 24000))])
    (read,) = read_shards(tmp_path / "x.tar", members=("audio.flac",))
    samples, sample_rate = read["audio.flac"]
    assert sample_rate == 24000
    np.testing.assert_array_equal(samples, sound.astype(np.float32) / 32768)


def test_equal_samples_make_equal_bytes(tmp_path, encoded) -> None:
    for name in ("a.tar", "b.tar"):
        write_shard(tmp_path / name, [encoded("a"), encoded("bb")])
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    assert (tmp_path / "a.idx").read_bytes() == (tmp_path / "b.idx").read_bytes()


def test_plain_webdataset_reads_the_same_as_we_do(write_set) -> None:
    paths = write_set(3, 2)
    plain = list(webdataset.WebDataset([str(path) for path in paths], shardshuffle=False))
    ours = list(read_shards(paths[0].parent, members=MEMBERS))
    assert [sample["__key__"] for sample in plain] == [sample["__key__"] for sample in ours]
    for theirs, mine in zip(plain, ours, strict=True):
        assert {name for name in theirs if not name.startswith("__")} == set(MEMBERS)
        assert json.loads(theirs["json"]) == mine["json"]
        np.testing.assert_array_equal(np.load(io.BytesIO(theirs["music.npy"])), mine["music.npy"])
        arrays = np.load(io.BytesIO(theirs["motion.npz"]))
        for name in ("poses", "trans", "betas"):
            np.testing.assert_array_equal(arrays[name], mine["motion.npz"][name])
        sound, rate = soundfile.read(io.BytesIO(theirs["audio.flac"]), dtype="float32")
        assert rate == mine["audio.flac"][1]
        np.testing.assert_array_equal(sound, mine["audio.flac"][0])


def test_webdatasets_own_decoders_and_tar_read_a_shard(shard) -> None:
    decoded = next(iter(webdataset.WebDataset(str(shard), shardshuffle=False).decode()))
    assert decoded["json"] == {"fps": 30, "genre": None}
    assert decoded["music.npy"].shape == (20, 35)
    assert decoded["motion.npz"]["poses"].shape == (20, 24, 3)
    with tarfile.open(shard) as tar:
        assert tar.getnames() == [
            f"{key}.{member}" for key in ("clip0-0", "clip0-1") for member in sorted(MEMBERS)
        ]


def test_nothing_is_left_when_a_sample_fails(tmp_path, encoded) -> None:
    def samples():
        yield encoded("a")
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_shard(tmp_path / "train-000000.tar", samples())
    assert list(tmp_path.iterdir()) == []


def test_the_index_tells_where_each_member_lies(shard) -> None:
    index = read_index(shard)
    data = shard.read_bytes()
    assert index == scan_shard(shard)
    assert index.num_bytes == len(data)
    assert index.sha256 == hashlib.sha256(data).hexdigest()
    assert list(index.samples) == ["clip0-0", "clip0-1"]
    with tarfile.open(shard) as tar:
        for key, members in index.samples.items():
            for member, (offset, num_bytes, _) in members.items():
                assert data[offset : offset + num_bytes] == tar.extractfile(f"{key}.{member}").read()


def test_the_manifest_tells_sizes_and_checksums(shard) -> None:
    write_manifest(shard.parent, statistics={"motion_min": [0.0]}, settings={"seed": 1})
    manifest = json.loads((shard.parent / "manifest.json").read_text())
    assert manifest["schema_version"] == 1
    assert manifest["shards"] == [
        {
            "name": shard.name,
            "num_samples": 2,
            "num_bytes": shard.stat().st_size,
            "sha256": hashlib.sha256(shard.read_bytes()).hexdigest(),
        }
    ]
    read = read_manifest(shard.parent)
    assert read.statistics == {"motion_min": [0.0]}
    assert read.settings == {"seed": 1}
    names = sorted(path.name for path in shard.parent.iterdir())
    assert names == ["manifest.json", "train-000000.idx", "train-000000.tar"]
