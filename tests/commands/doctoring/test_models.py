from __future__ import annotations

import inspect
import os
import shutil
from pathlib import Path

import huggingface_hub
import platformdirs
import pytest
from huggingface_hub import constants

from macedance.commands.doctoring import models
from macedance.commands.doctoring.finding import Found
from macedance.geometry import anny_humans, human_body
from macedance.metrics.extractors import AestheticHead, ClipFeatures, DinoFeatures, VideoMaeFeatures
from macedance.metrics.extractors.weights import FOLDER_VARIABLE, WEIGHT_FILES
from macedance.models.appearance.backbone import DEFAULT_BACKBONE


def only(look) -> Found:
    (found,) = look()
    return found


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    there = huggingface_hub.try_to_load_from_cache
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda model, name: there(model, name, cache_dir=tmp_path)
    )
    return tmp_path


def fetch(hub: Path, model: str, file_name: str) -> Path:
    """Make the cache look as after the hub's client fetched a file of a model; returns the model's folder."""
    folder = hub / f"models--{model.replace('/', '--')}"
    for name, text in (
        ("refs/main", "a" * 40),
        (f"snapshots/{'a' * 40}/{file_name}", "{}"),
        ("blobs/b", "{}"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_names_are_those_that_the_commands_take() -> None:
    assert models.BACKBONE == DEFAULT_BACKBONE
    taken = [
        inspect.signature(extractor).parameters[argument].default
        for extractor, argument in (
            (DinoFeatures, "model"),
            (ClipFeatures, "model"),
            (AestheticHead, "clip"),
            (VideoMaeFeatures, "model"),
        )
    ]
    assert list(models.METRIC_NETWORKS) == taken


def test_the_default_expert_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = only(models.default_motion)
    assert found.state == "ok"
    assert "comes with macedance" in found.told
    folder = shutil.copytree(models.default_folder(), tmp_path / "copy")
    monkeypatch.setattr(models, "default_folder", lambda: folder)
    assert only(models.default_motion) == found
    (folder / "model.safetensors").write_bytes(b"cut")
    found = only(models.default_motion)
    assert (found.state, found.remedy) == ("problem", "install macedance again")
    (folder / "model.safetensors").unlink()
    assert "No such file" in only(models.default_motion).told


def test_the_newest_of_what_was_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert only(models.trained).remedy == "make demo"
    for age, name in ((30, "runs/a/last.ckpt"), (10, "runs/b/model.safetensors"), (0, "runs/c/.half.ckpt")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
        os.utime((tmp_path / name).parent, (1e9 - age, 1e9 - age))
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    assert only(models.trained) == Found("ok", "2 below runs/, the newest runs/b")
    (tmp_path / "runs" / "gone.ckpt").symlink_to("nowhere")
    (tmp_path / "runs" / "model.safetensors").symlink_to("nowhere")
    assert only(models.trained).told.startswith("2 below runs/")
    (tmp_path / "runs" / "sharded.ckpt").mkdir()
    assert only(models.trained) == Found("ok", "3 below runs/, the newest runs/sharded.ckpt")


@pytest.mark.parametrize("offline", [False, True])
def test_the_cache_of_the_hub(hub: Path, offline: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch(hub, "me/mine", "config.json")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    told = only(models.hub_cache).told
    assert told.startswith(f"1 model of the hub in {models.short(hub)}")
    assert ("not asked: HF_HUB_OFFLINE is set" in told) is offline


def test_wan_animate_is_fetched_in_part_or_whole(hub: Path) -> None:
    assert only(models.backbone) == Found("missing", "not fetched", f"hf download {models.BACKBONE}")
    folder = fetch(hub, models.BACKBONE, "model_index.json")
    assert only(models.backbone).state == "ok"
    (folder / "blobs" / "c.incomplete").touch()
    assert only(models.backbone) == Found(
        "problem", f"{models.BACKBONE} was fetched in part", f"hf download {models.BACKBONE}"
    )


def test_networks_of_metrics_and_detectors(hub: Path) -> None:
    for model in models.METRIC_NETWORKS[:2]:
        fetch(hub, model, "config.json")
    found = only(models.metric_networks)
    assert (found.state, found.told) == ("missing", "2 of 4 fetched")
    assert models.METRIC_NETWORKS[2] in found.remedy
    assert only(models.detectors).told == "0 of 2 fetched"


def test_files_of_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / WEIGHT_FILES[0].file_name).touch()
    found = only(models.weight_files)
    assert (found.state, found.told) == ("missing", f"1 of 6 in {models.short(tmp_path)}")
    for file in WEIGHT_FILES:
        (tmp_path / file.file_name).touch()
    assert only(models.weight_files).state == "ok"


def test_bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(human_body, "user_cache_path", lambda name: tmp_path)
    monkeypatch.setattr(anny_humans, "anny_version", lambda: None)
    assert only(models.bodies).remedy == 'pip install "macedance[body]"'
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / f"anny-average-{human_body.FORMAT}-0.6.2.npz").touch()
    assert only(models.bodies).told == "the mannequin; humans: 1 made before, anny is not installed"
    monkeypatch.setattr(anny_humans, "anny_version", lambda: "0.6.2")
    assert only(models.bodies).told.endswith("anny 0.6.2")


def test_the_home_folder_is_short() -> None:
    assert models.short(Path.home() / "a") == "~/a"
    assert models.short(Path("/elsewhere")) == "/elsewhere"
    assert platformdirs.user_cache_path("macedance").name == "macedance"
