"""A run's tables as HTML. What the run tells is escaped here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from macedance.metrics.scores import GROUND_TRUTH, SCORE_GROUPS, ScoreColumn, ScoreRow
from macedance.render.score_tables import CAPTIONS, columns_in

SHORT_HASH = 12


def tables_html(tables: Iterable[Mapping[str, Any]]) -> str:
    """Every table of scores, in groups, or a word that there are none."""
    told = "\n".join(_table_html(table) for table in tables)
    return told or '<p class="absent">This run has not been scored yet.</p>'


def facts_html(facts: Mapping[str, Any]) -> str:
    """Names and values in two columns; values that are mappings or lists as JSON."""
    rows = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th><td>{escape(_text(value))}</td></tr>\n'
        for name, value in facts.items()
    )
    return f'<div class="wide"><table class="facts"><tbody>\n{rows}</tbody></table></div>'


def models_html(models: Mapping[str, Any]) -> str:
    """The experts of a run with their hashes, one a line."""
    rows = "".join(
        f'<tr><th scope="row">{escape(str(part))}</th>'
        + (
            f"<td>{escape(str(model.get('id')))}</td><td>{_weights(model)}</td>"
            if model
            else '<td colspan="2">none</td>'
        )
        + "</tr>\n"
        for part, model in models.items()
    )
    head = '<tr><th scope="col">expert</th><th scope="col">id</th><th scope="col">SHA-256</th></tr>'
    return (
        f'<div class="wide"><table class="facts"><thead>{head}</thead><tbody>\n{rows}</tbody></table></div>'
    )


def _weights(model: Mapping[str, Any]) -> str:
    digest = model.get("sha256")
    return f"<code>{escape(str(digest))}</code>" if digest else "without weights"


def short_hash(text: str) -> str:
    """The first digits of a hash.

    >>> short_hash("0123456789abcdef")
    '0123456789ab'
    """
    return text[:SHORT_HASH]


def _table_html(table: Mapping[str, Any]) -> str:
    rows = {name: _row(told) for name, told in table["rows"].items()}
    groups = "\n".join(
        _group_html(rows, group, table.get("what") or "set")
        for group in SCORE_GROUPS
        if columns_in(rows, group)
    )
    notes = "".join(f"<li>{escape(str(note))}</li>" for note in table.get("notes") or ())
    about = "; ".join(filter(None, [table.get("protocol"), _num_clips(rows.values()), _interval_words(rows)]))
    return (
        f'<section class="scores"><h3>{escape(table["title"])}</h3>\n<p class="about">{escape(about)}</p>\n'
        f'<div class="groups">\n{groups}\n</div>'
        + (f'\n<ul class="notes">{notes}</ul>' if notes else "")
        + "</section>"
    )


def _row(told: Mapping[str, Any]) -> ScoreRow:
    scores = {name: math.nan if value is None else float(value) for name, value in told["scores"].items()}
    intervals = {
        name: (float(bounds[0]), float(bounds[1]))
        for name, bounds in (told.get("intervals") or {}).items()
        if bounds is not None and None not in bounds
    }
    return ScoreRow(told["num_clips"], scores, intervals)


def _group_html(rows: Mapping[str, ScoreRow], group: str, what: str) -> str:
    columns = columns_in(rows, group)
    heads = "".join(
        f'<th scope="col">{escape(title)}</th>' for title in (what, "clips", *(c.title for c in columns))
    )
    body = "".join(
        f'<tr{" class=truth" if name == GROUND_TRUTH else ""}><th scope="row">{escape(name)}</th>'
        f"<td>{row.num_clips_in(group)}</td>{''.join(_cell_html(row, column) for column in columns)}</tr>\n"
        for name, row in rows.items()
        if any(column.name in row.scores for column in columns)
    )
    return (
        f'<figure><div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>\n{body}</tbody></table></div>'
        f"<figcaption>{escape(CAPTIONS[group])}</figcaption></figure>"
    )


def _cell_html(row: ScoreRow, column: ScoreColumn) -> str:
    text = escape(column.write(row.scores.get(column.name, math.nan)))
    if column.name in row.intervals:
        low, high = (escape(column.write(bound)) for bound in row.intervals[column.name])
        text += f"<small>{low} … {high}</small>"
    return f"<td>{text}</td>"


def _num_clips(rows: Iterable[ScoreRow]) -> str:
    numbers = sorted({row.num_clips for row in rows})
    return (
        f"n = {' to '.join(str(number) for number in dict.fromkeys([numbers[0], numbers[-1]]))}"
        if numbers
        else ""
    )


def _interval_words(rows: Mapping[str, ScoreRow]) -> str:
    return "95 % intervals in small print" if any(row.intervals for row in rows.values()) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
