"""From the class that a file names to the class: files may come from anywhere, so they do not decide what runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import lightning as L

from macedance.plugins import GROUP, load_plugins

DEFAULT_CLASS_PATH = "macedance.lightning_modules.MotionExpert"
"""Of checkpoints that name no class: those that the Motion Expert wrote without a command line."""


def expert_class(
    stored_class_path: str | None, class_path: str | None = None, name: str = "the file", prefix: str = ""
) -> type[L.LightningModule]:
    """The class of a stored expert.

    A class that only the file names is not imported, unless an installed package offers it by an entry point; one
    that the caller names is.

    Args:
        stored_class_path: What the file names; None if it names none.
        class_path: What the caller names and trusts.
        name: What messages call the file.
        prefix: Of arguments in messages, ``--`` where they are options.

    Raises:
        ValueError: The two differ, or the class is not that of an expert, not known here or cannot be imported.
        ModuleNotFoundError: There is no such module as the caller names.
    """
    load_plugins()
    if class_path is None:
        return _known_class(stored_class_path or DEFAULT_CLASS_PATH, prefix)
    named = import_expert_class(class_path, prefix)
    if stored_class_path not in (None, class_path) and _in_memory(str(stored_class_path)) is not named:
        raise ValueError(
            f"{_argument(prefix)} must be the one that {name} names, {stored_class_path}, got {class_path}; name the "
            "former"
        )
    return named


def arguments_of_inference(expert_class: type, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Stored arguments without those that only training needs, as ``training_arguments`` of the class names them."""
    left_out = getattr(expert_class, "training_arguments", ())
    return {name: value for name, value in arguments.items() if name not in left_out}


def _known_class(class_path: str, prefix: str) -> type[L.LightningModule]:
    found = _in_memory(class_path)
    if not _is_expert(found):
        raise ValueError(
            f"{class_path} is no expert known here; install the package that offers it by an entry point "
            f"{GROUP!r}, import it first, or, if you trust it, name it as {_argument(prefix)} where it is loaded or "
            "exported"
        )
    return found


def import_expert_class(class_path: str, prefix: str = "") -> type[L.LightningModule]:
    """The class that a user names, and so trusts; files that name it are believed from then on.

    Args:
        class_path: As ``package.module.Class``.
        prefix: Of arguments in messages, ``--`` where they are options.

    Raises:
        ValueError: It is no LightningModule, or its module fails while it is imported.
        ModuleNotFoundError: There is no such module.
    """
    argument = _argument(prefix)
    module_name, _, class_name = class_path.rpartition(".")
    if not all(part.isidentifier() for part in class_path.split(".")):
        raise ValueError(
            f"{argument} must be the dotted path of a class, such as my_package.MyExpert, got {class_path!r}"
        )
    try:
        found: Any = getattr(import_module(module_name or class_path), class_name, None)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{argument}: there is no module {error.name or module_name} for {class_path}; install its package, or "
            "put its folder on PYTHONPATH"
        ) from error
    except (Exception, SystemExit) as error:  # it is another's code, and may fail in any way
        raise ValueError(
            f"{argument}: {class_path} cannot be imported ({type(error).__name__}: {error}); mend its module"
        ) from error
    if not _is_expert(found):
        raise ValueError(f"{argument} must name a LightningModule, {class_path} is none")
    return found


def _argument(prefix: str) -> str:
    return f"{prefix}class-path" if prefix else "class_path"


def _in_memory(class_path: str) -> Any:
    module_name, _, class_name = class_path.rpartition(".")
    return getattr(sys.modules.get(module_name), class_name, None)


def _is_expert(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, L.LightningModule)
