"""A cascade's run as one HTML file that needs nothing else: its scores, and its clips to watch, hear and turn."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Any

from macedance.data.inspection.wording import num_of
from macedance.data.run_folder import RunFolder
from macedance.geometry.body_model import BodyModel
from macedance.metrics.scores import GENERATED, GROUND_TRUTH
from macedance.render.clip_scores import (
    ClipScores,
    better,
    columns_of,
    first_choice,
    order_of_interest,
    read_clip_scores,
)
from macedance.render.page_parts import content_policy, json_in_html, page_file, page_files
from macedance.render.report_clips import ReportClip, report_clip
from macedance.render.report_limits import MAX_CLIPS, MAX_MEGABYTES
from macedance.render.report_tables import facts_html, models_html, short_hash, tables_html
from macedance.render.skinned_figure import skinned_body
from macedance.render.three_js import three_js, three_js_licence

STYLES = ("page.css", "report.css")
SCRIPTS = (
    "media.js",
    "plot.js",
    "viewer_orbit.js",
    "viewer_dancer.js",
    "viewer_stage.js",
    "viewer.js",
    "report_list.js",
    "report_player.js",
    "report.js",
)


def report_page(run: RunFolder, *, max_megabytes: float = MAX_MEGABYTES, max_clips: int = MAX_CLIPS) -> str:
    """The page's HTML.

    Nothing in it comes from elsewhere, and its content policy lets nothing but its own scripts run: what the run's
    files tell is text, whatever it says.

    Args:
        run: What to tell of.
        max_megabytes: About how large the page may become. Clips that would make it larger are listed without being
            shown; the best, the worst and some between come first.
        max_clips: How many clips are shown at most.

    Raises:
        FileNotFoundError: The folder is not a cascade's.
        ModuleNotFoundError: three.js is missing.
        ValueError: A file of the run is damaged.
    """
    told, scores, keys = run.read_run(), read_clip_scores(run), run.keys()
    body = BodyModel()
    fixed = {"library": three_js(), "body": json_in_html(skinned_body(body))}
    room = round(1e6 * max_megabytes) - sum(map(len, fixed.values()))
    shown = _shown_clips(run, order_of_interest(keys, scores)[:max_clips], room, body.floor_height)
    return _html(run, told, fixed, _index(run, keys, scores, shown), shown)


def _shown_clips(
    run: RunFolder, keys: list[str], room: int, floor_height: float
) -> dict[str, tuple[ReportClip, str]]:
    """By key, clips that fit into so many bytes, and their data as JSON."""
    shown: dict[str, tuple[ReportClip, str]] = {}
    for key in keys:
        clip = report_clip(run, key, floor_height)
        for candidate in (clip, clip.without_true_video()) if "trueVideo" in clip.data else (clip,):
            data = json_in_html(candidate.data)
            if len(data) <= room:
                room -= len(data)
                shown[key] = (candidate, data)
                break
    return shown


def _index(
    run: RunFolder, keys: list[str], scores: ClipScores, shown: Mapping[str, tuple[ReportClip, str]]
) -> dict[str, Any]:
    """What the page's list of clips tells."""
    columns, places = columns_of(scores), {key: place for place, key in enumerate(shown)}
    clips = []
    for key in keys:
        about = run.read_clip(key)
        sets = {
            name: {
                column.name: [scores[key][name][column.name], column.write(scores[key][name][column.name])]
                for column in columns
                if column.name in scores[key][name]
            }
            for name in (GENERATED, GROUND_TRUTH)
            if name in scores.get(key, {})
        }
        facts = [about.get("genre"), f"{about['seconds']:.1f} s", f"seed {about['seed']}"]
        clips.append(
            {
                "key": key,
                "about": " · ".join(str(fact) for fact in facts if fact),
                "scores": sets,
                "place": places.get(key),
                "thumbnail": shown[key][0].thumbnail if key in shown else "",
            }
        )
    heads = [
        {"name": column.name, "title": column.title, "better": better(column.name)} for column in columns
    ]
    return {"columns": heads, "first": first_choice(scores), "clips": clips}


def _html(
    run: RunFolder,
    told: Mapping[str, Any],
    fixed: Mapping[str, str],
    index: Mapping[str, Any],
    shown: Mapping[str, tuple[ReportClip, str]],
) -> str:
    style, script = page_files(*STYLES), page_files(*SCRIPTS)
    data = "\n".join(
        f'<script type="application/json" id="clip-{place}">{text}</script>'
        for place, (_, text) in enumerate(shown.values())
    )
    return Template(page_file("report.html")).substitute(
        policy=content_policy(style, fixed["library"], script),
        style=style,
        library=fixed["library"],
        script=script,
        licence=escape(three_js_licence()),
        name=escape(str(told["name"])),
        about=escape(_about(told, len(index["clips"]))),
        experts=escape(_experts(told["models"])),
        tables=tables_html(run.read_scores()),
        choice=escape(_choice(len(index["clips"]), len(shown))),
        config=escape(
            run.config_file().read_text(encoding="utf-8") if run.config_file().is_file() else "none"
        ),
        config_hash=escape(str(told["config_hash"])),
        models=models_html(told["models"]),
        settings=facts_html(told.get("settings") or {}),
        environment=facts_html(told.get("environment") or {}),
        body=fixed["body"],
        index=json_in_html(index),
        data=data,
    )


def _about(told: Mapping[str, Any], num_clips: int) -> str:
    facts = [
        f"split {told['split']}",
        num_of(num_clips, "clip"),
        f"configuration {short_hash(told['config_hash'])}",
    ]
    return " · ".join(
        [*facts, *([f"made {told['created'][:16].replace('T', ' ')}"] if told.get("created") else [])]
    )


def _experts(models: Mapping[str, Any]) -> str:
    """The chain of experts in a line."""
    return " → ".join(
        f"{part}: {model['id']}" + (f" ({short_hash(model['sha256'])})" if model.get("sha256") else "")
        for part, model in models.items()
        if model
    )


def _choice(num_clips: int, num_shown: int) -> str:
    if num_shown == num_clips:
        return ""
    return (
        f"{num_shown} of {num_of(num_clips, 'clip')} can be played here, the best, the worst and some between; "
        "the others are listed with their scores, and left out to keep the page small."
    )
