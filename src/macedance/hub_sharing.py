"""Putting a folder on the Hugging Face hub, with one line where that cannot be."""

from __future__ import annotations

from pathlib import Path

from macedance.hub_loading import hub_errors, why_not, without_hub_warnings


def check_sharing(hub_id: str) -> None:
    """Refuse, before any work, a name that no model can have, and a machine that holds no token for the hub.

    Raises:
        ValueError: Either is so.
    """
    from huggingface_hub import get_token
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(hub_id)
    except HFValidationError:
        hub_id = hub_id.replace("/", "//")
    if hub_id.count("/") != 1 or not all(hub_id.split("/")):
        raise ValueError(
            f"--push-to-hub must be OWNER/NAME, of letters, digits, '-', '_' and '.', got {hub_id.replace('//', '/')}"
        )
    if not get_token():
        raise ValueError("--push-to-hub needs a token for the hub: 'hf auth login' stores one")


def share_folder(folder: str | Path, hub_id: str, *, is_private: bool = False) -> str:
    """Put a folder's files on the hub as a model, made if there is none, and return its address.

    Raises:
        ConnectionError: The hub cannot be reached, or refuses.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        with without_hub_warnings():
            made = api.create_repo(hub_id, private=is_private, exist_ok=True)
            api.upload_folder(
                repo_id=hub_id, folder_path=str(folder), commit_message="Add an expert of macedance"
            )
    except hub_errors() as error:
        raise ConnectionError(
            f"{folder} is written, but could not be put on the hub as {hub_id}: {why_not(error)}; "
            f"'macedance export {folder} --push-to-hub {hub_id}' tries again"
        ) from error
    return str(made)
