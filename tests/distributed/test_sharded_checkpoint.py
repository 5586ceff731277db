from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from macedance.distributed.sharded_checkpoint import (
    is_sharded_checkpoint,
    put_aside,
    put_back,
    read_sharded_checkpoint,
    write_sharded_checkpoint,
)

from ..forks import Forks

SCRIPT = Path(__file__).with_name("save_on_full_disk.py")


def checkpoint() -> dict:
    network = nn.Linear(2, 3)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "state_dict": {
            "a": torch.arange(5),
            "half": torch.ones(2, 2, dtype=torch.bfloat16),
            "none": torch.ones(0),
        },
        "optimizer_states": [optimizer.state_dict()],
        "callbacks": {"kept": [1, "two", None], "score": torch.tensor(0.5)},
    }


def assert_equal(found: object, expected: object) -> None:
    if isinstance(expected, torch.Tensor):
        assert isinstance(found, torch.Tensor)
        assert found.dtype == expected.dtype
        assert torch.equal(found, expected)
    elif isinstance(expected, dict):
        assert isinstance(found, dict)
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_equal(found[key], value)
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected)
        for one, other in zip(found, expected, strict=True):  # type: ignore[call-overload]
            assert_equal(one, other)
    else:
        assert found == expected


def test_what_is_written_is_read(tmp_path: Path) -> None:
    expected = checkpoint()
    write_sharded_checkpoint(expected, tmp_path / "last.ckpt")
    assert_equal(read_sharded_checkpoint(tmp_path / "last.ckpt"), expected)
    weights = read_sharded_checkpoint(tmp_path / "last.ckpt", only="state_dict")
    assert_equal(weights["state_dict"], expected["state_dict"])
    assert weights["optimizer_states"][0]["state"][0]["exp_avg"] is None


def test_nothing_but_safetensors_and_plain_containers_is_written(tmp_path: Path) -> None:
    write_sharded_checkpoint(checkpoint(), tmp_path / "last.ckpt")
    names = {path.name for path in (tmp_path / "last.ckpt").iterdir()}
    assert {name for name in names if not name.endswith(".safetensors")} == {"meta.pt"}
    torch.load(tmp_path / "last.ckpt" / "meta.pt", weights_only=True)
    assert [path.name for path in tmp_path.iterdir()] == ["last.ckpt"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_newer_one_takes_the_place_of_the_older(tmp_path: Path, is_folder: bool) -> None:
    path = tmp_path / "last.ckpt"
    if is_folder:
        write_sharded_checkpoint({"state_dict": {"old": torch.ones(1)}}, path)
    else:
        torch.save({"state_dict": {}}, path)
    write_sharded_checkpoint({"state_dict": {"new": torch.ones(1)}}, path)
    assert list(read_sharded_checkpoint(path)["state_dict"]) == ["new"]
    assert [found.name for found in tmp_path.iterdir()] == ["last.ckpt"]


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    write_sharded_checkpoint(checkpoint(), path)
    shard = next(path.glob("*.safetensors"))
    content = shard.read_bytes()
    shard.write_bytes(content[:20])
    with pytest.raises(ValueError, match="is not the checkpoint of an expert"):
        read_sharded_checkpoint(path)
    shard.unlink()
    with pytest.raises(ValueError, match=r"lacks state_dict\.a"):
        read_sharded_checkpoint(path)
    (path / "meta.pt").unlink()
    assert not is_sharded_checkpoint(path)


def test_one_that_was_put_aside_when_a_process_was_killed_is_put_back(tmp_path: Path) -> None:
    for name in ("last.ckpt", "step=3.ckpt"):
        write_sharded_checkpoint(checkpoint(), tmp_path / name)
        put_aside(tmp_path / name)
    write_sharded_checkpoint({"state_dict": {"newer": torch.ones(1)}}, tmp_path / "step=3.ckpt")
    put_back(tmp_path)
    assert is_sharded_checkpoint(tmp_path / "last.ckpt")
    assert list(read_sharded_checkpoint(tmp_path / "step=3.ckpt")["state_dict"]) == ["newer"]


def test_tensors_of_any_layout_are_written(tmp_path: Path) -> None:
    turned = torch.arange(6).reshape(2, 3).T
    write_sharded_checkpoint({"state_dict": {"turned": turned}}, tmp_path / "last.ckpt")
    assert torch.equal(read_sharded_checkpoint(tmp_path / "last.ckpt")["state_dict"]["turned"], turned)


@pytest.mark.distributed
@pytest.mark.parametrize(("full_rank", "where"), [(1, "tensors"), (0, "tensors"), (0, "meta")])
def test_a_full_disk_of_one_rank_leaves_the_checkpoint_before(
    forks: Forks, tmp_path: Path, full_rank: int, where: str
) -> None:
    for rank in forks.start_ranks(2, SCRIPT, tmp_path, full_rank, where):
        assert rank.wait() == 0, rank.output.read_text()
    assert [(tmp_path / f"error-{rank}").read_text() for rank in range(2)] == ["ENOSPC", "ENOSPC"]
    stored = read_sharded_checkpoint(tmp_path / "last.ckpt")
    assert stored["step"] == 1
    torch.manual_seed(0)
    assert_equal(dict(stored["state_dict"]), dict(nn.Linear(3, 5).state_dict()))
    assert {path.name for path in tmp_path.iterdir()} == {"last.ckpt", "error-0", "error-1"}
