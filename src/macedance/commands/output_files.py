"""Refusing outputs that could not be written in the end, before the work begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile


def check_output_file(
    option: str, name: str | None, suffixes: tuple[str, ...] = (), source: str = ""
) -> None:
    """Refuse a file that cannot be written, or that is the input; its folder is made.

    Args:
        option: What the command line calls it.
        name: The file; None if the option was not given.
        suffixes: Endings, one of which it must have; any will do if empty.
        source: The input file.

    Raises:
        ValueError: It has another ending, is a folder or the input, or cannot be written.
    """
    if name is None:
        return
    path = Path(name)
    if suffixes and path.suffix.lower() not in suffixes:
        raise ValueError(f"{option} must end in {' or '.join(suffixes)}, got {name}")
    if path.is_dir() or (source and path.exists() and path.samefile(source)):
        what = "a folder or the input itself" if source else "a folder"
        raise ValueError(f"{option} must not be {what}, got {name}; choose another name")
    _check_folder(option, name, path.parent)


def check_output_folder(option: str, name: str | None) -> None:
    """Refuse a folder in which no file can be written; it is made.

    Raises:
        ValueError: It is a file, or nothing can be written there.
    """
    if name is not None:
        _check_folder(option, name, Path(name))


def refuse_existing(option: str, files: Iterable[Path], overwrite: bool) -> None:
    """Refuse a folder that holds files of these names already, unless they may be replaced.

    Raises:
        FileExistsError: It does.
    """
    existing = [str(file) for file in files if file.exists()]
    if existing and not overwrite:
        raise FileExistsError(
            f"{option} must not hold {' and '.join(existing)} yet; choose another folder or add --overwrite"
        )


def check_apart(option: str, name: str, sources: Iterable[str]) -> None:
    """Refuse a folder that holds a source: replacing the set in it would remove what is to be read.

    Args:
        option: What the command line calls the folder.
        name: The folder.
        sources: Paths or URLs of what is read.

    Raises:
        ValueError: It does.
    """
    folder = Path(name).resolve()
    inside = next((source for source in sources if Path(source).resolve().parent == folder), None)
    if inside is not None:
        raise ValueError(f"{option} must not be the folder of {inside}, which is read; choose another")


def _check_folder(option: str, name: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"{option} cannot be written at {name}: {error.strerror}; choose another folder"
        ) from error
