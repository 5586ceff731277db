from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from macedance.hub_loading import hub_loading
from macedance.projection import VitPoseDetector

HUB_LOGGER = "huggingface_hub.utils._http"


class Model:
    pass


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
    asked: list[str], warned: list[str]
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


@pytest.mark.parametrize("path", ["./none", "../none", "/none", "~/none", "models/of/mine", "here/none"])
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


@pytest.mark.parametrize("path", ["gpt2", "elsewhere/none"])
def test_names_and_ids_are_asked_of_the_hub(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
