"""Experts installed by other packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

GROUP = "macedance.experts"


@cache
def load_plugins() -> dict[str, Any]:
    """Import every installed expert and return them by their short names.

    A package offers an expert by an entry point of the group ``macedance.experts``.
    """
    return {point.name: point.load() for point in entry_points(group=GROUP)}
