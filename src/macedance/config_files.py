"""Where the configuration files are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
CONFIG_FOLDERS = (_PACKAGE / "configs", _PACKAGE.parents[1] / "configs")
"""In an installed wheel, and in a checkout."""


def find_config(name: str | Path) -> Path:
    """The file of that path, or the one of that path among the configurations that come with the package.

    Raises:
        FileNotFoundError: There is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    inside = Path(*path.parts[1:]) if path.parts[:1] == ("configs",) else path
    for folder in CONFIG_FOLDERS:
        if (folder / inside).is_file():
            return folder / inside
    raise FileNotFoundError(
        f"no configuration {name}; 'macedance configs' lists those that come with the package"
    )


def list_configs() -> list[Path]:
    """The configurations that come with the package, relative to their folder."""
    folder = next(folder for folder in CONFIG_FOLDERS if folder.is_dir())
    return sorted(path.relative_to(folder) for path in folder.rglob("*.yaml"))
