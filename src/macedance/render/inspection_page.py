"""An inspection as one HTML file that needs nothing else, with clips to look at and listen to."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from string import Template

from macedance.data.inspection import ClipFacts, InspectionReport, open_shard
from macedance.data.inspection.wording import num_of, totals_text
from macedance.data.shards.cache import ShardCache
from macedance.geometry.body_model import BodyModel
from macedance.geometry.skeleton import JOINT_NAMES, PARENTS
from macedance.render.clip_view import ClipView, clip_view
from macedance.render.inspection_parts import (
    card_html,
    groups_html,
    options_html,
    problems_html,
)
from macedance.render.page_parts import content_policy, json_in_html, page_file, page_files

MAX_BYTES = 30_000_000
STYLES = ("page.css", "inspection.css")
SCRIPTS = ("media.js", "plot.js", "figure.js", "clip.js", "inspection.js")


def inspection_page(
    report: InspectionReport,
    clips: Iterable[ClipFacts],
    *,
    cache: ShardCache | None = None,
    max_bytes: int = MAX_BYTES,
) -> str:
    """The page's HTML.

    Nothing in it comes from elsewhere, and its content policy lets nothing but its own script run: what data tell is
    text, whatever it says.

    Args:
        report: What to tell.
        clips: Which clips to show; those that would make the page too large are left out, and that is told.
        cache: Keeps remote shards.
        max_bytes: About how large the page may become.
    """
    page = _Page(max_bytes)
    body = BodyModel()
    for facts in clips:
        try:
            page.add(_view(facts, cache, body))
        except ValueError as error:
            page.left_out.append(f"{facts.key} ({error})")
    return page.html(report)


def _view(facts: ClipFacts, cache: ShardCache | None, body: BodyModel) -> ClipView:
    shard = open_shard(facts.shard, cache=cache)
    try:
        return clip_view(facts, shard, body)
    finally:
        shard.close()


class _Page:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes, self.num_bytes = max_bytes, 0
        self.cards: list[str] = []
        self.data: list[str] = []
        self.shown: list[ClipFacts] = []
        self.left_out: list[str] = []

    def add(self, view: ClipView) -> None:
        """Add a clip.

        Raises:
            ValueError: The page would become too large.
        """
        card, data = card_html(view, len(self.cards)), json_in_html(view.data)
        if self.num_bytes + len(card) + len(data) > self.max_bytes:
            raise ValueError(f"the page would become larger than {self.max_bytes / 1e6:g} MB")
        self.num_bytes += len(card) + len(data)
        self.cards.append(card)
        self.data.append(data)
        self.shown.append(view.facts)

    def html(self, report: InspectionReport) -> str:
        style, script = page_files(*STYLES), page_files(*SCRIPTS)
        sides = [name.partition("_")[0] for name in JOINT_NAMES]
        skeleton = json_in_html({"parents": PARENTS, "sides": sides})
        return Template(page_file("inspection.html")).substitute(
            policy=content_policy(style, script),
            style=style,
            script=script,
            path=escape(report.path),
            totals=totals_text(report),
            groups=groups_html(report.groups()),
            problems=problems_html(report.problems),
            num_shown=num_of(len(self.cards), "clip"),
            choice=self._choice(report),
            splits=options_html(clip.split for clip in self.shown),
            genres=options_html(clip.genre or "" for clip in self.shown),
            cards="\n".join(self.cards),
            data=f'{{"skeleton":{skeleton},"clips":[{",".join(self.data)}]}}',
        )

    def _choice(self, report: InspectionReport) -> str:
        """Which of the clips are here."""
        told = ""
        if len(self.cards) < len(report.clips):
            told = (
                f"<p>Here are {len(self.cards)} of {num_of(len(report.clips), 'clip')}, "
                "spread over splits and shards, and none with a problem.</p>"
            )
        if self.left_out:
            told += f"<p>Left out: {escape('; '.join(self.left_out))}.</p>"
        return told
