from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml

from macedance.cli import main


@pytest.fixture
def run_folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A run's folder with a checkpoint, and that of another run that tested it."""
    folder = tmp_path / "runs" / "motion" / "version_0"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "last.ckpt").write_bytes(tiny_checkpoint.read_bytes())
    config = {"data": {"init_args": {"shards": "/home/someone/data/waltzes"}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    tested = folder.with_name("version_1")
    tested.mkdir()
    config = {"ckpt_path": str(folder / "checkpoints" / "last.ckpt")}
    (tested / "config.yaml").write_text(yaml.safe_dump(config))
    scores = {"this model": {"fid_k": 12.3456, "bas_own": None, "bas_num_clips": 3.0}}
    (tested / "test_scores.json").write_text(json.dumps(scores))
    return folder


def test_the_card_tells_what_is_known(run_folder: Path, tmp_path: Path, capsys) -> None:
    checkpoint, out = run_folder / "checkpoints" / "last.ckpt", tmp_path / "waltz-expert"
    assert main(["export", str(checkpoint), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"exported {checkpoint} to {out}\n"
    card = (out / "README.md").read_text()
    head = yaml.safe_load(card.split("---")[1])
    assert head == {"library_name": "macedance", "tags": ["macedance", "music-to-dance", "motion-expert"]}
    assert "# waltz-expert" in card
    assert "Class `macedance.lightning_modules.motion.MotionExpert`" in card
    assert "Trained on the shards of `waltzes`." in card
    assert "/home/someone" not in card
    assert "|  | FID_k | BAS own music |\n| --- | --- | --- |\n| this model | 12.35 | – |" in card
    assert "macedance generate --music song.mp3 --motion path/to/waltz-expert" in card
    assert "class_path: macedance.lightning_modules.Cascade" in card
    assert "| width | 16 |" in card
    assert "Not stated. Whoever shares this folder chooses a licence" in card


def test_the_card_admits_what_is_not_known(tiny_checkpoint: Path, tmp_path: Path, monkeypatch) -> None:
    newest = tmp_path / "runs" / "mine" / "checkpoints" / "last.ckpt"
    newest.parent.mkdir(parents=True)
    newest.write_bytes(tiny_checkpoint.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--out", "expert"]) == 0
    card = Path("expert/README.md").read_text()
    assert "Not evaluated" in card
    assert "does not tell what the expert was trained on" in card


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What is asked of a hub that takes everything, from a machine with a token."""
    asked: list[tuple] = []

    def create_repo(_: object, hub_id: str, *, private: bool, exist_ok: bool) -> str:
        asked.append(("create", hub_id, private, exist_ok))
        return f"https://huggingface.co/{hub_id}"

    def upload_folder(_: object, *, repo_id: str, folder_path: str, **__: object) -> None:
        asked.append(("upload", repo_id, sorted(os.listdir(folder_path))))  # noqa: PTH208

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", create_repo)
    monkeypatch.setattr("huggingface_hub.HfApi.upload_folder", upload_folder)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_secret")
    return asked


def test_an_export_goes_to_the_hub(tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, capsys) -> None:
    folder = str(tmp_path / "expert")
    push = ["--push-to-hub", "me/dancer"]
    assert main(["export", str(tiny_checkpoint), "--out", folder, *push, "--private"]) == 0
    files = ["README.md", "config.yaml", "model.safetensors"]
    assert hub == [("create", "me/dancer", True, True), ("upload", "me/dancer", files)]
    assert main(["export", folder, *push]) == 0
    assert hub[2:] == [("create", "me/dancer", False, True), ("upload", "me/dancer", files)]
    captured = capsys.readouterr()
    assert "shared as https://huggingface.co/me/dancer" in captured.out
    assert "hf_secret" not in captured.out + captured.err


def test_a_hub_that_refuses_is_told_and_the_folder_kept(
    tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, monkeypatch, capsys
) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    def refuse(*_: object, **__: object) -> None:
        request = SimpleNamespace(headers={"authorization": "Bearer hf_secret"}, url="", method="POST")
        response = SimpleNamespace(status_code=403, headers={}, request=request, json=dict, text="")
        raise HfHubHTTPError("Bearer hf_secret", response=response)

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", refuse)
    out = tmp_path / "expert"
    assert main(["export", str(tiny_checkpoint), "--out", str(out), "--push-to-hub", "them/dancer"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"macedance: {out} is written, but could not be put on the hub as them/dancer")
    assert "the hub refused (403)" in error
    assert "hf_secret" not in error
    assert error.count("\n") == 1
    assert (out / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--push-to-hub", "me"], "--push-to-hub must be OWNER/NAME"),
        (["--push-to-hub", "me/no:name"], "--push-to-hub must be OWNER/NAME"),
        (["--private"], "--private must come with --push-to-hub"),
        (["--checkpoint", "other.ckpt"], "CKPT and --checkpoint are the same"),
        (["--class-path", "no_such_package.Expert"], "class_path: there is no module no_such_package"),
        (["--class-path", "macedance.lightning_modules.AppearanceExpert"], "class_path must be the one that"),
    ],
)
def test_wrong_options_write_nothing(
    options: list[str], message: str, run_folder: Path, hub: list[tuple], tmp_path: Path, capsys
) -> None:
    checkpoint = tmp_path / "named.ckpt"
    stored = torch.load(run_folder / "checkpoints" / "last.ckpt", weights_only=True)
    stored["hyper_parameters"]["_class_path"] = "macedance.lightning_modules.MotionExpert"
    torch.save(stored, checkpoint)
    out = tmp_path / "expert"
    assert main(["export", str(checkpoint), "--out", str(out), *options]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()
    assert hub == []


def test_without_a_token_nothing_is_shared(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    out = tmp_path / "expert"
    assert main(["export", str(tiny_checkpoint), "--out", str(out), "--push-to-hub", "me/dancer"]) == 2
    assert "--push-to-hub needs a token for the hub: 'hf auth login' stores one" in capsys.readouterr().err
    assert not out.exists()
