from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml

from macedance.cli import main
from macedance.hashes import state_hash


@pytest.fixture
def run_folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A run's folder with a checkpoint, and those of others, that tested it, tested older weights, and broke off."""
    folder = tmp_path / "runs" / "motion" / "version_0"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "last.ckpt").write_bytes(tiny_checkpoint.read_bytes())
    config = {"data": {"init_args": {"shards": "/home/someone/data/waltzes"}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    weights = torch.load(tiny_checkpoint, weights_only=True)["state_dict"]
    older = {name: tensor.clone().fill_(0) for name, tensor in weights.items()}
    scores = {"this model": {"fid_k": 12.3456, "bas_own": None, "bas_num_clips": 3.0}}
    tests = (
        {**scores, "weights_sha256": state_hash(weights)},
        {"this model": {"fid_k": 77.0}, "weights_sha256": state_hash(older)},
        {"this model": {"fid_k": 78.0}},
        "{",
    )
    for number, found in enumerate(tests, start=1):
        file = folder.with_name(f"version_{number}") / "test_scores.json"
        file.parent.mkdir()
        file.write_text(found if isinstance(found, str) else json.dumps(found))
        (file.parent / "config.yaml").write_text(
            yaml.safe_dump({"ckpt_path": str(folder / "checkpoints" / "last.ckpt")})
        )
        os.utime(file, (number, number))
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
    """What is put on a hub that takes everything, from a machine with a token; it has a public model, me/known.

    As the hub itself, it leaves a model that is there as visible as it was.
    """
    from huggingface_hub.utils import filter_repo_objects

    asked: list[tuple] = []
    is_private = {"me/known": False}

    def create_repo(_: object, hub_id: str, *, private: bool, exist_ok: bool) -> str:
        assert exist_ok or hub_id not in is_private
        is_private.setdefault(hub_id, private)
        return f"https://huggingface.co/{hub_id}"

    def model_info(_: object, hub_id: str) -> SimpleNamespace:
        return SimpleNamespace(private=is_private[hub_id])

    def upload_folder(
        _: object, *, repo_id: str, folder_path: str, allow_patterns: list[str] | None = None, **__: object
    ) -> None:
        files = [path.relative_to(folder_path).as_posix() for path in Path(folder_path).rglob("*.*")]
        taken = sorted(filter_repo_objects(files, allow_patterns=allow_patterns))
        asked.append((repo_id, "private" if is_private[repo_id] else "public", taken))

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", create_repo)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    monkeypatch.setattr("huggingface_hub.HfApi.upload_folder", upload_folder)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_secret")
    return asked


def test_an_export_goes_to_the_hub(tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, capsys) -> None:
    folder = tmp_path / "expert"
    push = ["--push-to-hub", "me/dancer-v1.0"]
    assert main(["export", str(tiny_checkpoint), "--out", str(folder), *push, "--private"]) == 0
    files = ["README.md", "config.yaml", "model.safetensors"]
    assert hub == [("me/dancer-v1.0", "private", files)]
    assert main(["export", str(folder), *push]) == 0
    assert hub[1:] == [("me/dancer-v1.0", "private", files)]
    captured = capsys.readouterr()
    assert "shared as https://huggingface.co/me/dancer-v1.0" in captured.out
    assert "not shared" not in captured.out
    assert "hf_secret" not in captured.out + captured.err


def test_only_what_belongs_to_an_export_is_shared(
    tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, capsys
) -> None:
    folder = tmp_path / "expert"
    assert main(["export", str(tiny_checkpoint), "--out", str(folder)]) == 0
    (folder / "notes-secret.txt").write_text("secret")
    (folder / "adapter[1].safetensors").write_bytes(b"")
    (folder / "mine").mkdir()
    (folder / "mine" / "other.safetensors").write_bytes(b"")
    assert main(["export", str(folder), "--push-to-hub", "me/known"]) == 0
    files = ["README.md", "adapter[1].safetensors", "config.yaml", "model.safetensors"]
    assert hub == [("me/known", "public", files)]
    told = "not shared, for it is no part of an export: mine, notes-secret.txt\n"
    assert told in capsys.readouterr().out


def test_nothing_private_goes_to_a_public_model(
    tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, capsys
) -> None:
    folder = str(tmp_path / "expert")
    push = ["--push-to-hub", "me/known", "--private"]
    assert main(["export", str(tiny_checkpoint), "--out", folder, *push]) == 2
    assert hub == []
    error = capsys.readouterr().err
    assert error.startswith("macedance: --private: me/known is on the hub already, and public")
    assert f"'macedance export {folder} {' '.join(push)}' tries again" in error
    assert error.count("\n") == 1


def test_a_hub_that_refuses_is_told_and_the_folder_kept(
    tiny_checkpoint: Path, hub: list[tuple], tmp_path: Path, monkeypatch, capsys
) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    class Response(SimpleNamespace):
        def __bool__(self) -> bool:  # as that of requests
            return self.status_code < 400

    def refuse(*_: object, **__: object) -> None:
        request = SimpleNamespace(headers={"authorization": "Bearer hf_secret"}, url="", method="POST")
        response = Response(status_code=403, headers={}, request=request, json=dict, text="")
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
        (["--push-to-hub", "me/dancer.ckpt"], "without the ending of a file, got me/dancer.ckpt"),
        (["--private"], "--private must come with --push-to-hub"),
        (["--checkpoint", "other.ckpt"], "CKPT and --checkpoint are the same"),
        (
            ["--class-path", "no_such_package.Expert"],
            "macedance: --class-path: there is no module no_such_package",
        ),
        (
            ["--class-path", "macedance.lightning_modules.AppearanceExpert"],
            "macedance: --class-path must be the one that",
        ),
        (
            ["--class-path", "macedance.geometry.Motion"],
            "macedance: --class-path must name a LightningModule",
        ),
        (["--class-path", ".Expert"], "macedance: --class-path must be the dotted path of a class"),
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


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("expert", ["--out", "again"], "macedance: expert is exported already; share it by --push-to-hub"),
        (
            "expert",
            ["--push-to-hub", "me/dancer", "--class-path", "macedance.lightning_modules.MotionExpert"],
            "macedance: --class-path must come with a checkpoint to export, but expert is exported already",
        ),
        (
            "last.ckpt",
            ["--out", "expert"],
            "macedance: --out must be a folder that does not exist yet, got expert",
        ),
    ],
)
def test_what_is_exported_already_is_not_exported_again(
    source: str,
    options: list[str],
    message: str,
    tiny_checkpoint: Path,
    hub: list[tuple],
    tmp_path: Path,
    monkeypatch,
    capsys,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("last.ckpt").write_bytes(tiny_checkpoint.read_bytes())
    assert main(["export", "last.ckpt", "--out", "expert"]) == 0
    assert main(["export", source, *options]) == 2
    assert capsys.readouterr().err.startswith(message)
    assert hub == []
    assert not Path("again").exists()


def test_the_default_expert_is_shared_but_not_exported(hub: list[tuple], tmp_path: Path, capsys) -> None:
    out = tmp_path / "copy"
    assert main(["export", "default", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(
        "macedance: default is exported already; share it by --push-to-hub without --out, or copy"
    )
    assert (Path(error.split()[-1]) / "model.safetensors").is_file()
    assert not out.exists()
    assert main(["export", "default", "--push-to-hub", "me/dancer"]) == 0
    assert hub == [("me/dancer", "public", ["README.md", "config.yaml", "model.safetensors"])]


def test_without_a_token_nothing_is_shared(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    out = tmp_path / "expert"
    assert main(["export", str(tiny_checkpoint), "--out", str(out), "--push-to-hub", "me/dancer"]) == 2
    assert "--push-to-hub needs a token for the hub: 'hf auth login' stores one" in capsys.readouterr().err
    assert not out.exists()
