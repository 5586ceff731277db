"""Tables of scores to print."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from macedance.metrics.scores import SCORE_GROUPS, ScoreColumn, ScoreRow, score_columns

MIN_WIDTH = 120
CAPTIONS = {
    "distribution": "FID and DIV on features normalised by the ground truth; nearer to its row is better",
    "rhythm": "BAS alone says nothing: noise scores high with any music. The difference to other music tells",
    "feet": "PFC and FSR tell sliding feet; nearer to the ground truth's row is better",
    "body": "nearer to the ground truth's row is better",
    "likeness": "FID, FVD and LPIPS: lower is better; SSIM and PSNR: higher",
    "dancer": "higher is better; subject and background are highest for a picture that stands still",
    "steadiness": "higher is better, and highest for a picture that stands still; colour drift: lower",
    "quality": "higher is better",
}


def print_score_tables(rows: Mapping[str, ScoreRow], *, title: str, what: str = "dances") -> Console:
    """Print a table for each group of scores that any row has, a line for each set of dances.

    Args:
        rows: The scores by set.
        title: Printed above the tables.
        what: What the sets are of.

    Returns:
        The console, wide enough for the tables.
    """
    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    console.print(escape(title), style="bold", soft_wrap=True)
    for group in SCORE_GROUPS:
        if columns_in(rows, group):
            console.print(score_table(rows, group, what))
            console.print(CAPTIONS[group], style="dim italic", soft_wrap=True)
    return console


def score_table(rows: Mapping[str, ScoreRow], group: str, what: str = "dances") -> Table:
    """The table of one group of scores."""
    columns = columns_in(rows, group)
    table = Table()
    table.add_column(what, no_wrap=True)
    table.add_column("clips", justify="right", no_wrap=True)
    for column in columns:
        table.add_column(escape(column.title.replace("[", "\n[")), justify="right", no_wrap=True)
    for name, row in rows.items():
        if any(column.name in row.scores for column in columns):
            cells = (_cell(row, column) for column in columns)
            table.add_row(escape(name), str(row.num_clips_in(group)), *cells)
    return table


def columns_in(rows: Mapping[str, ScoreRow], group: str) -> list[ScoreColumn]:
    """The columns of a group of which any row has a number."""
    return [
        column
        for column in score_columns(dict.fromkeys(name for row in rows.values() for name in row.scores))
        if column.group == group
        and any(not math.isnan(row.scores.get(column.name, math.nan)) for row in rows.values())
    ]


def _cell(row: ScoreRow, column: ScoreColumn) -> str:
    """The value, and its interval on a second line."""
    text = column.write(row.scores.get(column.name, math.nan))
    low, high = row.intervals.get(column.name, (math.nan, math.nan))
    if math.isnan(low) or math.isnan(high):
        return text
    return f"{text}\n[dim]{column.write(low)} … {column.write(high)}[/dim]"
