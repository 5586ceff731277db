from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from macedance.cli import main
from macedance.default_expert import default_folder
from macedance.geometry.motion import Motion
from macedance.hashes import weights_hash
from macedance.lightning_modules.loading import load_expert


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of noise bursts."""
    noise = np.random.default_rng(0).standard_normal(32_000) * np.tile(np.linspace(0.3, 0, 8_000), 4)
    soundfile.write(tmp_path / "song.wav", noise, 16_000)
    return tmp_path / "song.wav"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
def test_the_expert_of_the_package_dances_if_none_is_named(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--music", str(song), "--fps", "5", "--size", "64", "--sampler", "dpm", "--steps", "4"]
    assert main(["generate", *options, "--out", "first.mp4"]) == 0
    assert "model: default, which comes with macedance" in capsys.readouterr().out
    own = tmp_path / "runs" / "mine" / "last.ckpt"  # trained since
    own.parent.mkdir(parents=True)
    own.write_bytes(tiny_checkpoint.read_bytes())
    assert main(["generate", *options, "--out", "second.mp4", "--motion-out", "dance.npz"]) == 0
    about = {"id": "default", "sha256": weights_hash(load_expert("default"))}
    for name in ("first", "second"):
        assert json.loads(Path(f"{name}.provenance.json").read_text())["models"]["motion"] == about
    dance = Motion.load("dance.npz")
    assert dance.num_frames == 60
    assert dance.poses.isfinite().all()
    assert main(["generate", *options, "--out", "third.mp4", "--motion", str(own)]) == 0
    assert f"model: {own}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file_name", "content", "told"),
    [
        ("model.safetensors", None, "it has no model.safetensors"),
        ("model.safetensors", b"version https://git-lfs.github.com/spec/v1", "model.safetensors is damaged"),
        ("config.yaml", None, "it has no config.yaml"),
        ("config.yaml", b"[", "config.yaml is damaged"),
    ],
)
def test_a_damaged_package_is_told_in_one_line(
    song: Path, tmp_path: Path, monkeypatch, capsys, file_name: str, content: bytes | None, told: str
) -> None:
    folder = shutil.copytree(default_folder(), tmp_path / "copy")
    monkeypatch.setattr("macedance.lightning_modules.expert_files.default_folder", lambda: folder)
    (folder / file_name).unlink()
    if content is not None:
        (folder / file_name).write_bytes(content)
    assert main(["generate", "--music", str(song), "--out", str(tmp_path / "x.mp4"), "--size", "64"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"macedance: default is not an exported expert: {told}")
    assert "install that again" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.mp4").exists()


def test_an_empty_name_is_not_the_default(song: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "x.mp4"
    assert main(["generate", "--music", str(song), "--out", str(out), "--size", "64", "--motion", ""]) == 2
    error = capsys.readouterr().err
    assert error.startswith(
        "macedance: --motion must name a Motion Expert, got ''; leave it out for the one of"
    )
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]
