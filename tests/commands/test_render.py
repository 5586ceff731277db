from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.cli import main
from macedance.data.shards import encode_sample, read_shards, write_shard


@pytest.fixture(scope="module")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dances")
    trans = torch.linspace(0, 0.4, 6)[:, None] * torch.tensor([1.0, 0.0, 0.0])
    motion = {"poses": np.zeros((6, 24, 3), np.float32), "trans": trans.numpy()}
    for split in ("train", "test"):
        about = {"fps": 30, "num_frames": 6, "duration_seconds": 0.2}
        write_shard(
            folder / f"{split}-000000.tar",
            [encode_sample(f"{split}0", about, motion={**motion, "betas": np.zeros(10, np.float32)})],
        )
    return folder


def test_it_renders_and_tells_when_all_is_there(
    dances: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["data", "render", str(dances), "--out", str(out), "--size", "48", "32", "--fps", "15"]
    for state in ("", ", there already"):
        assert main([*command, "--workers", "1"]) == 0
        assert capsys.readouterr().out.splitlines() == [f"{out}: 2 clips, 32x48 at 15 fps{state}"]
    (clip,) = read_shards(out, None, "test")
    assert clip["json"]["video_num_frames"] == 3
    assert {"video.mp4", "pose.mp4", "keypoints.npy", "reference.jpg", "motion.npz"} <= clip.keys()
    assert "face.mp4" not in clip


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(dances: Path, tmp_path: Path) -> None:
    for workers in ("1", "2"):
        out = str(tmp_path / workers)
        assert (
            main(["data", "render", str(dances), "--out", out, "--size", "32", "32", "--workers", workers])
            == 0
        )
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / workers).iterdir()} for workers in ("1", "2")
    )
    assert first == second


@pytest.mark.parametrize(
    ("shards", "options", "message"),
    [
        ("nowhere", (), "shards: no shards at "),
        ("", ("--size", "33", "32"), "size must be two positive even numbers, H W, got 33 32"),
        ("", ("--fps", "0"), "fps must lie in 1..240, got 0"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    dances: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    shards: str,
    options: tuple,
    message: str,
) -> None:
    assert main(["data", "render", str(dances / shards), "--out", str(tmp_path / "out"), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"macedance: {message}")
    assert error.count("\n") == 1
