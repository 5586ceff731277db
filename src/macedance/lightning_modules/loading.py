"""Trained experts from files: checkpoints of a run, exported folders, hub ids."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightning as L
import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from macedance.plugins import GROUP, load_plugins

WEIGHTS_FILE, CONFIG_FILE, CARD_FILE = "model.safetensors", "config.yaml", "README.md"
_NOT_FOR_INFERENCE = ("optimizer", "lr_scheduler")


def load_expert(path_or_id: str | Path, *, device: str | torch.device = "cpu") -> Any:
    """Return a trained expert, in eval mode, with its averaged weights.

    Args:
        path_or_id: A checkpoint of a run (``.ckpt``), an exported folder, or the id of one on the Hugging Face hub.
        device: Where to put it.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's checkpoint, or its weights do not fit its configuration.
    """
    load_plugins()
    class_path, arguments, weights = _read(path_or_id)
    expert = _build(class_path, arguments)
    _fill(expert, weights, path_or_id)
    return expert.to(device).eval()


def load_weights(expert: L.LightningModule, path_or_id: str | Path) -> None:
    """Fill ``expert`` with the averaged weights of another of its form, for a warm start.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The weights are those of an expert of another form.
    """
    _fill(expert, read_weights(path_or_id), path_or_id)


def read_weights(path_or_id: str | Path) -> dict[str, Tensor]:
    """The averaged weights in a checkpoint of a run, an exported folder, or one on the hub.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's.
    """
    return _read(path_or_id)[2]


def export_expert(path_or_id: str | Path, folder: str | Path) -> Path:
    """Write the expert in a checkpoint as a folder with ``config.yaml``, ``model.safetensors`` and a card.

    An expert's class may add files of its own by ``write_exports(folder, arguments, weights)``.

    Raises:
        ValueError: ``folder`` exists.
    """
    folder = Path(folder)
    if folder.exists():
        raise ValueError(
            f"out must be a folder that does not exist yet, got {folder}; choose another or remove it"
        )
    class_path, arguments, weights = _read_checkpoint(Path(path_or_id))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary:
        work = Path(temporary) / folder.name
        work.mkdir()
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, work / WEIGHTS_FILE)
        (work / CONFIG_FILE).write_text(yaml.safe_dump({"class_path": class_path, "init_args": arguments}))
        (work / CARD_FILE).write_text(_card(class_path, arguments, weights))
        load_plugins()
        if hasattr(expert_class := _known_class(class_path), "write_exports"):
            expert_class.write_exports(work, arguments, weights)
        work.replace(folder)
    return folder


def newest_checkpoint(folder: str | Path = "runs", *, include_exports: bool = True, method: str = "") -> Path:
    """The checkpoint, or export if they are included, below ``folder`` that was written last.

    Args:
        folder: Where to look.
        include_exports: Whether exported folders count.
        method: What the expert's class must offer, such as ``generate``; any will do if empty.

    Raises:
        FileNotFoundError: There is none; the message says how to get one.
    """
    folder = Path(folder)
    candidates = list(folder.rglob("*.ckpt"))
    if include_exports:
        candidates += (path.parent for path in folder.rglob(WEIGHTS_FILE))
    load_plugins()
    for path in sorted(candidates, key=lambda path: path.stat().st_mtime, reverse=True):
        if not method or hasattr(_class_of(path), method):
            return path
    raise FileNotFoundError(
        f"no trained model {f'that can {method} ' if method else ''}in {folder}/: train one with 'make demo' or "
        "'macedance fit --config configs/motion/tiny.yaml', or name one with --checkpoint"
    )


def _class_of(path: Path) -> type | None:
    """The class that a checkpoint or export names, if it is known here."""
    try:
        class_path = _read_export_config(path)[0] if path.is_dir() else _read_checkpoint(path)[0]
        return _known_class(class_path)
    except (ValueError, OSError):
        return None


def checkpoint_arguments(path: str | Path) -> dict[str, Any]:
    """The arguments of the expert that a checkpoint was written of, those of training left out.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's checkpoint.
    """
    return _read_checkpoint(Path(path))[1]


def _read(path_or_id: str | Path) -> tuple[str, dict[str, Any], dict[str, Tensor]]:
    """Class path, constructor arguments and weights."""
    path = Path(path_or_id)
    if path.is_dir():
        return _read_export(path)
    if path.is_file():
        return _read_checkpoint(path)
    if path.suffix or len(path.parts) != 2:
        raise FileNotFoundError(f"no checkpoint, exported folder or hub id of the name {path_or_id}")
    return _read_export(_download(str(path_or_id)))


def _fill(expert: L.LightningModule, weights: dict[str, Tensor], path_or_id: str | Path) -> None:
    try:
        expert.load_state_dict(weights)
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        first = str(error).splitlines()[1].strip()
        raise ValueError(f"{path_or_id}: the weights do not fit {type(expert).__name__}: {first}") from error


def _read_checkpoint(path: Path) -> tuple[str, dict[str, Any], dict[str, Tensor]]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        arguments, weights = dict(checkpoint["hyper_parameters"]), checkpoint["state_dict"]
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path} is not the checkpoint of an expert ({type(error).__name__})") from error
    class_path = arguments.get("_class_path", "macedance.lightning_modules.MotionExpert")
    keep = {
        name: value for name, value in arguments.items() if name[0] != "_" and name not in _NOT_FOR_INFERENCE
    }
    return class_path, keep, weights


def _read_export(folder: Path) -> tuple[str, dict[str, Any], dict[str, Tensor]]:
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} is not an exported expert: it has no {name}")
    class_path, arguments = _read_export_config(folder)
    try:
        return class_path, arguments, load_file(folder / WEIGHTS_FILE)
    except SafetensorError as error:
        raise ValueError(f"{folder} is not an exported expert: {error}") from error


def _read_export_config(folder: Path) -> tuple[str, dict[str, Any]]:
    try:
        config = yaml.safe_load((folder / CONFIG_FILE).read_text())
        return str(config["class_path"]), dict(config["init_args"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{folder} is not an exported expert: {error}") from error


def _download(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, allow_patterns=[CONFIG_FILE, WEIGHTS_FILE, CARD_FILE]))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise FileNotFoundError(
            f"no file or folder {hub_id}, and the hub gave no model of that id"
        ) from error


def _build(class_path: str, arguments: dict[str, Any]) -> L.LightningModule:
    """The expert that a file describes.

    The file names a class and may come from anywhere: nothing is imported for its sake, and nothing called but a
    LightningModule.
    """
    expert_class = _known_class(class_path)
    known = inspect.signature(expert_class).parameters
    return expert_class(**{name: value for name, value in arguments.items() if name in known})


def _known_class(class_path: str) -> Any:
    """The class of that path, if it is that of an expert and imported already.

    Raises:
        ValueError: It is not.
    """
    module_name, _, class_name = class_path.rpartition(".")
    expert_class = getattr(sys.modules.get(module_name), class_name, None)
    if not (isinstance(expert_class, type) and issubclass(expert_class, L.LightningModule)):
        raise ValueError(
            f"{class_path} is no expert known here; install the package that offers it by an entry point "
            f"{GROUP!r}, or import it first"
        )
    return expert_class


def _card(class_path: str, arguments: dict[str, Any], weights: dict[str, Tensor]) -> str:
    num_parameters = sum(tensor.numel() for tensor in weights.values())
    settings = "\n".join(f"| {name} | {value} |" for name, value in sorted(arguments.items()))
    return (
        f"# {class_path.rpartition('.')[2]}\n\n"
        f"An expert exported by macedance: {num_parameters:,} numbers, averaged weights, normalisation included.\n\n"
        "```python\nimport macedance\n\nexpert = macedance.load_expert('path/to/this/folder')\n```\n\n"
        f"| setting | value |\n| --- | --- |\n{settings}\n"
    )
