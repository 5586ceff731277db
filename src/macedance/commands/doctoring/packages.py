"""Looks at installed packages: dependencies, extras, experts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from macedance.commands.doctoring.finding import Found
from macedance.plugins import GROUP

if TYPE_CHECKING:
    from packaging.requirements import Requirement

EXTRAS = {
    "cuda": "faster scan on NVIDIA GPUs",
    "body": "a human to dance",
    "litert": "key-points by BlazePose",
    "curation": "cuts of videos",
}
"""Those that are not for developers, and what each is for."""


def dependencies() -> Iterator[Found]:
    """Whether all that is needed is installed, in versions that will do."""
    wanted = _wanted()
    unmet = _unmet(wanted)
    if unmet:
        names = " ".join(f'"{requirement}"' for requirement, _ in unmet)
        yield Found("problem", "; ".join(told for _, told in unmet), f"pip install {names}")
    else:
        yield Found("ok", f"all {len(wanted)} are installed")


def extras() -> Iterator[Found]:
    """Which optional parts are installed."""
    always = {str(requirement) for requirement in _wanted()}
    lacking = [extra for extra in EXTRAS if _unmet([r for r in _wanted(extra) if str(r) not in always])]
    there = [extra for extra in EXTRAS if extra not in lacking]
    told = ", ".join(f"{extra} ({EXTRAS[extra]})" for extra in lacking)
    if there:
        yield Found("ok", ", ".join(there))
    if lacking:
        yield Found("missing", told, f'pip install "macedance[{",".join(lacking)}]"')


def experts() -> Iterator[Found]:
    """Experts that packages offer, without importing them."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    broken = [point for point in points if find_spec(point.module.partition(".")[0]) is None]
    there = [point.name for point in points if point not in broken]
    if there:
        yield Found("ok", ", ".join(there))
    else:
        yield Found(
            "problem",
            "none, not even this package's own",
            "pip install --force-reinstall --no-deps macedance",
        )
    for point in broken:
        yield Found(
            "problem",
            f"{point.name} is offered by {point.module}, which is not there",
            f"pip uninstall {_package(point)}",
        )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module


def _wanted(extra: str = "") -> list[Requirement]:
    """What this package requires here, with an extra of it or without."""
    from packaging.requirements import Requirement

    every = [Requirement(line) for line in requires("macedance") or ()]
    return [each for each in every if each.marker is None or each.marker.evaluate({"extra": extra})]


def _unmet(wanted: list[Requirement]) -> list[tuple[Requirement, str]]:
    unmet = []
    for requirement in wanted:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            unmet.append((requirement, f"{requirement.name} is not installed"))
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            unmet.append((requirement, f"{requirement.name} is {found}, not {requirement.specifier}"))
    return unmet
