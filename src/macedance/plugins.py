"""The kinds of experts that there are, and the experts that packages offer."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

GROUP = "macedance.experts"
Role = Literal["motion", "appearance"]


@dataclass(frozen=True)
class ExpertKind:
    """What an expert may be.

    Attributes:
        role: The option or key that takes it.
        method: What it must have, by the Protocol that it fulfils.
        title: What it is called, with the article.
        tag: What the hub files it under.
        purpose: What it does; a verb comes first.
    """

    role: Role
    method: str
    title: str
    tag: str
    purpose: str


KINDS = (
    ExpertKind(
        "motion",
        "generate",
        "a Motion Expert",
        "music-to-dance",
        "turns music into 3D dance in SMPL parameters",
    ),
    ExpertKind(
        "appearance",
        "render",
        "an Appearance Expert",
        "motion-to-video",
        "turns a dance and the picture of a person into a video",
    ),
)


def kinds_of(expert: Any) -> list[ExpertKind]:
    """What an expert, or the class of one, is by its methods: one kind, both or none."""
    return [kind for kind in KINDS if hasattr(expert, kind.method)]


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
        return ", ".join(kind.role for kind in kinds_of(self.expert_class))


@cache
def installed_experts() -> tuple[InstalledExpert, ...]:
    """Import the experts that are installed, in order of their names; one that fails tells why.

    Of experts of one name, this package's comes first.
    """
    experts = [_imported(point) for point in entry_points(group=GROUP)]
    return tuple(
        sorted(experts, key=lambda expert: (expert.name, expert.package != "macedance", expert.class_path))
    )


@cache
def load_plugins() -> dict[str, Any]:
    """Import every installed expert and return them by their short names, or by class path if the name is taken.

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
            experts[expert.class_path if expert.name in experts else expert.name] = expert.expert_class
    return experts


def _imported(point: EntryPoint) -> InstalledExpert:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    expert_class, error = None, ""
    try:
        expert_class = point.load()
    except (Exception, SystemExit) as problem:  # it is another's code, and may fail in any way
        error = " ".join(f"{type(problem).__name__}: {problem}".split())
    return InstalledExpert(point.name, point.value.replace(":", "."), package, version, expert_class, error)
