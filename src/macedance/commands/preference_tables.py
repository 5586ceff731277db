"""What ``macedance study --score`` prints and writes."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from macedance import __version__
from macedance.commands.printable_text import printable_text
from macedance.data.study_key import StudyKey
from macedance.data.study_questions import QUESTIONS
from macedance.json_files import write_json
from macedance.metrics.preference_scores import OVERALL, PairScore, PreferenceScores, QuestionScores

MIN_WIDTH = 120
INTERVALS = "cluster-robust Wilson, 95 %, votes of a unit as one cluster"
TEST = "two-sided exact sign-flip, judgements of a unit summed up"
HEADINGS = {OVERALL: OVERALL, **{question.name: question.heading for question in QUESTIONS}}


def print_preference_scores(scores: PreferenceScores, key: StudyKey, num_dropped: int) -> None:
    """Print win rates, who wins against whom, and tests, with what they are of below.

    Args:
        scores: What was found.
        key: Of the study.
        num_dropped: Votes that were given twice.
    """
    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    console.print(printable_text(key.title, "bold"), soft_wrap=True)
    for heading, table in (
        ("Win rate, %, with its 95 % interval", _rates_table(scores)),
        (
            "Overall: how often the run of the row was preferred to that of the column, %",
            _matrix_table(scores),
        ),
        ("Judgements won, even, lost, with the p value of the sign-flip test", _pairs_table(scores)),
    ):
        console.print(f"\n{heading}", style="italic", soft_wrap=True)
        console.print(table)
    for line in _lines(scores, num_dropped):
        console.print(printable_text(line, "dim"), soft_wrap=True)
    for warning in scores.warnings:
        console.print(printable_text(f"warning: {warning}", "yellow"), soft_wrap=True)


def write_preference_scores(path: str, scores: PreferenceScores, key: StudyKey, num_dropped: int) -> None:
    """Write the same as JSON; what is not known becomes null."""
    content = {
        "macedance": __version__,
        "study": key.study,
        "title": key.title,
        "num_participants": scores.num_participants,
        "num_clips": scores.num_clips,
        "num_dropped": num_dropped,
        "units": scores.units,
        "interval_method": INTERVALS,
        "p_value_method": TEST,
        "left_share": scores.left_share,
        "runs": scores.runs,
        "scores": {name: _score_content(scores.runs, found) for name, found in scores.scores.items()},
        "warnings": scores.warnings,
    }
    write_json(path, content, indent=1)
    print(f"wrote {path}")


def _score_content(runs: tuple[str, ...], found: QuestionScores) -> dict[str, Any]:
    return {
        "num_votes": found.num_votes,
        "win_rates": dict(zip(runs, found.rates.tolist(), strict=True)),
        "intervals": dict(zip(runs, found.intervals.tolist(), strict=True)),
        "matrix": found.matrix.tolist(),
        "pairs": [dataclasses.asdict(pair) for pair in found.pairs],
    }


def _rates_table(scores: PreferenceScores) -> Table:
    table = _table("run", scores)
    for index, run in enumerate(scores.runs):
        cells = (_rate(found.rates[index], *found.intervals[index]) for found in scores.scores.values())
        table.add_row(printable_text(run), *cells)
    table.add_section()
    table.add_row("votes", *(str(found.num_votes) for found in scores.scores.values()), style="dim")
    return table


def _matrix_table(scores: PreferenceScores) -> Table:
    table = Table()
    table.add_column("run", overflow="fold")
    for run in scores.runs:
        table.add_column(printable_text(run), justify="right", overflow="fold")
    for run, row in zip(scores.runs, scores.scores[OVERALL].matrix, strict=True):
        table.add_row(printable_text(run), *(_percent(share) for share in row))
    return table


def _pairs_table(scores: PreferenceScores) -> Table:
    table = _table("pair", scores)
    found = [score.pairs for score in scores.scores.values()]
    for pairs in zip(*found, strict=True):
        table.add_row(_pair(pairs[0]), *map(_judgements, pairs))
    return table


def _table(first: str, scores: PreferenceScores) -> Table:
    table = Table()
    table.add_column(first, overflow="fold")
    for name in scores.scores:
        table.add_column(HEADINGS[name], justify="right", no_wrap=True)
    return table


def _lines(scores: PreferenceScores, num_dropped: int) -> list[str]:
    lines = [
        f"{scores.scores[OVERALL].num_votes} votes of {scores.num_participants} participant(s) on "
        f"{scores.num_clips} clip(s), of which {scores.units} are taken as independent of each other",
        f"95 % intervals: Wilson's, widened by how much {scores.units} differ; "
        "no difference counts as half a win for both",
        "judgement: what a participant says of a clip; overall: the most of its questions",
        f"p value: exact sign-flip test, which turns all judgements of one of the {scores.units} round together",
    ]
    if not math.isnan(scores.left_share):
        lines.append(f"the left video was chosen in {scores.left_share:.0%} of the votes for one of the two")
    if num_dropped:
        lines.append(f"{num_dropped} votes were there more than once; the last of each counts")
    return lines


def _rate(rate: float, low: float, high: float) -> str:
    if math.isnan(low):
        return _percent(rate)
    return f"{_percent(rate)}\n[dim]{_percent(low)} … {_percent(high)}[/dim]"


def _judgements(pair: PairScore) -> str:
    counts = f"{pair.num_wins}, {pair.num_ties}, {pair.num_losses}"
    if math.isnan(pair.p_value):
        return counts
    p_value = "p < 0.001" if pair.p_value < 0.001 else f"p = {pair.p_value:.3f}"
    return f"{counts}\n[dim]{p_value}[/dim]"


def _pair(pair: PairScore) -> Text:
    return printable_text(pair.first).append("\nagainst ").append_text(printable_text(pair.second))


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"
