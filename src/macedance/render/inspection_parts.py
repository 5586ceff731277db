"""Pieces of the inspection page's HTML. What data tell is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from string import Template
from typing import Any

from macedance.data.inspection import Group, Problem
from macedance.data.inspection.wording import group_texts, num_of
from macedance.render.clip_view import ClipView
from macedance.render.page_parts import page_file, to_base64

MAX_PROBLEMS = 200
MAX_OPEN_PROBLEMS = 20


def card_html(view: ClipView, number: int) -> str:
    """The card of a clip; its script finds it by the number."""
    facts, image = view.facts, ""
    about = [facts.split, facts.subset, facts.genre, facts.fps and f"{facts.fps:g} fps"]
    about += [
        facts.seconds and f"{facts.seconds:.2f} s",
        facts.video_size and "{} x {}".format(*facts.video_size),
    ]
    if view.strip is not None:
        source = f"data:image/jpeg;base64,{to_base64(view.strip)}"
        image = f'<img class="strip" alt="Moments of {escape(facts.key)}" src="{source}">'
    return Template(page_file("clip.html")).substitute(
        number=number,
        key=escape(facts.key),
        split=escape(facts.split),
        genre=escape(facts.genre or ""),
        about=escape(" · ".join(str(part) for part in about if part)),
        shard=escape(facts.shard),
        image=image,
        description=escape(_description(view.data)),
    )


def groups_html(groups: Sequence[Group]) -> str:
    """A table with a row for each split and subset, without columns that would be empty."""
    rows = [{"split": group.split, "subset": group.subset or "", **group_texts(group)} for group in groups]
    told = [heading for heading in (rows[0] if rows else ()) if any(row[heading] for row in rows)]
    headings = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in told)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(row[heading])}</td>" for heading in told) + "</tr>\n" for row in rows
    )
    return f"<table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def problems_html(problems: Sequence[Problem]) -> str:
    """The first problems in a list that can be folded, and the number of all."""
    if not problems:
        return '<p class="good">No problems.</p>'
    items = [
        f"<li><code>{escape(problem.shard)}</code> "
        f"{'' if problem.key is None else f'<b>{escape(problem.key)}</b> '}{escape(problem.reason)}</li>"
        for problem in problems[:MAX_PROBLEMS]
    ]
    if len(problems) > MAX_PROBLEMS:
        items.append(f"<li>and {len(problems) - MAX_PROBLEMS} more</li>")
    is_open = " open" if len(problems) <= MAX_OPEN_PROBLEMS else ""
    heading = f"<summary>{num_of(len(problems), 'problem')}</summary>"
    return f'<details class="bad"{is_open}>{heading}<ul>{"".join(items)}</ul></details>'


def options_html(names: Iterable[str]) -> str:
    """Options of a filter, each name once."""
    return "".join(
        f'<option value="{escape(name)}">{escape(name or "none told")}</option>'
        for name in sorted(set(names))
    )


def _description(data: dict[str, Any]) -> str:
    parts = [num_of(len(data["musicBeats"]), "music beat")]
    if "speed" in data:
        parts.append(num_of(len(data["motionBeats"]), "motion beat"))
        parts.append(f"mean joint speed up to {max(data['speed']):.1f} m/s")
    return ", ".join(parts)
