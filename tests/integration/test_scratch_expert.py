"""The expert of docs/new-expert.md, from a folder that nothing is installed from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import soundfile
import torch

import macedance
from macedance.cli import main
from macedance.data.rendering import RenderPlan, RenderSettings, render_shards
from macedance.data.run_folder import RunFolder
from macedance.distributed import read_sharded_checkpoint
from macedance.geometry.motion import Motion

PAGE = (Path(__file__).parents[2] / "docs" / "new-expert.md").read_text()
CLASS_PATH = "my_expert.MyExpert"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files that the page shows, which Python imports from and the command runs in."""
    folder = tmp_path_factory.mktemp("scratch")
    for name, text in re.findall(r"^```\w+\n# (\w+\.\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.chdir(folder)
        patch.setattr("sys.argv", ["macedance"])
        yield folder


def fit(shards: Path, num_steps: int, name: str, *options: str) -> Path:
    """The last checkpoint of a run of the page's configuration."""
    smaller = {
        "data.init_args.shards": shards,
        "data.init_args.batch_size": 2,
        "model.init_args.width": 4,
        "trainer.max_steps": num_steps,
        "trainer.val_check_interval": 2,
        "trainer.accelerator": "cpu",
        "trainer.enable_progress_bar": "false",
        "trainer.logger.init_args.name": name,
    }
    given = [f"--{key}={value}" for key, value in smaller.items()]
    assert main(["fit", "--config", "my_expert.yaml", *given, *options]) == 0
    return Path("runs") / name / "version_0" / "checkpoints" / "last.ckpt"


@pytest.fixture(scope="module")
def checkpoint(scratch: Path, motion_shards: Path) -> Path:
    return scratch / fit(motion_shards, 4, "whole")


def test_the_page_shows_all_files(scratch: Path) -> None:
    assert {path.name for path in scratch.iterdir()} >= {
        "my_expert.py",
        "my_expert.yaml",
        "my_cascade.yaml",
        "test_my_expert.py",
        "dots.py",
        "test_dots.py",
    }


def test_the_page_reads_what_its_commands_make() -> None:
    made = set(re.findall(r"--out (my-data/\S+)", PAGE))
    assert made == {"my-data/motion", "my-data/videos"} == set(re.findall(r"shards: (\S+)", PAGE))


@pytest.mark.slow
def test_the_pages_tests_pass(scratch: Path, tmp_path: Path) -> None:
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={scratch}", f"--basetemp={tmp_path / 'kits'}"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_my_expert.py", "test_dots.py"],
        env={**os.environ, "PYTHONPATH": ".", "OMP_NUM_THREADS": "1"},
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "failed" not in ended.stdout


def test_it_is_trained_and_resumed_exactly(checkpoint: Path, motion_shards: Path) -> None:
    half = fit(motion_shards, 2, "half")
    resumed = fit(motion_shards, 4, "resumed", "--ckpt_path", str(half))
    whole, again = (torch.load(path, weights_only=True)["state_dict"] for path in (checkpoint, resumed))
    assert all(torch.equal(value, again[name]) for name, value in whole.items())


def test_it_is_trained_in_shards_without_a_word_of_its_own(
    checkpoint: Path, motion_shards: Path, request: pytest.FixtureRequest
) -> None:
    configs = request.config.rootpath / "configs"
    with patch.dict(os.environ):  # in which Lightning tells processes that are to come which rank they are
        try:
            sharded = fit(motion_shards, 4, "sharded", "--config", f"{configs / 'trainer' / 'fsdp2.yaml'}")
        finally:
            torch.distributed.destroy_process_group()
    assert sharded.is_dir()
    whole = torch.load(checkpoint, weights_only=True)["state_dict"]
    again = read_sharded_checkpoint(sharded)["state_dict"]
    assert all(torch.equal(value, again[name]) for name, value in whole.items())


@pytest.fixture(scope="module")
def export(checkpoint: Path, scratch: Path) -> Path:
    """The folder of the name that the page's cascade names."""
    assert main(["export", str(checkpoint), "--out", "my-export", "--class-path", CLASS_PATH]) == 0
    return scratch / "my-export"


def test_whoever_trusts_its_class_loads_its_export(export: Path) -> None:
    motion = macedance.load_expert(export, class_path=CLASS_PATH).generate(torch.rand(50, 35), num_frames=40)
    assert isinstance(motion, Motion)
    assert motion.num_frames == 40


def test_a_command_imports_it_only_when_it_is_named(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    song, out = tmp_path / "song.wav", tmp_path / "dance.mp4"
    soundfile.write(song, np.random.default_rng(0).normal(size=12000) * 0.1, 8000)
    command = ["generate", "--music", str(song), "--motion", str(export), "--out", str(out)]
    command += ["--size", "64", "--fps", "4", "--device", "cpu"]
    monkeypatch.delitem(sys.modules, "my_expert")
    assert main(command) == 2
    assert f"{CLASS_PATH} is no expert known here" in capsys.readouterr().err
    assert main([*command, "--class-path", CLASS_PATH]) == 0
    assert out.is_file()
    card = (export / "README.md").read_text()
    assert f"--motion path/to/my-export --out dance.mp4 --class-path {CLASS_PATH}" in card


@pytest.mark.parametrize("appearance", [None, "dots.Dots"])
def test_it_dances_in_the_cascade(
    appearance: str | None, export: Path, motion_shards: Path, tmp_path: Path
) -> None:
    rendered = tmp_path / "rendered"
    plan = RenderPlan.of([str(motion_shards / "val-000000.tar")], clips_per_shard=1)
    render_shards(rendered, plan, RenderSettings((32, 32), Fraction(2)))
    smaller = {
        "data.init_args.shards": rendered,
        "data.init_args.num_clips": 1,
        "model.init_args.fps": 2,
        "model.init_args.output": tmp_path / "cascade",
    }
    if appearance is not None:
        smaller["model.init_args.appearance"] = f"{{class_path: {appearance}}}"
    given = [f"--{key}={value}" for key, value in smaller.items()]
    assert main(["validate", "--config", "my_cascade.yaml", *given]) == 0
    made = RunFolder(tmp_path / "cascade" / "val")
    (key,) = made.keys()
    assert Motion.load(made.motion_file(key)).num_frames == 240
    models = made.read_run()["models"]
    assert (models["motion"]["id"], models["appearance"]["id"]) == ("my-export", appearance or "body")
    assert made.report_file().is_file()
