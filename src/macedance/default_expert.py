"""The Motion Expert that comes with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

DEFAULT = "default"
"""The name that stands for it wherever an expert is named; a folder of that name is ``./default``."""


def default_folder() -> Path:
    """The exported folder in which it lies."""
    return Path(str(files("macedance").joinpath("default_motion")))
