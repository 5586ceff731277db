"""Trained experts as folders to share: weights in safetensors, a configuration, and a card."""

from __future__ import annotations

import reprlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from safetensors.torch import save_file

from macedance.lightning_modules.expert_card import expert_card
from macedance.lightning_modules.expert_classes import (
    DEFAULT_CLASS_PATH,
    arguments_of_inference,
    expert_class,
)
from macedance.lightning_modules.expert_files import (
    CARD_FILE,
    CONFIG_FILE,
    WEIGHTS_FILE,
    StoredExpert,
    read_checkpoint,
)


def export_expert(
    path: str | Path, folder: str | Path, *, class_path: str | None = None, prefix: str = ""
) -> Path:
    """Write the expert in a checkpoint as a folder with ``config.yaml``, ``model.safetensors`` and a card.

    An expert's class may name arguments to leave out, since only training needs them, as ``training_arguments``, and
    add files of its own by ``write_exports(folder, arguments, weights)``; only safetensors files among these are put
    on the hub.

    Args:
        path: A checkpoint of a run.
        folder: The folder, which must not exist yet; it gets its name when it is complete.
        class_path: The expert's class, to be imported; needed where no installed package offers it.
        prefix: Of arguments in messages, ``--`` where they are options.

    Raises:
        FileNotFoundError: There is no such checkpoint.
        ValueError: ``folder`` exists or cannot be one, the file is not an expert's, its class is not known here or
            cannot be imported, or an argument is nothing that ``config.yaml`` can hold.
        ModuleNotFoundError: There is no module as ``class_path`` says.
    """
    folder = Path(folder)
    if resolved_folder(folder, f"{prefix}out").exists():
        raise ValueError(
            f"{prefix}out must be a folder that does not exist yet, got {folder}; choose another or remove it"
        )
    stored = read_checkpoint(path)
    chosen = expert_class(stored.class_path, class_path, stored.name, prefix)
    stored = replace(stored, arguments=_plain(arguments_of_inference(chosen, stored.arguments)))
    _check_arguments(stored.arguments, stored.name)
    stored = replace(stored, class_path=class_path or stored.class_path or DEFAULT_CLASS_PATH)
    write_expert(stored, chosen, folder, expert_card(stored, chosen, folder.name))
    return folder


def resolved_folder(folder: str | Path, argument: str) -> Path:
    """The folder itself: absolute, with every link followed and without ``..``; it need not exist.

    Args:
        folder: What the user calls it.
        argument: What to call the argument in an error.

    Raises:
        ValueError: It is the root of the file system, or a link that leads to itself.
    """
    try:
        resolved = Path(folder).resolve()
    except (OSError, RuntimeError) as error:
        raise ValueError(
            f"{argument} must be a folder, got {folder}, whose links lead nowhere; choose another"
        ) from error
    if not resolved.name:
        raise ValueError(f"{argument} must be a folder with a name, got {folder}; choose another")
    return resolved


def write_expert(stored: StoredExpert, expert_class: type, folder: Path, card: str) -> None:
    """Write an expert's ``config.yaml``, ``model.safetensors`` and card, and what files its class adds.

    Args:
        stored: The expert, with the class path that the configuration is to name.
        expert_class: Its class.
        folder: Where; if it is not there, it gets its name when all is complete. Else each file takes the place of
            one of that name: the old ``config.yaml`` goes first and the new one comes last, so that a folder in which
            this was cut off is no export, rather than one of two experts' files.
        card: The text of the card.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    nearest = folder if folder.is_dir() else folder.parent
    with TemporaryDirectory(dir=nearest, prefix=".export-") as temporary:
        work = Path(temporary) / folder.name
        work.mkdir()
        weights = {name: tensor.contiguous().clone() for name, tensor in stored.weights.items()}
        save_file(weights, work / WEIGHTS_FILE)
        config = {"class_path": stored.class_path, "init_args": stored.arguments}
        (work / CONFIG_FILE).write_text(yaml.safe_dump(config), encoding="utf-8")
        (work / CARD_FILE).write_text(card, encoding="utf-8")
        if hasattr(expert_class, "write_exports"):
            expert_class.write_exports(work, stored.arguments, stored.weights)
        for file in filter(Path.is_file, work.iterdir()):
            shutil.copymode(
                work / CONFIG_FILE, file
            )  # safetensors makes files that only their owner may read
        if folder.is_dir():
            _replace_files(folder, work)
        else:
            work.replace(folder)


def _replace_files(folder: Path, work: Path) -> None:
    (folder / CONFIG_FILE).unlink(missing_ok=True)
    for file in sorted(work.iterdir(), key=lambda file: file.name == CONFIG_FILE):
        file.replace(folder / file.name)


def _plain(value: Any) -> Any:
    """The value with mappings and sequences of any kind as those that YAML knows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return value


def _check_arguments(arguments: Mapping[str, Any], name: str) -> None:
    for argument, value in arguments.items():
        try:
            yaml.safe_load(yaml.safe_dump(value))
        except yaml.YAMLError as error:
            raise ValueError(
                f"{name}: the argument {argument} must be of numbers, text, lists and mappings to be written into "
                f"{CONFIG_FILE}, got {reprlib.repr(value)}; let __init__ take its name as text, or leave it out by "
                f"save_hyperparameters(ignore=[{argument!r}]) or training_arguments"
            ) from error
