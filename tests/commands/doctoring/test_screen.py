from __future__ import annotations

import io

from rich.console import Console

from macedance.commands.doctoring.finding import Finding
from macedance.commands.doctoring.screen import screen


def shown(*findings: Finding) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(screen(findings))
    return console.file.getvalue()  # type: ignore[attr-defined]


OK = Finding("machine", "memory", "ok", "16 GiB", "", True)
MISSING = Finding("models", "bodies", "missing", "the [red] one", 'pip install "macedance[body]"', False)
PROBLEM = Finding("models", "hub", "problem", "a \x1b[31m thing", "mend it", False)


def test_tells_section_once_state_and_remedy() -> None:
    lines = shown(OK, MISSING, PROBLEM).splitlines()
    assert lines[0].split() == ["machine", "memory", "ok", "16", "GiB"]
    assert 'missing the [red] one → pip install "macedance[body]"' in lines[1]
    assert "models" not in lines[2]
    assert "a \N{REPLACEMENT CHARACTER}[31m thing → mend it" in lines[2]


def test_sums_up() -> None:
    needed = Finding("machine", "disk", "problem", "full", "remove", True)
    assert "Dances can be made. What is missing" in shown(OK, MISSING)
    assert "Dances can be made; 1 of the above has a problem" in shown(OK, PROBLEM)
    assert "Dances can be made; 2 of the above have a problem" in shown(PROBLEM, PROBLEM)
    assert "Something that every dance needs has a problem" in shown(OK, PROBLEM, needed)
