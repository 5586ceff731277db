from __future__ import annotations

from pathlib import Path

import pytest
import webdataset

from macedance.cli import main
from macedance.data.shards import read_manifest


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    with webdataset.TarWriter(str(tmp_path / "val-000000.tar")) as writer:
        writer.write({"__key__": "clip", "json": {"fps": 30}})
    return tmp_path


def test_indices_and_manifest_are_written(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "index", str(foreign)]) == 0
    assert "1 shard, 1 sample, no statistics of motion" in capsys.readouterr().out
    manifest = read_manifest(foreign)
    assert manifest is not None
    assert [shard.name for shard in manifest.shards] == ["val-000000.tar"]
    assert main(["data", "inspect", str(foreign), "--verify"]) == 0


def test_a_damaged_shard_is_named_in_one_line(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (foreign / "val-000000.tar").write_bytes(b"junk")
    assert main(["data", "index", str(foreign)]) == 2
    last = capsys.readouterr().err.strip().split("\n")[-1]
    assert last.startswith("macedance: ")
    assert "val-000000.tar is not a whole tar file" in last


def test_what_a_damaged_manifest_told_is_said_to_be_lost(
    foreign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (foreign / "manifest.json").write_text("junk")
    assert main(["data", "index", str(foreign)]) == 0
    assert "made again, without its settings" in capsys.readouterr().err
