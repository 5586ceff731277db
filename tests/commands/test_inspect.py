from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from macedance.cli import main
from macedance.commands.inspection_table import print_report
from macedance.data.inspection import InspectionReport, Problem
from macedance.data.shards import write_shard


def test_a_good_set_is_told_and_exits_with_0(
    motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["data", "inspect", str(motion_shards), "--verify", "--json", str(tmp_path / "report.json")]
    assert main(arguments) == 0
    printed, bar = capsys.readouterr()
    assert "11 clips" in printed
    assert "no problems" in printed
    assert "Hiphop (6)" in printed
    assert "json, motion.npz, music.npy" in printed
    assert "inspecting" in bar
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["num_clips"] == 11
    assert report["problems"] == []
    assert [group["split"] for group in report["groups"]] == ["train", "val", "test"]


def test_problems_are_told_and_exit_with_2(
    motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for tar in motion_shards.glob("*.tar"):
        (folder / tar.name).write_bytes(tar.read_bytes())
    (folder / "test-000000.tar").write_bytes(b"junk")
    write_shard(folder / "train-000001.tar", [{"__key__": f"k{n}", "json": b"{"} for n in range(22)])
    out, page = tmp_path / "report.json", tmp_path / "page.html"
    arguments = [str(folder), "--json", str(out), "--html", str(page), "--clips", "1"]
    assert main(["data", "inspect", *arguments]) == 2
    printed = capsys.readouterr().out
    assert "23 problems" in printed
    assert "test-000000.tar: is not a whole tar file" in printed
    assert "and 3 more" in printed
    problems = json.loads(out.read_text())["problems"]
    assert len(problems) == 23
    assert problems[-1].keys() == {"shard", "key", "reason"}
    assert "k21" in page.read_text()


def test_damaged_data_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("train-0.tar", "\x1b]0;title\x07[red]key[/red]", "no\nreason")
    print_report(InspectionReport("set", (), (), (problem,)), Console(width=200, force_terminal=False))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "[red]key[/red]" in printed


@pytest.mark.parametrize("arguments", [["gone"], [".", "--clips", "-1"], [".", "--workers", "0"]])
def test_wrong_arguments_exit_with_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["data", "inspect", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().split("\n")[-1]) > 10
