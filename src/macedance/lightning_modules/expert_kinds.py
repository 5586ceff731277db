"""Stored experts by their kind, looked at before anything large is built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L

from macedance.lightning_modules.expert_classes import arguments_of_inference, expert_class
from macedance.lightning_modules.expert_files import StoredExpert, read_expert
from macedance.plugins import KINDS, Role, kinds_of


def read_expert_of_kind(
    role: Role, path_or_id: str | Path, *, class_path: str | None = None, prefix: str = ""
) -> tuple[StoredExpert, type[L.LightningModule]]:
    """What a file holds, without the arguments that only training needs, and its class.

    Args:
        role: What the expert is to do.
        path_or_id: A checkpoint of a run, an exported folder, a hub id, or ``default``.
        class_path: Its class, if that is not known here; it is imported.
        prefix: Of arguments in messages, ``--`` where they are options.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: It is no expert, or one of the other kind, or its class cannot be imported.
        ModuleNotFoundError: There is no module as ``class_path`` says.
    """
    if str(path_or_id).endswith(".npz"):
        raise ValueError(
            f"{prefix}{role} must name the weights of an expert, got {path_or_id}, which is a motion"
        )
    stored = read_expert(path_or_id)
    found = expert_class(stored.class_path, class_path, stored.name, prefix)
    require_kind(role, found, found.__name__, str(path_or_id), prefix)
    return replace(stored, arguments=arguments_of_inference(found, stored.arguments)), found


def require_kind(role: Role, expert: Any, class_name: str, name: str, prefix: str = "") -> None:
    """Refuse an expert, or the class of one, that cannot do the work.

    Raises:
        ValueError: It has no such method; what would take it is told.
    """
    wanted = next(kind for kind in KINDS if kind.role == role)
    found = kinds_of(expert)
    if wanted in found:
        return
    way_out = f"; {prefix}{found[0].role} takes it" if found else ""
    raise ValueError(
        f"{prefix}{role} must name {wanted.title}, but {name} is {_with_article(class_name)}, which has no "
        f"{wanted.method}(){way_out}"
    )


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
