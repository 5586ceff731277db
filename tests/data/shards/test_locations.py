from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from macedance.data.shards import ShardError, ShardLocation, list_shards, locate_shards, write_manifest
from macedance.data.shards.locations import find_manifest

WriteSet = Callable[..., list[Path]]


@pytest.fixture
def folder(write_set: WriteSet) -> Path:
    folder = write_set(2, 3, 1)[0].parent
    write_manifest(folder, statistics={"motion_min": [0.0]}, settings={"seed": 1})
    return folder


@pytest.fixture
def memory(folder: Path) -> Iterator[str]:
    fsspec.filesystem("memory").put(str(folder), "/located", recursive=True)
    yield "memory://located"
    fsspec.filesystem("memory").rm("/located", recursive=True)


def told(shards: list[ShardLocation]) -> list[tuple[Any, ...]]:
    return [(shard.name, shard.num_samples, shard.num_bytes, shard.sha256) for shard in shards]


def test_a_folder_is_the_same_wherever_it_lies(folder: Path, memory: str, web_server: Any) -> None:
    local = locate_shards(folder)
    assert [shard.num_samples for shard in local] == [2, 3, 1]
    for place in (memory, f"{web_server.url}/set", f"{web_server.url}/set/"):
        assert told(locate_shards(place, "train")) == told(local)
        manifest = find_manifest(place)
        assert manifest is not None
        assert (manifest.statistics, manifest.settings) == ({"motion_min": [0.0]}, {"seed": 1})
        assert all(shard.is_remote for shard in locate_shards(place))
    assert set(web_server.asked) == {"manifest.json"}


def test_patterns_and_lists_of_urls_are_located_by_their_indices(
    folder: Path, memory: str, web_server: Any
) -> None:
    names = ["train-000000.tar", "train-000001.tar"]
    assert told(locate_shards(f"{memory}/*-00000[01].tar")) == told(locate_shards(folder))[:2]
    for place in (memory, f"{web_server.url}/set"):
        urls = [f"{place}/{name}" for name in names]
        assert told(locate_shards(urls)) == told(locate_shards(folder))[:2]
        assert told(locate_shards(urls[1])) == told(locate_shards(folder))[1:2]
        assert list_shards(urls[::-1]) == urls[::-1]
    assert not web_server.shards_asked()


def test_a_place_that_can_list_needs_no_manifest(folder: Path, memory: str) -> None:
    (folder / "manifest.json").unlink()
    fsspec.filesystem("memory").rm("/located/manifest.json")
    assert told(locate_shards(memory)) == told(locate_shards(folder))


def test_a_web_server_needs_a_manifest(folder: Path, web_server: Any) -> None:
    (folder / "manifest.json").unlink()
    advice = r"no manifest\.json at http://127.*'macedance data index' .* upload manifest\.json"
    with pytest.raises(FileNotFoundError, match=advice):
        locate_shards(f"{web_server.url}/set")
    with pytest.raises(FileNotFoundError, match=r"does not list its files.*'macedance data index'"):
        locate_shards(f"{web_server.url}/set/*.tar")


def test_a_remote_shard_without_index_is_named(folder: Path, web_server: Any) -> None:
    (folder / "train-000001.idx").unlink()
    with pytest.raises(ShardError, match=r"set/train-000001\.tar has no index .* 'macedance data index'"):
        locate_shards([f"{web_server.url}/set/train-00000{number}.tar" for number in range(3)])


@pytest.mark.parametrize("file", ["manifest.json", "train-000000.idx"])
def test_damaged_descriptions_are_named(file: str, folder: Path, web_server: Any) -> None:
    (folder / file).write_text('{"schema_version": 1')
    place = f"{web_server.url}/set" + ("" if file == "manifest.json" else "/train-000000.tar")
    with pytest.raises(ShardError, match=rf"set/{file} is not a whole"):
        locate_shards(place)


@pytest.mark.parametrize("split", [None, "val"])
def test_nothing_there_is_an_error(split: str | None, memory: str) -> None:
    place = "memory://nowhere" if split is None else memory
    with pytest.raises(FileNotFoundError, match=r"shards: no .*shards at memory://"):
        locate_shards(place, split)


def test_the_package_that_a_place_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ModuleNotFoundError, match=r"^shards: s3://.*[Ii]nstall s3fs[^\n]*$"):
        locate_shards("s3://bucket/folder")


def test_an_unknown_place_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"shards: nowhere://a/manifest\.json .*nowhere"):
        locate_shards("nowhere://a")


def test_a_place_behind_a_login_is_read_and_its_password_not_told(folder: Path, web_server: Any) -> None:
    place = web_server.url.replace("http://", "http://ann:secret@")
    assert told(locate_shards(f"{place}/set")) == told(locate_shards(folder))
    assert web_server.authorizations == {"Basic YW5uOnNlY3JldA=="}
    web_server.faults["manifest.json"] = [lambda answer: answer.send_error(403)]
    shutil.copy(folder / "train-000000.tar", folder / "bare.tar")
    for wrong in ("set", "elsewhere", "set/*.tar", "set/bare.tar"):
        with pytest.raises(
            (FileNotFoundError, PermissionError, ShardError), match=r"//127\.0\.0\.1"
        ) as caught:
            locate_shards(f"{place}/{wrong}")
        assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_hidden_shards_are_being_written(folder: Path, memory: str) -> None:
    remote = fsspec.filesystem("memory")
    remote.rm("/located/manifest.json")
    remote.pipe("/located/.7.train-000009.tar", b"")
    assert len(list_shards(memory)) == 3
