from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from macedance.cli import main
from macedance.data.shards import encode_sample, read_shards, write_shard

NUM_FRAMES = 18
ENCODE = ("--backbone", "tiny", "--num-frames", "17", "--device", "cpu")


@pytest.fixture(scope="module")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dances")
    trans = torch.linspace(0, 0.4, NUM_FRAMES)[:, None] * torch.tensor([1.0, 0.0, 0.0])
    motion = {"poses": np.zeros((NUM_FRAMES, 24, 3), np.float32), "trans": trans.numpy()}
    about = {"fps": 30, "num_frames": NUM_FRAMES, "duration_seconds": NUM_FRAMES / 30}
    for split in ("train", "test"):
        sample = encode_sample(f"{split}0", about, motion={**motion, "betas": np.zeros(10, np.float32)})
        write_shard(folder / f"{split}-000000.tar", [sample])
    return folder


@pytest.fixture(scope="module")
def rendered(dances: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    arguments = ["--out", str(folder), "--size", "32", "32", "--workers", "1"]
    assert main(["data", "render", str(dances), *arguments]) == 0
    return folder


@pytest.fixture(autouse=True)
def _no_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)


def test_it_encodes_what_was_rendered_and_tells_when_all_is_there(
    rendered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for state in ("", ", there already"):
        assert main(["data", "encode", str(rendered), "--out", str(out), *ENCODE]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith(f"{out}: 2 windows of 17 frames of 2 clips, ")
        assert line.endswith(f" kB each{state}")
    (clip,) = read_shards(out, None, "test")
    assert clip["latents.safetensors"]["pose"].shape[:2] == (16, 5)
    assert clip["latents.safetensors"]["pose"].dtype == torch.bfloat16
    assert clip["json"]["latents"]["prompt"] == "视频中的人在跳舞"
    assert {"video.mp4", "reference.jpg"} <= clip.keys()


@pytest.mark.parametrize("names", [("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")])
def test_ranks_share_the_shards(
    rendered: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, str],
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv(names[1], "2")
    for rank in ("0", "1"):
        monkeypatch.setenv(names[0], rank)
        assert main(["data", "encode", str(rendered), "--out", str(out), *ENCODE]) == 0
        assert capsys.readouterr().out.startswith(
            f"{out}, rank {rank} of 2: 1 windows of 17 frames of 1 clips"
        )
        assert (out / "manifest.json").is_file() == (rank == "1")
    assert len(list(read_shards(out, ("json",)))) == 2


def test_the_vae_computes_in_what_was_asked_for(rendered: Path, tmp_path: Path) -> None:
    latents = {}
    for dtype in ("float32", "bfloat16"):
        out = tmp_path / dtype
        arguments = [str(rendered / "test-000000.tar"), "--out", str(out), *ENCODE, "--dtype", dtype]
        assert main(["data", "encode", *arguments]) == 0
        (clip,) = read_shards(out, ("latents.safetensors",))
        latents[dtype] = clip["latents.safetensors"]["video"].float()
    difference = (latents["float32"] - latents["bfloat16"]).abs().max()
    assert 0 < difference < 0.1 * latents["float32"].abs().max()


def test_sets_without_pose_drawings_are_told_how_to_make_them(
    dances: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "encode", str(dances), "--out", str(tmp_path / "out"), *ENCODE]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "sample test0 has no member video.mp4" in error
    assert "'macedance data render'" in error


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--num-frames", "30"),
            "num-frames must be a multiple of 4 plus 1, at least 9, got 30; take 29 or 33",
        ),
        (("--num-frames", "21"), "clips shorter than num-frames 21: test0 (18 frames)"),
        (("--batch-size", "0"), "batch-size must be at least 1, got 0"),
        (("--device", "nowhere"), "--device must be a device of this machine, got nowhere"),
        (("--backbone", "nowhere/at-all"), "backbone: nowhere/at-all cannot be loaded"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    rendered: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    arguments = [str(rendered), "--out", str(tmp_path / "out"), *ENCODE, *options]
    assert main(["data", "encode", *arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("macedance: ")
    assert message in error


@pytest.mark.parametrize(("rank", "num_ranks"), [("2", "2"), ("-1", "2"), ("a", "2")])
def test_ranks_that_do_not_fit_are_refused(
    rendered: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    rank: str,
    num_ranks: str,
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", num_ranks)
    assert main(["data", "encode", str(rendered), "--out", str(tmp_path / "out"), *ENCODE]) == 2
    assert "RANK must be a rank below WORLD_SIZE" in capsys.readouterr().err
