"""All findings as plain lines, where rich, which draws the screen, is not installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from macedance.commands.doctoring.finding import Finding, summed_up


def plain_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each finding, with what to do about it, and one that sums them up."""
    for finding in findings:
        remedy = f" -> {finding.remedy}" if finding.remedy else ""
        line = f"{finding.section}, {finding.name}: {finding.state}: {finding.told}{remedy}"
        yield "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    yield summed_up(findings)[1]
