from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from macedance.cli import main
from macedance.data import mixing, synthesis
from macedance.data.shards import encode_sample
from macedance.geometry import Motion

FEW = ("--clips", "4", "--val-clips", "1", "--test-clips", "1", "--workers", "1")


@pytest.fixture
def _quick_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up clips that take no time."""

    def make_quickly(settings: synthesis.SynthesisSettings, split: str, number: int) -> dict[str, Any]:
        arrays = {"poses": np.zeros((4, 24, 3), np.float32), "trans": np.ones((4, 3), np.float32)}
        music = np.zeros((4, 35), np.float32)
        return encode_sample(f"{split}{number}", {"fps": 30}, motion=arrays, music=music)

    monkeypatch.setattr(synthesis, "make_clip", make_quickly)
    monkeypatch.setattr(mixing, "make_clip", make_quickly)


@pytest.fixture
def motions(tmp_path: Path) -> Path:
    """Two dances with sound beside them, one without, and one file that is none."""
    folder = tmp_path / "motions"
    for number, name in enumerate(("a", "b", "silent")):
        Motion(torch.full((300, 24, 3), number / 10), torch.ones(300, 3)).save(folder / f"{name}.npz")
    for number, name in enumerate("ab"):
        noise = np.random.default_rng(number).normal(0, 0.1, 10 * 8000)
        soundfile.write(folder / f"{name}.wav", noise, 8000)
    (folder / "bad.npz").write_bytes(b"PK")
    return folder


@pytest.mark.usefixtures("_quick_clips")
def test_it_tells_what_was_mixed_in_and_what_was_not(
    motions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["data", "synthesize", "--out", str(out), *FEW, "--motions", str(motions)]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"macedance: motions: cannot pack {motions}/bad.npz: it must be an npz")
    assert error.count("\n") == 1
    for state in ("", ", there already"):
        assert main([*command, "--skip-damaged"]) == 0
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        assert lines[0] == f"{out}, made up: 6 clips, 1 minute{state}"
        assert re.sub(r"0\.\d minutes", "? minutes", lines[1]) == (
            f"{out}, recorded: 2 clips, ? minutes: train 1, val 1, test 0{state}"
        )
        assert lines[2:4] == [
            "left out: 1 motions without sound of the same name",
            "damaged and left out: 1",
        ]
        assert lines[4].startswith(f"  {motions}/bad.npz: it must be")
        assert "8/8" in printed.err


@pytest.mark.usefixtures("_quick_clips")
def test_without_motions_their_options_have_no_effect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["data", "synthesize", "--out", str(tmp_path / "out"), *FEW]
    assert main([*command, "--music", "songs", "--up-axis", "z", "--licence", "mine", "--skip-damaged"]) == 0
    printed = capsys.readouterr()
    for option in ("music", "up-axis", "licence", "skip-damaged"):
        assert f"macedance: --{option} has no effect without --motions\n" in printed.err
    assert "real-share" not in printed.err
    assert printed.out == f"{tmp_path / 'out'}: 6 clips, 1 minute\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--motions", "none"], "motions: there is no folder 'none'"),
        (["--music", "none"], "music: there is no folder 'none'"),
        (["--real-share", "2"], "real-share must lie between 0 and 1, got 2"),
        (["--real-share", "0.5", "--skip-damaged"], "real-share 0.5 beside 4 made-up training clips takes 4"),
        (["--seconds", "7"], "seconds must lie in 8..600, "),
        (["--seconds", "1e6"], "seconds must lie in 8..600, "),
        (["--workers", "0"], "--workers must be at least 1, got 0"),
        (["--workers", "-3"], "--workers must be at least 1, got -3"),
        (["--motions", ""], "--motions must name a folder, got ''; the current one is ."),
        (["--music", ""], "--music must name a folder, got ''; the current one is ."),
    ],
)
def test_wrong_options_are_one_line_and_exit_code_two(
    motions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    command = ["data", "synthesize", "--out", str(tmp_path / "out"), *FEW, "--motions", str(motions)]
    assert main([*command, *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()
