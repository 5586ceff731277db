"""Trained experts that the command line names, refused in one line where they are of the other kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import lightning as L

    from macedance.lightning_modules.expert_files import StoredExpert

KINDS = {"--motion": ("generate", "Motion Expert"), "--appearance": ("render", "Appearance Expert")}
"""By option, the method that its expert must have, and what it is called."""


def read_expert_of_kind(option: str, path_or_id: str | Path) -> tuple[StoredExpert, type[L.LightningModule]]:
    """What a file holds and its class, before anything large is built.

    Args:
        option: ``--motion`` or ``--appearance``.
        path_or_id: A checkpoint of a run, an exported folder, or a hub id.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ValueError: It is no expert, or one of the other kind.
    """
    from macedance.lightning_modules.expert_classes import expert_class
    from macedance.lightning_modules.expert_files import read_expert

    if str(path_or_id).endswith(".npz"):
        raise ValueError(f"{option} must name the weights of an expert, got {path_or_id}, which is a motion")
    stored = read_expert(path_or_id)
    found = expert_class(stored.class_path, name=stored.name)
    method, kind = KINDS[option]
    if not hasattr(found, method):
        other = next(
            (key for key, (name, _) in KINDS.items() if key != option and hasattr(found, name)), None
        )
        way_out = f"; {other} takes it" if other else ""
        raise ValueError(
            f"{option} must name {_with_article(kind)}, but {path_or_id} is {_with_article(found.__name__)}, which "
            f"has no {method}(){way_out}"
        )
    return stored, found


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
