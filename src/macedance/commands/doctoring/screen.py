"""All findings on one screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from macedance.commands.doctoring.finding import Finding, summed_up
from macedance.commands.printable_text import printable_text

STYLES = {"ok": "green", "missing": "yellow", "problem": "bold red"}


def screen(findings: Sequence[Finding]) -> Group:
    """A table of the findings, with what to do about them, and a line that sums them up."""
    table = Table.grid(padding=(0, 1))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    section = ""
    for finding in findings:
        heading = finding.section if finding.section != section else ""
        section = finding.section
        table.add_row(
            Text(heading, style="bold"),
            finding.name,
            Text(finding.state, style=STYLES[finding.state]),
            _told(finding),
        )
    state, sentence = summed_up(findings)
    return Group(table, Text(sentence, style=STYLES[state]))


def _told(finding: Finding) -> Text:
    told = printable_text(finding.told)
    if finding.remedy:
        told += Text(" → ", style="dim") + printable_text(finding.remedy, "cyan")
    return told
