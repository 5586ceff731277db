"""Things to look at, what was found, and whether the basic work can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "problem"]
"""``missing`` is what can be done without."""


@dataclass(frozen=True)
class Found:
    """What a look at something gave.

    Attributes:
        state: How that is.
        told: What there is.
        remedy: What to do about it, a command if one does it; empty if nothing is to be done.
    """

    state: State
    told: str
    remedy: str = ""


@dataclass(frozen=True)
class Probe:
    """A look at something.

    Attributes:
        section: What it is a part of.
        name: What is looked at.
        look: Gives what was found, at least one.
        is_needed: Whether no dance can be made on the CPU without it.
    """

    section: str
    name: str
    look: Callable[[], Iterable[Found]]
    is_needed: bool = False


@dataclass(frozen=True)
class Finding:
    """What was found, and where; attributes as those of :class:`Probe` and :class:`Found`."""

    section: str
    name: str
    state: State
    told: str
    remedy: str
    is_needed: bool


def examined(probes: Sequence[Probe]) -> list[Finding]:
    """What all probes find, in their order; one that fails is a problem itself."""
    return [
        Finding(probe.section, probe.name, found.state, found.told, found.remedy, probe.is_needed)
        for probe in probes
        for found in _looked(probe)
    ]


def can_dance(findings: Sequence[Finding]) -> bool:
    """Whether nothing that is needed has a problem."""
    return not any(finding.is_needed and finding.state == "problem" for finding in findings)


def summed_up(findings: Sequence[Finding]) -> tuple[State, str]:
    """How all of it is, and a sentence that tells it."""
    if not can_dance(findings):
        return "problem", "Something that every dance needs has a problem."
    num_problems = sum(finding.state == "problem" for finding in findings)
    if num_problems:
        verb = "has" if num_problems == 1 else "have"
        return "missing", f"Dances can be made; {num_problems} of the above {verb} a problem."
    return "ok", "Dances can be made. What is missing is only needed for what stands beside it."


def _looked(probe: Probe) -> list[Found]:
    try:
        return list(probe.look())
    except (Exception, SystemExit) as error:  # of whatever is installed here, in any way
        told = " ".join(f"cannot be looked at: {type(error).__name__}: {error}".split())
        return [Found("problem", told, "mend or reinstall what the error names")]
