from __future__ import annotations

from pathlib import Path

import pytest

from macedance.cli import main

COMMAND = ["data", "gallery", "march", "--dances", "1", "--seconds", "4", "--size", "64", "--no-videos"]


def sheets(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.jpg")}


def test_it_makes_a_gallery_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    command = [*COMMAND, "--out", str(out), "--workers", "1"]
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{out}: 1 move, 1 dance, 1 sheet",
        f"open {out / 'index.html'}",
    ]
    assert set(sheets(out)) == {"march.jpg", "step.jpg", "01-house.jpg"}
    made = (out / "moves" / "march.jpg").stat().st_mtime_ns
    assert main(command) == 0
    assert (out / "moves" / "march.jpg").stat().st_mtime_ns == made
    assert main([*command, "--seed", "1"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    before = sheets(out)
    assert main([*command, "--seed", "1", "--overwrite"]) == 0
    assert all(before[name] != content for name, content in sheets(out).items())


def test_a_body_of_a_file_dances(tmp_path: Path) -> None:
    from macedance.geometry.body_model import BodyModel

    BodyModel().save(tmp_path / "body.npz")
    for name in ("first", "again"):
        body = ["--body", str(tmp_path / "body.npz")] if name == "again" else []
        assert main([*COMMAND, "--out", str(tmp_path / name), "--workers", "1", *body]) == 0
    assert sheets(tmp_path / "first") == sheets(tmp_path / "again")
    assert "body.npz" in (tmp_path / "again" / "index.html").read_text()


@pytest.mark.slow
@pytest.mark.distributed
def test_the_number_of_workers_changes_no_sheet(tmp_path: Path) -> None:
    for workers in ("1", "2"):
        assert main([*COMMAND, "--out", str(tmp_path / workers), "--workers", workers]) == 0
    assert sheets(tmp_path / "1") == sheets(tmp_path / "2")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["waltz"], "moves: must be of step_touch, "),
        (["--size", "33"], "size must be an even number in 64..2048, got 33"),
        (["--size", "20000"], "size must be an even number in 64..2048, got 20000"),
        (["--seconds", "1e9"], "seconds must lie in 4..600, got 1e+09"),
        (["--workers", "0"], "--workers must be at least 1, got 0"),
        (["--body", "nobody.npz"], "nobody.npz"),
        (["--body", "nobody.npz", "--bpm", "0"], "bpm must lie in 40..200, got 0"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "gallery", "--out", str(tmp_path / "out"), *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
