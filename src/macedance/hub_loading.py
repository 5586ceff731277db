"""Loading from folders or the Hugging Face hub, with one line where there is nothing or the hub is out of reach."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE_ENDINGS = (".bin", ".ckpt", ".json", ".mp4", ".npz", ".pt", ".pth", ".safetensors", ".yaml", ".yml")


def is_hub_id(name: str, *, with_owner: bool = False) -> bool:
    """Whether the hub may have a model of that name: NAME or OWNER/NAME, and none that only a file has.

    Whether a file or folder of the name lies here is for the caller to look at first.

    Args:
        name: What the user gave.
        with_owner: Whether only OWNER/NAME will do.

    >>> is_hub_id("me/dancer-v1.0"), is_hub_id("me/dancer.ckpt"), is_hub_id("./dancer"), is_hub_id("a/b/dancer")
    (True, False, False, False)
    >>> is_hub_id("gpt2"), is_hub_id("gpt2", with_owner=True)
    (True, False)
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return not name.lower().endswith(FILE_ENDINGS) and ("/" in name or not with_owner)


@contextmanager
def hub_loading(argument: str, kind: Any, path: str) -> Iterator[None]:
    """While ``kind`` loads what ``path`` names: without the hub's warnings of every try to reach it.

    A path that can only be meant for a folder is not asked of the hub. Of a model that was never fetched the hub is
    asked once whether it has it, since loading would try for most of a minute to reach one that is away.

    Args:
        argument: What the user gave the path to.
        kind: A class of transformers, whose ``from_pretrained`` is called within.
        path: Folder, or hub id.

    Raises:
        FileNotFoundError: There is no such folder, nothing in it, or no such hub id within reach.
    """
    missing = f"{argument}: there is no {kind.__name__} at {path!r}"
    check_is_there(argument, kind.__name__, path)
    try:
        with without_hub_warnings():
            yield
    except hub_errors() as error:
        raise FileNotFoundError(f"{missing}; {_way_out(path)}") from error


def check_is_there(argument: str, what: str, path: str, file_name: str = "config.json") -> None:
    """Refuse a model that is neither a folder, nor fetched from the hub before, nor on it.

    Args:
        argument: What the user gave the path to.
        what: What is to be there.
        path: Folder, or hub id.
        file_name: A file that a model which was fetched has.

    Raises:
        FileNotFoundError: It is not there.
    """
    missing = f"{argument}: there is no {what} at {path!r}"
    if Path(path).is_dir():
        return
    if _means_folder(path):
        raise FileNotFoundError(f"{missing}, for there is no folder {Path(path).absolute()}")
    try:
        with without_hub_warnings():
            if not _is_fetched(path, file_name):
                ask_hub(path)
    except hub_errors() as error:
        raise FileNotFoundError(f"{missing} ({why_not(error)}); {_way_out(path)}") from error


def hub_folder(hub_id: str, file_names: Iterable[str]) -> Path:
    """The folder in which files of a model on the hub lie, fetched if they were not; it may lack some of them.

    Raises:
        FileNotFoundError: The hub has no such model, or cannot be reached and the model was never fetched.
    """
    from huggingface_hub import snapshot_download

    print(f"looking for {hub_id} on the hub", file=sys.stderr)
    try:
        with without_hub_warnings():
            return Path(snapshot_download(hub_id, allow_patterns=list(file_names)))
    except hub_errors() as error:
        raise FileNotFoundError(f"no file or folder {hub_id}, and {why_not(error)}") from error


def ask_hub(hub_id: str) -> None:
    """Ask the hub once, without further tries, whether it has a model.

    Raises:
        OSError: It has none. Like other errors of :func:`hub_errors`: it cannot be reached.
    """
    from huggingface_hub import HfApi

    HfApi().model_info(hub_id, timeout=10)


def hub_errors() -> tuple[type[Exception], ...]:
    """What the hub's client raises: of the system, of names, and those of whichever HTTP library it uses."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    return (OSError, HFValidationError, HfHubHTTPError.__bases__[0])


def why_not(error: BaseException) -> str:
    """Why the hub gave or took nothing, in words; no part of the error's own text, which may be long, is in it."""
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalTokenNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    chain = [error, *([error.__cause__] if error.__cause__ else [])]
    responses = [e.response for e in chain if isinstance(e, HfHubHTTPError)]
    status = next((found.status_code for found in responses if found is not None), None)
    if any(isinstance(e, HFValidationError) for e in chain):
        return "that is no name that a model of the hub can have"
    if any(isinstance(e, LocalTokenNotFoundError) for e in chain):
        return "there is no token for the hub; 'hf auth login' stores one"
    if any(isinstance(e, OfflineModeIsEnabled) for e in chain):
        return "the hub is not asked while HF_HUB_OFFLINE is set"
    if any(isinstance(e, RepositoryNotFoundError) for e in chain):
        return "the hub has no model of that id that you may read ('hf auth login' for private ones)"
    if status in (401, 403):
        return f"the hub refused ({status}): log in by 'hf auth login' with a token that has the right to"
    if status is not None:
        return f"the hub answered {status}"
    return "the hub cannot be reached or gave no model of that id"


def _way_out(path: str) -> str:
    fetch = "" if Path(path).is_dir() else f"'hf download {path}' fetches a model of the hub, or "
    return f"{fetch}give the folder that holds one"


def _is_fetched(hub_id: str, file_name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(hub_id, file_name), str)
    except HFValidationError:
        return False


def _means_folder(path: str) -> bool:
    """Whether a path can be no hub id, or something here is of that name, or is the folder that it lies in."""
    return not is_hub_id(path) or Path(path).exists() or ("/" in path and Path(path).parent.is_dir())


@contextmanager
def without_hub_warnings() -> Iterator[None]:
    """Keep the hub's client from warning of every try to reach it."""
    from huggingface_hub.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
