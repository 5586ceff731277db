"""Experts installed by other packages."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "macedance.experts"
KINDS = {"generate": "motion", "render": "appearance"}
"""What an expert is, by the method of the Protocol that it fulfils."""


@dataclass(frozen=True)
class InstalledExpert:
    """An entry point of the group ``macedance.experts``.

    Attributes:
        name: The entry point's.
        class_path: Where the class is, as a configuration names it.
        package: The distribution that offers it; empty if that cannot be told.
        version: Its version.
        expert_class: The class itself; None if it cannot be imported.
        error: Why not, in one line.
    """

    name: str
    class_path: str
    package: str
    version: str
    expert_class: Any = None
    error: str = ""

    @property
    def kind(self) -> str:
        """``motion``, ``appearance`` or both, by what the class can do; empty for neither."""
        return ", ".join(kind for method, kind in KINDS.items() if hasattr(self.expert_class, method))


@cache
def installed_experts() -> tuple[InstalledExpert, ...]:
    """Import the experts that are installed, in order of their names; one that fails tells why."""
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple(_imported(point) for point in points)


@cache
def load_plugins() -> dict[str, Any]:
    """Import every installed expert and return them by their short names.

    A package offers an expert by an entry point of the group ``macedance.experts``. One that cannot be imported is
    warned of and left out: it may not be what is needed now.
    """
    experts: dict[str, Any] = {}
    for expert in installed_experts():
        if expert.error:
            warnings.warn(
                f"the expert {expert.name!r} of {expert.package} {expert.version} cannot be imported "
                f"({expert.error}); mend or uninstall that package",
                stacklevel=2,
            )
        else:
            experts[expert.name] = expert.expert_class
    return experts


def _imported(point: EntryPoint) -> InstalledExpert:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    expert_class, error = None, ""
    try:
        expert_class = point.load()
    except Exception as problem:  # it is another's code, and may fail in any way
        error = " ".join(f"{type(problem).__name__}: {problem}".split())
    return InstalledExpert(point.name, point.value.replace(":", "."), package, version, expert_class, error)
