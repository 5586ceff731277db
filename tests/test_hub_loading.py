from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from macedance import hub_loading as module_under_test
from macedance.hub_loading import hub_folder, hub_loading
from macedance.lightning_modules.expert_files import read_expert
from macedance.lightning_modules.exporting import export_expert
from macedance.projection import VitPoseDetector

HUB_LOGGER = "huggingface_hub.utils._http"


class Model:
    pass


class Response(SimpleNamespace):
    def __bool__(self) -> bool:  # as that of requests, which older clients of the hub use
        return self.status_code < 400


@pytest.fixture
def known_to_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub says of every id that there is such a model."""
    monkeypatch.setattr(module_under_test, "ask_hub", lambda hub_id: None)


def hub_says(status: int, kind: str) -> Callable[..., None]:
    """A call to the hub that fails with this status and error."""
    import huggingface_hub.errors

    def fail(*_: object, **__: object) -> None:
        response = Response(
            status_code=status, headers={}, request=SimpleNamespace(headers={}, url=""), json=dict, text=""
        )
        raise getattr(huggingface_hub.errors, kind)("of the hub", response=response)

    return fail


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the hub, which warns as it does without a network."""
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    paths: list[str] = []

    def refuse(path: str) -> None:
        paths.append(path)
        logging.getLogger(HUB_LOGGER).warning("Retrying in 8s")
        raise OSError("no network")

    monkeypatch.setattr(VitPoseImageProcessorPil, "from_pretrained", refuse)
    return paths


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Messages that the hub's loggers let through."""
    import huggingface_hub  # noqa: F401

    messages: list[str] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", lambda record: messages.append(record.getMessage()))
    logger = logging.getLogger("huggingface_hub")
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


def test_an_id_out_of_reach_is_told_in_one_line_without_the_hubs_warnings(
    asked: list[str], warned: list[str], known_to_the_hub: None
) -> None:
    with pytest.raises(FileNotFoundError) as told:
        VitPoseDetector("nobody/nothing")
    assert str(told.value) == (
        "pose: there is no VitPoseImageProcessorPil at 'nobody/nothing'; 'hf download nobody/nothing' fetches a "
        "model of the hub, or give the folder that holds one"
    )
    assert asked == ["nobody/nothing"]
    assert warned == []
    logging.getLogger(HUB_LOGGER).warning("of others")
    assert warned == ["of others"]


@pytest.mark.parametrize(
    "path", ["./none", "../none", "/none", "~/none", "models/of/mine", "here/none", "elsewhere/none.pt"]
)
def test_what_can_only_be_a_folder_is_not_asked_of_the_hub(
    path: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileNotFoundError, match=f"pose: there is no .*, for there is no folder {Path(path).absolute()}"
    ):
        VitPoseDetector(path)
    assert asked == []


@pytest.mark.parametrize("path", ["gpt2", "elsewhere/none", "elsewhere/none-v1.0"])
def test_names_and_ids_are_asked_of_the_hub(
    path: str, known_to_the_hub: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entered = False
    with hub_loading("model", Model, path):
        entered = True
    assert entered


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"there is no Model at '.*'; give the folder that holds one"),
        hub_loading("model", Model, str(tmp_path)),
    ):
        raise OSError("no config.json")


def test_a_hub_without_the_model_is_asked_once_and_nothing_loaded(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", hub_says(404, "RepositoryNotFoundError"))
    with pytest.raises(FileNotFoundError, match="the hub has no model of that id that you may read"):
        VitPoseDetector("nobody/nothing")
    assert asked == []


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (404, "RepositoryNotFoundError", "the hub has no model of that id that you may read"),
        (403, "HfHubHTTPError", "the hub refused (403)"),
        (503, "HfHubHTTPError", "the hub answered 503"),
    ],
)
def test_an_expert_that_the_hub_does_not_give_is_told_why(
    status: int, kind: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub_says(status, kind))
    with pytest.raises(FileNotFoundError) as told:
        hub_folder("nobody/nothing", ["config.yaml"])
    assert str(told.value).startswith(f"no file or folder nobody/nothing, and {reason}")
    assert capsys.readouterr().err == "looking for nobody/nothing on the hub\n"


@pytest.mark.parametrize(
    ("name", "is_asked"),
    [
        ("nobody/dancer-v1.0", True),
        ("nobody/dancer", True),
        ("dancer", False),
        ("nobody/dancer.ckpt", False),
        ("nobody/dancer.safetensors", False),
        ("nobody/dancer.npz", False),
        ("./nobody/dancer", False),
        ("nobody/none/dancer", False),
    ],
)
def test_an_expert_is_looked_for_on_the_hub_if_the_name_can_be_an_id(
    name: str, is_asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub_says(404, "RepositoryNotFoundError"))
    told = (
        f"no file or folder {name}, and the hub has no"
        if is_asked
        else "no checkpoint, exported folder or hub id"
    )
    with pytest.raises(FileNotFoundError, match=told):
        read_expert(name)


def test_an_export_that_lies_here_is_not_looked_for(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export_expert(tiny_checkpoint, "me/dancer-v1.0")
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub_says(404, "RepositoryNotFoundError"))
    assert read_expert("me/dancer-v1.0").name == "me/dancer-v1.0"


def test_a_name_that_no_model_can_have_is_told(capsys) -> None:
    with pytest.raises(FileNotFoundError, match="that is no name that a model of the hub can have"):
        hub_folder("no body/no:thing", ["config.yaml"])
