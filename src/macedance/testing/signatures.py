"""Whether a method can be called as a Protocol says."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def signature_problems(method: Callable[..., Any], protocol: Callable[..., Any]) -> list[str]:
    """What is wrong with a method's parameters, a line each.

    It must take the Protocol's parameters by their names and with their defaults. What it takes besides must have a
    default.

    >>> def told(music, *, num_frames=None): ...
    >>> def wrong(music, *, num_frames, style): ...
    >>> signature_problems(wrong, told)
    ['num_frames must have the default None', 'style is not in the Protocol, so it must have a default']
    """
    asked, found = _parameters(protocol), _parameters(method)
    problems = []
    for name, parameter in asked.items():
        if name not in found:
            problems.append(f"it must take {name}")
        elif found[name].default != parameter.default:
            problems.append(f"{name} must have {_default(parameter)}")
        elif found[name].kind is parameter.POSITIONAL_ONLY:
            problems.append(f"{name} must be taken by name")
    for name, parameter in found.items():
        is_open = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if name not in asked and not is_open and parameter.default is parameter.empty:
            problems.append(f"{name} is not in the Protocol, so it must have a default")
    return problems


def _parameters(method: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(method).parameters
    return {name: parameter for name, parameter in parameters.items() if name != "self"}


def _default(parameter: inspect.Parameter) -> str:
    return "no default" if parameter.default is parameter.empty else f"the default {parameter.default!r}"
