"""Tables of motion scores to print."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table

from macedance.metrics.scores import SCORE_COLUMNS, SCORE_GROUPS, ScoreColumn, ScoreRow

CAPTIONS = {
    "distribution": "FID and DIV on features normalised by the ground truth; nearer to its row is better",
    "rhythm": "BAS says nothing without its gap to other songs' music: noise has a high BAS, and no gap",
    "feet": "PFC and FSR tell sliding feet; nearer to the ground truth's row is better",
    "body": "nearer to the ground truth's row is better",
}


def score_tables(rows: Mapping[str, ScoreRow], *, title: str) -> Group:
    """A table for each group of scores that any row has, a line for each set of dances."""
    groups = [group for group in SCORE_GROUPS if _columns(rows, group)]
    tables = [_table(rows, group) for group in groups]
    tables[0].title = title
    return Group(*tables)


def _table(rows: Mapping[str, ScoreRow], group: str) -> Table:
    columns = _columns(rows, group)
    table = Table(caption=CAPTIONS[group], title_justify="left", caption_justify="left")
    table.add_column("dances", no_wrap=True)
    table.add_column("clips", justify="right")
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True)
    for name, row in rows.items():
        if any(column.name in row.scores for column in columns):
            table.add_row(name, str(row.num_clips), *(_cell(row, column) for column in columns))
    return table


def _columns(rows: Mapping[str, ScoreRow], group: str) -> list[ScoreColumn]:
    return [
        column
        for column in SCORE_COLUMNS
        if column.group == group and any(column.name in row.scores for row in rows.values())
    ]


def _cell(row: ScoreRow, column: ScoreColumn) -> str:
    """The value, and its interval on a second line."""
    text = column.write(row.scores.get(column.name, float("nan")))
    bounds = row.intervals.get(column.name)
    if bounds is None or text == "–" or bounds[0] != bounds[0]:
        return text
    return f"{text}\n[dim]{column.write(bounds[0])} … {column.write(bounds[1])}[/dim]"
