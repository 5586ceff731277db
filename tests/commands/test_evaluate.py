from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from macedance.cli import main
from macedance.commands.protocol_names import PROTOCOL_NAMES
from macedance.data.dance_files import read_motions
from macedance.geometry.motion import Motion
from macedance.metrics.functional import PROTOCOLS


@pytest.fixture
def generated(motion_shards: Path, tmp_path: Path) -> Path:
    """Dances that are the test split's own, a little changed, as `macedance predict` would write them."""
    folder = tmp_path / "generated"
    for dance in read_motions(motion_shards / "test-000000.tar"):
        trans = dance.joints[:, 0] * 1.02
        Motion(dance.poses, trans).save(folder / f"{dance.key}.npz")
    return folder


def evaluate(generated: Path, shards: Path, *arguments: str) -> int:
    reference = str(shards / "test-000000.tar")
    return main(["evaluate", "--generated", str(generated), "--reference", reference, *arguments])


def test_prints_tables_and_writes_json_and_plots(
    generated: Path, motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, plots = tmp_path / "scores.json", tmp_path / "plots"
    assert evaluate(generated, motion_shards, "--json", str(report), "--plots", str(plots)) == 0
    printed, bars = capsys.readouterr()
    for words in (
        "ground truth",
        "generated",
        "standing still",
        "white noise",
        "FID_k",
        "BAS own − other",
        "FSR",
    ):
        assert words in printed
    assert "warning: 3 clips are too few for a Fréchet distance" in printed
    assert "scoring" in bars
    assert f"generated: 3 clips at 30 fps, 8.0 s in the median, of {generated}" in printed
    content = json.loads(report.read_text())
    assert content["protocol"]["name"] == "default"
    assert content["rows"]["generated"]["num_clips"] == 3
    assert content["rows"]["generated"]["scores"]["bas_gap"] > 0.3
    assert content["inputs"]["reference"]["fps"] == [30]
    assert content["inputs"]["generated"]["num_clips"] == 3
    assert content["rows"]["standing still"]["scores"]["bas_own"] is None
    assert content["clips"]["generated"]["keys"] == ["test200", "test201", "test202"]
    assert len(content["clips"]["generated"]["jerk"]) == 3
    assert content["warnings"]
    for name in ("speed.png", "features.png", "histograms.png"):
        with Image.open(plots / name) as picture:
            assert min(picture.size) > 300


def test_beats_can_come_from_features_and_silence_is_told(
    generated: Path, motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = tmp_path / "reference"
    music = tmp_path / "music"
    music.mkdir()
    for dance in read_motions(motion_shards / "test-000000.tar"):
        Motion(dance.poses, dance.joints[:, 0]).save(reference / f"{dance.key}.npz")
        features = np.zeros((240, 35), np.float32)
        features[(dance.beats * 30).round().long().clamp(max=239), 34] = 1
        np.save(music / f"{dance.key}.npy", features)
    arguments = ["evaluate", "--generated", str(generated), "--reference", str(reference)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "warning: all 3 generated dances have no music with beats" in printed
    assert "BAS own music" not in printed
    (music / "test202.npy").unlink()
    report = tmp_path / "scores.json"
    assert main([*arguments, "--music", str(music), "--json", str(report)]) == 0
    printed = capsys.readouterr().out
    assert "1 of 3 generated dances have no music with beats" in printed
    assert "left out of BAS (first: test202)" in printed
    scores = json.loads(report.read_text())["rows"]["generated"]["scores"]
    assert scores["bas_own"] > 0.5
    assert scores["bas_num_excluded"] == 1


def test_shards_keep_their_own_beats(
    motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "scores.json"
    assert evaluate(motion_shards / "train-000000.tar", motion_shards, "--json", str(report)) == 0
    row = json.loads(report.read_text())["rows"]["generated"]
    assert row["scores"]["bas_num_clips"] == row["num_clips"] == 6


def test_key_points_are_scored_by_2d_protocols(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for clip in range(3):
            np.save(tmp_path / folder / f"{clip}.npy", random.standard_normal((70, 25, 3)).cumsum(axis=0))
    arguments = ["evaluate", "--generated", str(tmp_path / "a"), "--reference", str(tmp_path / "b")]
    assert main([*arguments, "--protocol", "mace-2d", "--plots", str(tmp_path / "plots")]) == 0
    printed = capsys.readouterr().out
    assert "FID_k" in printed
    assert "FSR" not in printed
    assert "checked against published code: nothing" in printed


def test_bad_input_is_one_line_and_exit_code_2(
    generated: Path, motion_shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*arguments: str) -> str:
        assert evaluate(generated, motion_shards, *arguments) == 2
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("macedance: ")]
        assert len(lines) == 1
        return lines[0]

    assert "no such folder" in failing("--music", str(tmp_path / "nowhere"))
    assert "--fps is for key-points" in failing("--fps", "30")
    assert "--workers must be at least 1" in failing("--workers", "0")
    (tmp_path / "file").write_text("")
    assert "--plots cannot be written" in failing("--plots", str(tmp_path / "file"))
    assert "--json must not be a folder" in failing("--json", str(tmp_path))
    assert "--floor must be a height" in failing("--floor", "nan")
    planar = ("--protocol", "mace-2d")
    assert "--fps must be a positive number" in failing(*planar, "--fps", "0")
    assert "--floor and --up-axis are for motions" in failing(*planar, "--floor", "0")
    (generated / "short.npz").write_bytes(b"no archive")
    assert "short.npz" in failing()
    Motion(torch.zeros(3, 24, 3), torch.zeros(3, 3)).save(generated / "short.npz")
    assert "generated, dance short: joints must have at least 4 frames" in failing()
    songs = tmp_path / "songs"
    songs.mkdir()
    (songs / "polka.wav").write_bytes(b"")
    assert "no song" in failing("--music", str(songs))


def test_the_names_in_help_are_all_the_protocols() -> None:
    assert tuple(PROTOCOLS) == PROTOCOL_NAMES
