"""Putting a folder on the Hugging Face hub, with one line where that cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from glob import escape
from pathlib import Path

from macedance.hub_loading import hub_errors, is_hub_id, why_not, without_hub_warnings


def check_sharing(hub_id: str) -> None:
    """Refuse, before any work, a name that no model can have, and a machine that holds no token for the hub.

    Raises:
        ValueError: Either is so.
    """
    from huggingface_hub import get_token

    if not is_hub_id(hub_id, with_owner=True):
        raise ValueError(
            "--push-to-hub must be OWNER/NAME, of letters, digits, '-', '_' and '.', without the ending of a file, "
            f"got {hub_id}"
        )
    if not get_token():
        raise ValueError("--push-to-hub needs a token for the hub: 'hf auth login' stores one")


def share_folder(
    folder: str | Path, hub_id: str, file_names: Iterable[str], *, is_private: bool = False
) -> str:
    """Put files of a folder on the hub as a model, made if there is none, and return its address.

    Args:
        folder: Where they lie.
        hub_id: ``OWNER/NAME``.
        file_names: Those to put there; what else lies in the folder stays here.
        is_private: Whether nobody else is to see them.

    Raises:
        ConnectionError: The hub cannot be reached, or refuses.
        ValueError: They are to be private, but the model is there already and public.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    again = (
        f"'macedance export {folder} --push-to-hub {hub_id}{' --private' if is_private else ''}' tries again"
    )
    try:
        with without_hub_warnings():
            made = api.create_repo(hub_id, private=is_private, exist_ok=True)
            if is_private and not api.model_info(hub_id).private:  # the hub leaves what is there as it is
                raise ValueError(
                    f"--private: {hub_id} is on the hub already, and public, so nothing was put there; make it "
                    f"private in its settings there, or give another name; {again}"
                )
            api.upload_folder(
                repo_id=hub_id,
                folder_path=str(folder),
                allow_patterns=[escape(name) for name in file_names],
                commit_message="Add an expert of macedance",
            )
    except hub_errors() as error:
        raise ConnectionError(
            f"{folder} is written, but could not be put on the hub as {hub_id}: {why_not(error)}; {again}"
        ) from error
    return str(made)
