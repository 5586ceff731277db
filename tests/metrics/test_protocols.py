from __future__ import annotations

import re
from pathlib import Path

import pytest

from macedance.metrics.functional import PROTOCOLS, motion_protocol

DOCS = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
PUBLISHED = [name for name in PROTOCOLS if not name.startswith("default")]


def row(name: str) -> list[str]:
    (line,) = (line for line in DOCS.splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_protocol_stands_in_the_docs_in_order() -> None:
    first_cells = re.findall(r"^\| `([^`]+)` \|", DOCS, re.MULTILINE)
    assert [name for name in first_cells if name in PROTOCOLS] == list(PROTOCOLS)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_docs_say_what_was_checked_against_published_code(name: str) -> None:
    checked = PROTOCOLS[name].checked
    expected = ", ".join(sorted(checked)) + "; the rest not checked" if checked else "**not checked**"
    assert row(name)[-1] == expected


def test_what_golden_files_cover_counts_as_checked() -> None:
    for name in ("aist++", "bailando", "lodge", "flowerdance"):
        assert {"kinetic features", "geometric features"} <= PROTOCOLS[name].checked
    assert {"FID", "DIV", "BAS"} <= PROTOCOLS["bailando"].checked
    assert {"FSR", "BAS"} <= PROTOCOLS["lodge"].checked
    assert "PFC" in PROTOCOLS["edge"].checked


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"protocol must be one of default, aist\+\+, .*, got 'motius'"):
        motion_protocol("motius")
