"""What users can get wrong about a cascade, from the command line: one clear line at the end, and exit code 2."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import PIL.Image
import pytest
import torch
import yaml

from macedance.cli import main
from macedance.lightning_modules import AppearanceExpert

from ..cascade_shards import write_cascade_shards

VALIDATE = (
    "validate --config configs/cascade/tiny.yaml --data.init_args.shards shards --trainer.logger false "
    "--trainer.enable_progress_bar false --trainer.accelerator cpu --model.init_args.size_px [32,32] "
    "--model.init_args.fps 10 --model.init_args.output out --model.init_args.extractors null "
    "--model.init_args.motion motion.ckpt"
)
CASES = [
    (
        "--model.init_args.motion appearance.ckpt",
        "motion must name a Motion Expert, but appearance.ckpt is an App",
    ),
    (
        "--model.init_args.appearance motion.ckpt",
        "appearance must name an Appearance Expert, .*; motion takes it",
    ),
    ("--model.init_args.motion none.ckpt", "no checkpoint, exported folder or hub id of the name none.ckpt"),
    ("--model.init_args.fps 30", "clip val0: its real video has 10 fps, the cascade 30; set fps to 10"),
    ("--data.init_args.reference cut.png", r"cut\.png must be a picture"),
    ("--data.init_args.shards short", "sample val0: music must last at least 1 s, got 0.50 s"),
    ("--model.init_args.output motion.ckpt/out", "output cannot be written at motion.ckpt/out"),
    ("--model.init_args.extractors none.yaml", "none.yaml"),
    ("--model.init_args.keypoints.blazepose nowhere", "nowhere"),
    ("--ckpt_path motion.ckpt", "a cascade has no checkpoint of its own; name its experts"),
]


@pytest.fixture(scope="module")
def files(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    shutil.copy(tiny_checkpoint, folder / "motion.ckpt")
    appearance = {
        "_class_path": f"{AppearanceExpert.__module__}.{AppearanceExpert.__name__}",
        "backbone": "no/such/backbone",
    }
    torch.save({"hyper_parameters": appearance, "state_dict": {}}, folder / "appearance.ckpt")
    write_cascade_shards(folder / "shards", num_clips=1)
    write_cascade_shards(folder / "short", num_clips=1, seconds=0.5)
    PIL.Image.new("RGB", (200, 200), (9, 99, 9)).save(folder / "me.png")
    (folder / "cut.png").write_bytes((folder / "me.png").read_bytes()[:100])
    return folder


@pytest.mark.parametrize(("option", "message"), CASES, ids=[option for option, _ in CASES])
def test_one_line_says_what_is_wrong(
    option: str, message: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("sys.argv", ["macedance"])
    monkeypatch.chdir(files)
    assert main(f"{VALIDATE} {option}".split()) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("macedance: ")
    assert re.search(message, last), last


def test_debug_shows_the_exception(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["macedance"])
    monkeypatch.chdir(files)
    with pytest.raises(FileNotFoundError, match=r"none\.ckpt"):
        main(f"{VALIDATE} --model.init_args.motion none.ckpt --debug".split())


def test_the_configuration_is_kept_in_the_run_and_nowhere_else(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["macedance"])
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "config.yaml"
    mine.write_text("# my own notes\nmodel: {init_args: {name: mine}}\n")
    command = VALIDATE.replace(" shards ", f" {files / 'shards'} ").replace(
        "motion.ckpt", str(files / "motion.ckpt")
    )
    assert main(f"{command} --config config.yaml".split()) == 0
    assert mine.read_text().startswith("# my own notes")
    kept = yaml.safe_load((tmp_path / "out" / "val" / "config.yaml").read_text())
    assert kept["model"]["init_args"]["name"] == "mine"
