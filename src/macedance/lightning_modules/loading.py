"""Trained experts: from checkpoints of a run, exported folders, hub ids, and the one that comes with the package."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor

from macedance.lightning_modules.expert_classes import expert_class
from macedance.lightning_modules.expert_files import StoredExpert, read_checkpoint, read_expert


def load_expert(
    path_or_id: str | Path, *, device: str | torch.device = "cpu", class_path: str | None = None
) -> Any:
    """Return a trained expert, in eval mode, with its averaged weights.

    Args:
        path_or_id: A checkpoint of a run (``.ckpt``), an exported folder, the id of one on the Hugging Face hub, or
            ``default``, the Motion Expert that comes with the package.
        device: Where to put it.
        class_path: Its class, to be imported. Without it the class must be this package's, offered by an installed
            one, or imported already.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's checkpoint, its class is another, not known or cannot be imported, or
            its weights do not fit its configuration.
        ModuleNotFoundError: There is no module as ``class_path`` says.
    """
    return build_expert(read_expert(path_or_id), device=device, class_path=class_path)


def build_expert(
    stored: StoredExpert, *, device: str | torch.device = "cpu", class_path: str | None = None
) -> Any:
    """The expert of what :func:`~macedance.lightning_modules.expert_files.read_expert` read; see :func:`load_expert`.

    Raises:
        ValueError: Its class is another or not known, or arguments or weights do not fit it.
    """
    chosen = expert_class(stored.class_path, class_path, stored.name)
    known = inspect.signature(chosen).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    arguments = {name: value for name, value in stored.arguments.items() if takes_all or name in known}
    try:
        inspect.signature(chosen).bind(**arguments)
    except TypeError as error:
        raise ValueError(
            f"{stored.name}: {chosen.__name__} cannot be built of what is stored ({error}); let its __init__ call "
            "self.save_hyperparameters()"
        ) from error
    expert = chosen(**arguments)
    _fill(expert, stored.weights, stored.name)
    return expert.to(device).eval()


def load_weights(expert: L.LightningModule, path_or_id: str | Path) -> None:
    """Fill ``expert`` with the averaged weights of another of its form, for a warm start.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The weights are those of an expert of another form.
    """
    _fill(expert, read_weights(path_or_id), path_or_id)


def read_weights(path_or_id: str | Path) -> dict[str, Tensor]:
    """The averaged weights in a checkpoint of a run, an exported folder, one on the hub, or ``default``.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's.
    """
    return read_expert(path_or_id).weights


def checkpoint_arguments(path: str | Path) -> dict[str, Any]:
    """The arguments of the expert that a checkpoint was written of, those of training left out.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: The file is not an expert's checkpoint.
    """
    return read_checkpoint(path, with_weights=False).arguments


def newest_checkpoint(folder: str | Path = "runs") -> Path:
    """The checkpoint of a run below ``folder`` that was written last.

    Raises:
        FileNotFoundError: There is none; the message says how to get one.
    """
    folder = Path(folder)
    written = [path for path in folder.rglob("*.ckpt") if path.name[0] != "."]  # others are not complete
    if not written:
        raise FileNotFoundError(
            f"no checkpoint of a run in {folder}/: train with 'make demo' or 'macedance fit --config "
            "configs/motion/tiny.yaml', or name one"
        )
    return max(written, key=lambda path: path.stat().st_mtime)


def _fill(expert: L.LightningModule, weights: dict[str, Tensor], path_or_id: str | Path) -> None:
    try:
        expert.load_state_dict(weights)
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        raise ValueError(
            f"{path_or_id}: the weights do not fit {type(expert).__name__}: {first_misfit(error)}"
        ) from error


def first_misfit(error: RuntimeError) -> str:
    """The beginning of what ``load_state_dict`` says of weights that do not fit; it would name them all."""
    return textwrap.shorten(str(error).splitlines()[1], 160, placeholder=" …")
