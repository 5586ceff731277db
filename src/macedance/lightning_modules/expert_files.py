"""What the files of trained experts hold: checkpoints of a run, exported folders, those on the hub, and our own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from macedance.default_expert import DEFAULT, default_folder
from macedance.distributed.sharded_checkpoint import is_sharded_checkpoint, read_sharded_checkpoint

WEIGHTS_FILE, CONFIG_FILE, CARD_FILE = "model.safetensors", "config.yaml", "README.md"
_NOT_FOR_INFERENCE = ("optimizer", "lr_scheduler")


@dataclass(frozen=True)
class StoredExpert:
    """An expert as a file tells it: nothing of it is imported or built yet.

    Attributes:
        name: Path, hub id or ``default``: what it was read by.
        class_path: Class that the file names; None if it names none.
        arguments: The class's arguments, those of training left out.
        weights: Averaged weights.
    """

    name: str
    class_path: str | None
    arguments: dict[str, Any]
    weights: dict[str, Tensor]


def read_expert(path_or_id: str | Path) -> StoredExpert:
    """The expert in a checkpoint of a run (``.ckpt``), an exported folder, or one on the Hugging Face hub.

    Args:
        path_or_id: Which; the text ``default`` is the one that comes with the package, whatever lies here.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's.
    """
    if path_or_id == DEFAULT:
        return _read_export(default_folder(), DEFAULT, "it comes with macedance, so install that again")
    path = Path(path_or_id)
    if path.is_file() or is_sharded_checkpoint(path):
        return read_checkpoint(path)
    if path.is_dir():
        return _read_export(path, str(path))
    from macedance.hub_loading import hub_folder, is_hub_id

    hub_id = path_or_id if isinstance(path_or_id, str) else path.as_posix()
    if not is_hub_id(hub_id, with_owner=True):
        raise FileNotFoundError(f"no checkpoint, exported folder or hub id of the name {path_or_id}")
    return _read_export(hub_folder(hub_id, (CONFIG_FILE, WEIGHTS_FILE, CARD_FILE)), hub_id)


def read_checkpoint(path: str | Path, *, with_weights: bool = True) -> StoredExpert:
    """The expert in a checkpoint of a run: a file, or a folder of a run with sharded weights.

    Args:
        path: Which.
        with_weights: Whether they are wanted; those of a file are read when they are used.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not an expert's checkpoint.
    """
    path = Path(path)
    if not path.is_file() and not is_sharded_checkpoint(path):
        what = "is a folder of something else" if path.is_dir() else "is not there"
        raise FileNotFoundError(f"no checkpoint of a run at {path}, which {what}; give a .ckpt")
    try:
        if path.is_dir():
            checkpoint = read_sharded_checkpoint(path, only="state_dict" if with_weights else None)
        else:
            checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        arguments, weights = dict(checkpoint.get("hyper_parameters", {})), dict(checkpoint["state_dict"])
    except Exception as error:
        raise ValueError(f"{path} is not the checkpoint of an expert ({type(error).__name__})") from error
    kept = {
        name: value for name, value in arguments.items() if name[0] != "_" and name not in _NOT_FOR_INFERENCE
    }
    return StoredExpert(str(path), arguments.get("_class_path"), kept, weights)


def exported_files(folder: str | Path) -> list[str]:
    """Names of the files in an exported folder that belong to it: configuration, card, and safetensors files."""
    files = (path for path in Path(folder).iterdir() if path.is_file())
    return sorted(
        file.name for file in files if file.name in (CONFIG_FILE, CARD_FILE) or file.suffix == ".safetensors"
    )


def _read_export(folder: Path, name: str, way_out: str = "export or fetch it again") -> StoredExpert:
    for file_name in (CONFIG_FILE, WEIGHTS_FILE):
        if not (folder / file_name).is_file():
            raise FileNotFoundError(f"{name} is not an exported expert: it has no {file_name}; {way_out}")
    class_path, arguments = _read_config(folder, name, way_out)
    try:
        return StoredExpert(name, class_path, arguments, load_file(folder / WEIGHTS_FILE))
    except SafetensorError as error:
        raise ValueError(
            f"{name} is not an exported expert: {WEIGHTS_FILE} is damaged ({error}); {way_out}"
        ) from error


def _read_config(folder: Path, name: str, way_out: str) -> tuple[str, dict[str, Any]]:
    try:
        config = yaml.safe_load((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        return str(config["class_path"]), dict(config["init_args"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is not an exported expert: {CONFIG_FILE} is damaged ({type(error).__name__}: {error}); {way_out}"
        ) from error
