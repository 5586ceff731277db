from __future__ import annotations

from macedance.commands.doctoring.finding import Finding
from macedance.commands.doctoring.plain_lines import plain_lines


def test_a_line_each_and_a_sum() -> None:
    found = Finding("models", "hub", "problem", "a \x1b[31m\nthing", "mend it", False)
    told = Finding("machine", "disks", "ok", "free: 3 GiB", "", True)
    assert list(plain_lines([told, found])) == [
        "machine, disks: ok: free: 3 GiB",
        "models, hub: problem: a \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}thing -> mend it",
        "Dances can be made; 1 of the above has a problem.",
    ]
