from __future__ import annotations

from pathlib import Path

import pytest

from macedance.cli import main

from ..tiny_run import write_tiny_run


def test_the_page_is_written_into_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_tiny_run(tmp_path, keys=("a",), seconds=0.5, has_truth=False)
    assert main(["report", str(tmp_path)]) == 0
    assert "report.html: 1." in capsys.readouterr().out
    assert run.report_file().read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["report", str(tmp_path), "--clips", "0", "--out", str(tmp_path / "bare.html")]) == 0
    assert (tmp_path / "bare.html").stat().st_size < run.report_file().stat().st_size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "run.json; name the folder of a cascade's run"),
        (("--max-mb", "0"), "--max-mb must be above 0 and finite, got 0"),
        (("--max-mb", "inf"), "--max-mb must be above 0 and finite, got inf"),
        (("--clips", "-1"), "--clips must not be negative, got -1"),
    ],
)
def test_what_cannot_be_told_of_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    assert main(["report", str(tmp_path), *options]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("references/a.jpg", "no picture", "a.jpg is damaged"),
        ("clips/a.json", '{"key": "a"}', "a.json is damaged (it lacks genre, seed"),
        ("scores.json", "[]", "scores.json is damaged (it holds no mapping)"),
        ("run.json", "{}", "run.json is damaged (it lacks name"),
    ],
)
def test_damaged_files_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, message: str
) -> None:
    (write_tiny_run(tmp_path, keys=["a"], seconds=1.0).path / name).write_text(content)
    assert main(["report", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
