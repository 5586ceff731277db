"""Loading what classes of transformers read from folders or the hub, with one line where it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def hub_loading(argument: str, kind: Any, path: str) -> Iterator[None]:
    """While ``kind`` loads what ``path`` names: without the hub's warnings of every try to reach it.

    A path that can only be meant for a folder is not asked of the hub.

    Args:
        argument: What the user gave the path to.
        kind: A class of transformers, whose ``from_pretrained`` is called within.
        path: Folder, or hub id.

    Raises:
        FileNotFoundError: There is no such folder, nothing in it, or no such hub id within reach.
    """
    missing = f"{argument}: there is no {kind.__name__} at {path!r}"
    is_folder = Path(path).is_dir()
    if not is_folder and _means_folder(path):
        raise FileNotFoundError(f"{missing}, for there is no folder {Path(path).absolute()}")
    try:
        with _without_hub_warnings():
            yield
    except OSError as error:
        fetch = "" if is_folder else f"'hf download {path}' fetches a model of the hub, or "
        raise FileNotFoundError(f"{missing}; {fetch}give the folder that holds one") from error


def _means_folder(path: str) -> bool:
    """Whether a path can be no hub id, which is a name or an owner and a name, or lies where a folder is."""
    return (
        path.startswith((".", "/", "~"))
        or path.count("/") > 1
        or ("/" in path and Path(path).parent.is_dir())
    )


@contextmanager
def _without_hub_warnings() -> Iterator[None]:
    from huggingface_hub.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
