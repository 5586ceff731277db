from __future__ import annotations

import re
import shutil
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
import torch

from macedance.data.shards import encode_sample, read_shards, write_manifest, write_shard
from macedance.data.shards.cache import ShardCache
from macedance.datamodules import MotionData


@pytest.fixture
def folder(motion_shards: Path, tmp_path: Path) -> Path:
    """Six training shards of one dance, and the other splits."""
    folder = tmp_path / "set"
    shutil.copytree(motion_shards, folder)
    for path in folder.glob("train-*"):
        path.unlink()
    for number, sample in enumerate(read_shards(motion_shards, split="train")):
        encoded = encode_sample(
            sample["__key__"], sample["json"], motion=sample["motion.npz"], music=sample["music.npy"]
        )
        write_shard(folder / f"train-{number:06d}.tar", [encoded])
    write_manifest(folder, statistics={}, settings={})
    return folder


@pytest.fixture
def memory(folder: Path) -> Iterator[str]:
    fsspec.filesystem("memory").put(str(folder), "/streamed", recursive=True)
    yield "memory://streamed"
    fsspec.filesystem("memory").rm("/streamed", recursive=True)


def data_of(place: Any, cache: Path, **options: Any) -> MotionData:
    return MotionData(
        place,
        cache_dir=str(cache),
        **{"batch_size": 2, "window_frames": 60, "windows_per_clip": 3, "window_shards": 2, **options},
    )


def epoch_of(data: MotionData) -> list[dict[str, Any]]:
    data.setup("fit")
    loader = data.train_dataloader()
    loader.sampler.set_epoch(3)  # type: ignore[union-attr]
    return list(loader)


def assert_equal(batches: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    assert len(batches) == len(others) >= 9
    for batch, other in zip(batches, others, strict=True):
        assert batch.keys() == other.keys()
        assert batch["key"] == other["key"]
        for name in batch.keys() - {"key"}:
            assert torch.equal(batch[name], other[name])


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_epoch_is_the_same_wherever_the_shards_lie(
    num_workers: int, folder: Path, memory: str, web_server: Any, tmp_path: Path
) -> None:
    local = epoch_of(data_of(str(folder), tmp_path / "unused"))
    for number, place in enumerate((memory, f"{memory}/*.tar", f"{web_server.url}/set")):
        remote = data_of(place, tmp_path / f"cache{number}", num_workers=num_workers)
        assert_equal(epoch_of(remote), local)
    assert set(Counter(name for name in web_server.asked if name.endswith(".tar")).values()) == {1}
    assert not (tmp_path / "unused").exists()


def test_a_list_and_a_mixture_of_places(folder: Path, memory: str, web_server: Any, tmp_path: Path) -> None:
    names = [f"train-{number:06d}.tar" for number in range(6)]
    urls = [f"{web_server.url}/set/{name}" for name in (*names, "val-000000.tar")]
    local = [f"{folder}/{name}" for name in (*names, "val-000000.tar")]
    assert_equal(epoch_of(data_of(urls, tmp_path / "cache")), epoch_of(data_of(local, tmp_path / "cache")))
    mixtures = [
        epoch_of(data_of({place: 1, other: 2}, tmp_path / "cache", batch_size=6, windows_per_clip=6))
        for place, other in ((str(folder), f"{folder}/*.tar"), (memory, f"{web_server.url}/set"))
    ]
    assert_equal(*mixtures)


def test_a_cache_that_is_too_small_is_told_with_the_size_that_would_do(
    folder: Path, web_server: Any, tmp_path: Path, finish: Callable[[ShardCache], None]
) -> None:
    place = f"{web_server.url}/set"
    data = data_of(place, tmp_path / "small", window_shards=1, cache_gib=1e-6)
    with pytest.warns(UserWarning, match="cache_gib should be at least") as caught:
        batches = epoch_of(data)
    (message,) = [str(warning.message) for warning in caught if "cache_gib" in str(warning.message)]
    advised = re.search(r"at least (\S+) for windows of 1 such remote shards, got \S+; shards", message)
    assert advised
    assert_equal(batches, epoch_of(data_of(str(folder), tmp_path / "unused", window_shards=1)))
    web_server.asked.clear()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="cache_gib")
        data = data_of(place, tmp_path / "fits", window_shards=1, cache_gib=float(advised[1]))
        data.setup("fit")
        samples = data.train_dataloader().dataset
    for position in range(15):  # all windows but the last, with which the next epoch's first one is fetched
        assert samples[0, position].error is None
        finish(data.cache)
    asked = Counter(name for name in web_server.asked if name.startswith("train-0"))
    assert {asked[name] for name in asked if name.endswith(".tar")} == {1}
    assert sum(path.stat().st_size for path in (tmp_path / "fits").glob("[!.]*.tar")) <= data.cache.max_bytes


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_missing_shard_is_skipped_and_counted(
    num_workers: int, folder: Path, web_server: Any, tmp_path: Path
) -> None:
    (folder / "train-000003.tar").unlink()
    place = f"{web_server.url}/set"
    data = data_of(place, tmp_path / "cache", on_error="skip", num_workers=num_workers)
    data.setup("fit")
    loader = data.train_dataloader()
    assert len(list(loader)) == 9
    assert len([problem for problem in loader.skipped if "there is no http" in problem]) >= 3
    assert all("train-000003.tar" in problem for problem in loader.skipped)
    strict = data_of(place, tmp_path / "cache", num_workers=num_workers)
    strict.setup("fit")
    with pytest.raises(ValueError, match=rf"^shards: there is no {place}/train-000003\.tar$"):
        list(strict.train_dataloader())
