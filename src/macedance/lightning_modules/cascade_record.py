"""What a cascade's folder tells of its making, and whether a run may go on with it."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from macedance import __version__
from macedance.data.run_folder import RunFolder
from macedance.hashes import config_hash
from macedance.json_files import json_ready, write_json

PACKAGES = (
    "torch",
    "lightning",
    "torchmetrics",
    "diffusers",
    "transformers",
    "peft",
    "librosa",
    "av",
    "numpy",
)


def run_record(name: str, split: str, models: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """What ``run.json`` holds, see :meth:`~macedance.data.run_folder.RunFolder.read_run`.

    Args:
        name: Of the cascade.
        split: Whose clips they are.
        models: By role, ``id``, ``sha256`` and ``built_of``, or None.
        settings: What determines the clips besides the models.
    """
    return {
        "name": name,
        "split": split,
        "models": models,
        "settings": settings,
        "config_hash": config_hash(settings),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": environment(),
    }


def open_run(folder: RunFolder, record: dict[str, Any]) -> None:
    """Begin a run's folder, or go on with one.

    Raises:
        ValueError: It holds clips that something else made, or cannot be written.
    """
    if not folder.has_results():
        try:
            write_json(folder.run_file(), record)
        except OSError as error:
            raise ValueError(
                f"output cannot be written at {folder.path}: {error.strerror}; choose another folder"
            ) from error
        return
    difference = _difference(folder.read_run(), record)
    if difference is not None:
        raise ValueError(
            f"{folder.path} holds clips that {difference} made; give another output, or remove it"
        )


def environment() -> dict[str, str]:
    """Versions of what computes, by name."""
    found = {"macedance": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    if torch.cuda.is_available():
        found["device"] = torch.cuda.get_device_name()
    return found


def _difference(there: dict[str, Any], record: dict[str, Any]) -> str | None:
    """What differs first; where weights lie does not matter."""
    for role, about in record["models"].items():
        other = there["models"].get(role)
        if _identity(other) != _identity(about):
            return f"another {role} expert ({_named(other)}, not {_named(about)})"
    for name, value in json_ready(record["settings"]).items():
        if there["settings"].get(name) != value:
            return f"other settings ({name} {there['settings'].get(name)}, not {value})"
    return None


def _identity(about: dict[str, Any] | None) -> tuple[str | None, str | None] | None:
    return None if about is None else (about.get("sha256") or about["id"], about.get("built_of"))


def _named(about: dict[str, Any] | None) -> str:
    if about is None:
        return "none"
    digests = {"weights": about.get("sha256"), "arguments": about.get("built_of")}
    return ", ".join([str(about["id"]), *(f"{what} {found[:8]}" for what, found in digests.items() if found)])
