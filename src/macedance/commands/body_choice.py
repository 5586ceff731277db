"""Which body dances on the stage: the mannequin, a human of anny, or one of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macedance.geometry.body_model import BodyModel
    from macedance.render.clothes import Outfit

BODY_HELP = (
    "who is filmed on the stage: 'anny', a human (also anny:gender=0.2,weight=0.6 …; docs/body.md), or an SMPL "
    "model file of your own (.npz or .pkl); the mannequin if left out"
)
SKIN, HAIR = (0.89, 0.68, 0.53), (0.26, 0.17, 0.11)
SHIRT, TROUSERS, SHOES = (0.67, 0.69, 0.73), (0.31, 0.34, 0.41), (0.20, 0.21, 0.24)
"""What a human wears, who comes without clothes."""


def chosen_body(name: str | None) -> tuple[BodyModel, dict[str, Any]]:
    """The body that a name stands for, and what a video's provenance tells of it.

    Args:
        name: As :data:`BODY_HELP` tells.

    Raises:
        FileNotFoundError: There is no such file.
        ModuleNotFoundError: It is a human, and anny is not installed.
        ValueError: It is no name of a human, and no SMPL body, or it was kept and is damaged.
    """
    from macedance.geometry.body_model import BodyModel
    from macedance.geometry.human_body import human_arrays, human_file, is_human, name_of, traits_of
    from macedance.hashes import file_hash
    from macedance.render.clothes import dressed
    from macedance.render.provenance import described_file

    if name is None:
        return BodyModel(), {"id": "body", "sha256": None}
    if not is_human(name):
        body, file = BodyModel(name), described_file(name)
        return body, {"id": file["name"], "sha256": file["sha256"]}
    traits = traits_of(name)
    bare = BodyModel.from_arrays(human_arrays(traits))
    made = {"id": name_of(traits), "sha256": file_hash(human_file(traits))}
    return BodyModel.from_arrays({**bare.arrays, "colors": dressed(bare, _outfit())}), made


def body_file(name: str | None) -> str:
    """The file that a name stands for; empty if it stands for none."""
    from macedance.geometry.human_body import is_human

    return "" if name is None or is_human(name) else name


def _outfit() -> Outfit:
    import numpy as np

    from macedance.render.clothes import Outfit

    skin, hair, shirt, trousers, shoes = map(np.array, (SKIN, HAIR, SHIRT, TROUSERS, SHOES))
    return Outfit(skin, hair, shirt, trousers, shoes)
