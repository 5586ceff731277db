"""An inspection's report on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from macedance.commands.printable_text import printable_text
from macedance.data.inspection import Group, InspectionReport
from macedance.data.inspection.wording import group_texts, num_of, totals_text

MAX_PROBLEMS = 20


def print_report(report: InspectionReport, console: Console | None = None) -> None:
    """Print a table for each split and subset, and the first problems.

    Args:
        report: What to tell.
        console: Where to; standard output if None.
    """
    console = console or Console()
    for group in report.groups():
        console.print(_table(group))
    console.print(printable_text(f"{report.path}: {totals_text(report)}"), soft_wrap=True)
    num_problems = len(report.problems)
    if not num_problems:
        console.print("no problems")
        return
    console.print(printable_text(f"{num_of(num_problems, 'problem')}:", style="bold red"))
    for problem in report.problems[:MAX_PROBLEMS]:
        where = problem.shard if problem.key is None else f"{problem.shard}, {problem.key}"
        console.print(printable_text(f"  {where}: {problem.reason}"), soft_wrap=True)
    if num_problems > MAX_PROBLEMS:
        console.print(f"  and {num_problems - MAX_PROBLEMS} more; --json FILE writes all of them")


def _table(group: Group) -> Table:
    name = " / ".join(filter(None, (group.split or "no split", group.subset)))
    table = Table(
        title=printable_text(name, style="bold"), title_justify="left", show_header=False, min_width=60
    )
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for heading, text in group_texts(group).items():
        if text:
            table.add_row(heading, printable_text(text))
    return table
