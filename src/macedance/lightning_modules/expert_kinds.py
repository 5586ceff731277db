"""Stored experts by their kind, looked at before anything large is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import lightning as L

from macedance.lightning_modules.expert_classes import expert_class
from macedance.lightning_modules.expert_files import StoredExpert, read_expert

Role = Literal["motion", "appearance"]
KINDS: dict[Role, tuple[str, str]] = {
    "motion": ("generate", "a Motion Expert"),
    "appearance": ("render", "an Appearance Expert"),
}
"""By role, the method that an expert must have, and what it is called."""


def read_expert_of_kind(
    role: Role, path_or_id: str | Path, *, class_path: str | None = None, prefix: str = ""
) -> tuple[StoredExpert, type[L.LightningModule]]:
    """What a file holds, and its class.

    Args:
        role: What the expert is to do.
        path_or_id: A checkpoint of a run, an exported folder, or a hub id.
        class_path: Its class, if that is not known here; it is imported.
        prefix: Of the role in messages, ``--`` where it is an option.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: It is no expert, or one of the other kind.
    """
    if str(path_or_id).endswith(".npz"):
        raise ValueError(
            f"{prefix}{role} must name the weights of an expert, got {path_or_id}, which is a motion"
        )
    stored = read_expert(path_or_id)
    found = expert_class(stored.class_path, class_path, name=stored.name)
    require_kind(role, found, found.__name__, str(path_or_id), prefix)
    return stored, found


def require_kind(role: Role, expert: Any, class_name: str, name: str, prefix: str = "") -> None:
    """Refuse an expert, or the class of one, that cannot do the work.

    Raises:
        ValueError: It has no such method; what would take it is told.
    """
    method, kind = KINDS[role]
    if hasattr(expert, method):
        return
    other = next((key for key, (word, _) in KINDS.items() if key != role and hasattr(expert, word)), None)
    way_out = f"; {prefix}{other} takes it" if other else ""
    raise ValueError(
        f"{prefix}{role} must name {kind}, but {name} is {_with_article(class_name)}, which has no {method}()"
        f"{way_out}"
    )


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
