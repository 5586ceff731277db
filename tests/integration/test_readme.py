"""The README's commands, in the order in which they need each other, on sizes that take seconds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import soundfile

from macedance.cli import LIGHTNING_COMMANDS, _parser, main
from macedance.geometry.motion import Motion
from macedance.render.video import probe_video

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TRIAL = "--trainer.max_steps 4 --trainer.val_check_interval 4 --trainer.enable_progress_bar false"
APPEARANCE_TRIAL = (
    f"{TRIAL} --data.init_args.batch_size 4 --model.init_args.num_sampling_steps 1 "
    "--model.init_args.num_validation_clips 1"
)
SMALLER = {
    "data synthesize": "--clips 4 --val-clips 1 --test-clips 2 --seconds 8",
    "data inspect": "",
    "data render": "--size 32 32 --fps 10 --workers 1",
    "data encode": "",
    "fit --config configs/motion": (
        f"{TRIAL} --data.init_args.batch_size 4 --data.init_args.window_frames 60 --model.init_args.width 16 "
        "--model.init_args.num_sampling_steps 2 --model.init_args.num_validation_sampling_steps 2"
    ),
    "fit --config configs/appearance": APPEARANCE_TRIAL,
    "validate": (
        "--model.init_args.size_px [32,32] --model.init_args.fps 10 --data.init_args.num_clips 1 "
        "--trainer.enable_progress_bar false"
    ),
    "test": "",
    "predict": "--trainer.enable_progress_bar false --model.init_args.num_sampling_steps 2",
    "plan": "--set model.init_args.width=16 --set data.init_args.batch_size=8",
    "evaluate": "",
    "export": "",
    "generate": "--steps 2 --size 64 --seconds 2",
    "animate": "--size 64 64 --fps 10 --segment 17 --steps 1",
}


def blocks(language: str, page: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip()]


def of_kind(kind: str) -> list[list[str]]:
    """The README's calls that begin like this, as argument lists with what makes them small."""
    lines = [line for line in commands() if line.startswith(f"macedance {kind}")]
    return [shlex.split(f"{line} {SMALLER[kind]}")[1:] for line in lines]


@pytest.mark.slow
def test_commands_and_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["macedance"])
    noise = np.random.default_rng(0).standard_normal(3 * 22_050) * np.tile(
        np.linspace(0.5, 0, 22_050 // 2), 6
    )
    soundfile.write("song.mp3", noise, 22_050)
    PIL.Image.new("RGB", (48, 64), (90, 120, 150)).save("me.png")
    for kind in SMALLER:
        found = of_kind(kind)
        assert found, f"the README does not show macedance {kind}"
        for arguments in found:
            assert main(arguments) == 0, arguments
    assert probe_video("dance.mp4").num_frames == 60
    assert probe_video("video.mp4").num_frames == probe_video("noise.mp4").num_frames == 20

    (python,) = blocks("python")
    exec(compile(python, "README.md", "exec"), {})
    assert Motion.load("dance.npz").num_frames == 90


def test_every_command_is_known() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in commands():
        program, command = line.split()[:2]
        if program == "make":
            assert command in targets
        elif program == "macedance":
            assert any(line.startswith(f"macedance {kind}") for kind in SMALLER), line
        else:
            assert program == "tensorboard", line


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_commands_in_docs_are_ones_that_there_are(page: Path) -> None:
    lines = "".join(blocks("sh", page.read_text())).replace("\\\n", " ").splitlines()
    assert lines
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "macedance"
        if arguments[0] in LIGHTNING_COMMANDS:
            with pytest.raises(SystemExit) as ended:
                main([*arguments, "--print_config"])
            assert ended.value.code == 0, line
        else:
            _parser().parse_args(arguments)  # ends the process if it does not know one


def test_python_in_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The examples of the metrics print a distance and what chance gives."""
    (python,) = blocks("python", (ROOT / "docs" / "metrics.md").read_text())
    exec(compile(python, "metrics.md", "exec"), {})
    printed = re.findall(r"tensor\(([\d.]+), dtype=torch.float64\)", capsys.readouterr().out)
    assert len(printed) == 2
    assert all(float(value) > 0 for value in printed)
    others = [page for page in (ROOT / "docs").glob("*.md") if page.name != "metrics.md"]
    assert not any(blocks("python", page.read_text()) for page in others)
