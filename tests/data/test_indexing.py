from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import webdataset

from macedance.data.indexing import index_folder
from macedance.data.motion_statistics import motion_statistics
from macedance.data.shards import (
    ShardError,
    ShardReader,
    encode_sample,
    locate_shards,
    read_manifest,
    scan_shard,
    write_manifest,
    write_shard,
)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Shards as plain webdataset writes them, of things that are no dances."""
    for name, first in (("train-000000.tar", 0), ("train-000001.tar", 3)):
        with webdataset.TarWriter(str(tmp_path / name)) as writer:
            for number in range(first, first + 3):
                writer.write(
                    {"__key__": f"clip{number}", "json": {"n": number}, "values.npy": np.arange(number)}
                )
    return tmp_path


def test_a_foreign_shard_becomes_readable(foreign: Path) -> None:
    seen: list[tuple[int, int]] = []
    index_folder(foreign, num_workers=2, on_progress=lambda done, total: seen.append((done, total)))
    assert sorted(path.name for path in foreign.glob("*.idx")) == ["train-000000.idx", "train-000001.idx"]
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1] > 0
    shards = locate_shards(foreign, "train")
    assert [shard.num_samples for shard in shards] == [3, 3]
    assert shards[1].sha256 == scan_shard(foreign / "train-000001.tar").sha256
    sample = ShardReader(shards).read(1, 2, ["json", "values.npy"])
    assert sample["__key__"] == "clip5"
    assert sample["json"] == {"n": 5}
    assert sample["values.npy"].tolist() == [0, 1, 2, 3, 4]
    manifest = read_manifest(foreign)
    assert manifest is not None
    assert manifest.statistics == {}


def copy_of(shards: Path, folder: Path) -> Path:
    for tar in shards.glob("*.tar"):
        (folder / tar.name).write_bytes(tar.read_bytes())
    return folder


def test_motion_gets_statistics(motion_shards: Path, tmp_path: Path) -> None:
    manifest = index_folder(copy_of(motion_shards, tmp_path)).manifest
    assert manifest.statistics == motion_statistics(motion_shards)
    assert [shard.num_samples for shard in manifest.shards] == [3, 6, 2]


def test_settings_and_valid_statistics_are_kept(motion_shards: Path, tmp_path: Path) -> None:
    folder = copy_of(motion_shards, tmp_path)
    write_manifest(folder, statistics={"motion_min": [7]}, settings={"seed": 3})
    manifest = index_folder(folder).manifest
    assert manifest.settings == {"seed": 3}
    assert manifest.statistics == {"motion_min": [7]}


def test_statistics_of_changed_shards_are_made_again(motion_shards: Path, tmp_path: Path) -> None:
    folder = copy_of(motion_shards, tmp_path)
    write_manifest(folder, statistics={"motion_min": [7]}, settings={"seed": 3})
    (folder / "train-000001.tar").write_bytes((folder / "val-000000.tar").read_bytes())
    manifest = index_folder(folder).manifest
    assert manifest.settings == {"seed": 3}
    assert len(manifest.statistics["motion_min"]) == 151
    assert len(manifest.shards) == 4


def test_outdated_indices_are_replaced(tmp_path: Path) -> None:
    write_shard(tmp_path / "test-000000.tar", [encode_sample("a", {})])
    index_folder(tmp_path)
    index = (tmp_path / "test-000000.idx").read_bytes()
    write_shard(tmp_path / "test-000000.tar", [encode_sample("a", {}), encode_sample("b", {})])
    (tmp_path / "test-000000.idx").write_bytes(index)
    index_folder(tmp_path)
    assert [shard.num_samples for shard in locate_shards(tmp_path)] == [2]


def test_a_damaged_manifest_is_replaced_and_told(foreign: Path) -> None:
    (foreign / "manifest.json").write_text("[]")
    indexed = index_folder(foreign)
    assert indexed.replaced is not None
    assert "manifest.json is not a whole manifest" in indexed.replaced
    assert len(json.loads((foreign / "manifest.json").read_text())["shards"]) == 2


def test_a_damaged_shard_is_refused(foreign: Path) -> None:
    shard = foreign / "train-000001.tar"
    shard.write_bytes(shard.read_bytes()[:9000])
    with pytest.raises(ShardError, match=r"train-000001\.tar is not a whole tar file"):
        index_folder(foreign)
    assert not (foreign / "manifest.json").exists()


def test_motion_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, poses=np.zeros((4, 72)))
    write_shard(
        tmp_path / "train-0.tar", [encode_sample("k", {"fps": 30}, files={"motion.npz": buffer.getvalue()})]
    )
    with pytest.raises(ShardError, match=r"train-0\.tar: sample k"):
        index_folder(tmp_path)


@pytest.mark.parametrize("name", ["gone", "."])
def test_no_shards_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError, match="no shards in"):
        index_folder(tmp_path / name)


def test_a_remote_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a local folder"):
        index_folder("s3://bucket/set")
