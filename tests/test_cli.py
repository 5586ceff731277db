from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from macedance.cli import COMMANDS, DATA_COMMANDS, main

HEAVY = ("torch", "librosa", "lightning", "numpy", "pyvista", "diffusers")


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), ["data"], *(["data", name] for name in DATA_COMMANDS)]
)
def test_help_loads_nothing_heavy(command: list[str]) -> None:
    script = (
        "import sys\nfrom macedance.cli import main\n"
        f"try:\n    main({[*command, '--help']!r})\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"sys.exit(', '.join(set({HEAVY!r}) & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage: macedance" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "--music", "none.wav", "--out", "x.avi"], "must end in .mp4"),
        (
            ["generate", "--music", "none.wav", "--out", "x.mp4", "--temperature", "0"],
            "temperature must lie in",
        ),
        (["generate", "--music", "none.wav", "--out", "x.mp4", "--genre", "Tango"], "genre must be one of"),
        (["generate", "--music", "none.wav", "--out", "x.mp4"], "no audio file"),
        (["data", "synthesize", "--out", "x", "--seconds", "3"], "seconds must lie in 8..600"),
        (["data", "song", "--out", "x.mp3"], "must end in"),
        (["export", "--checkpoint", "none.ckpt", "--out", "x"], "none.ckpt"),
        (["fit", "--config", "none.yaml"], "no configuration none.yaml"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_two(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        main(["--debug", "export", "--checkpoint", str(tmp_path / "none.ckpt"), "--out", str(tmp_path / "x")])


def test_defects_of_ours_have_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("macedance.commands.configs.run", lambda args: 1 / 0)
    assert main(["configs"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
