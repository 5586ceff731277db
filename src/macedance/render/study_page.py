"""A preference study as one HTML file that needs nothing else, and that does not tell which run is which."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template

import PIL.Image

from macedance.data.preference_study import PreferenceStudy, StudyClip
from macedance.data.study_questions import QUESTIONS
from macedance.data.study_votes import COLUMNS, PARTICIPANT_PATTERN
from macedance.render.bare_video import bare_video
from macedance.render.page_parts import content_policy, json_in_html, page_file, page_files, to_base64

MAX_BYTES = 200_000_000
PICTURE_SIZE_PX = 640
STYLES = ("page.css", "study.css")
SCRIPTS = ("media.js", "study_order.js", "study_answers.js", "study_player.js", "study.js")


def check_study_size(study: PreferenceStudy, max_bytes: int = MAX_BYTES) -> None:
    """Refuse a study whose videos no browser would take in one page.

    Raises:
        ValueError: They are larger than ``max_bytes`` together.
    """
    sizes = [video.stat().st_size for clip in study.clips for video in clip.videos]
    if sum(sizes) > max_bytes:
        num_fitting = int(len(study.clips) * max_bytes / sum(sizes))
        way_out = f"give --clips {num_fitting}" if num_fitting else "write the videos anew, smaller"
        raise ValueError(
            f"--runs must have at most {max_bytes / 1e6:g} MB of videos for one page, and the "
            f"{len(sizes)} videos have {sum(sizes) / 1e6:.1f} MB; {way_out}"
        )


def study_page(study: PreferenceStudy, *, on_clip: Callable[[int], None] = lambda num_done: None) -> str:
    """The page's HTML.

    Names of runs and keys of clips are not in it, nor is what the files of videos and pictures tell of where they
    come from. The order of what is shown follows from the study's hash and the participant's code.

    Args:
        study: What to show.
        on_clip: Called with 1 after each clip.

    Raises:
        ValueError: A video or picture cannot be read.
    """
    media = []
    for clip in study.clips:
        media.append(_media_html(study, clip))
        on_clip(1)
    style, script = page_files(*STYLES), page_files(*SCRIPTS)
    return Template(page_file("study.html")).substitute(
        policy=content_policy(style, script),
        style=style,
        script=script,
        title=escape(study.key.title),
        num_trials=study.num_trials,
        participant_pattern=PARTICIPANT_PATTERN,
        media="\n".join(media),
        data=json_in_html(_data(study)),
    )


def _data(study: PreferenceStudy) -> dict[str, object]:
    return {
        "study": study.key.study,
        "columns": COLUMNS,
        "runs": study.runs,
        "questions": [
            {"name": question.name, "text": question.text, "hint": question.hint, "needs": question.needs}
            for question in QUESTIONS
        ],
        "clips": [
            {
                "code": clip.code,
                "picture": clip.picture is not None,
                "sound": any(clip.has_sound),
                "soundOf": [run for run, has in zip(study.runs, clip.has_sound, strict=True) if has],
            }
            for clip in study.clips
        ],
    }


def _media_html(study: PreferenceStudy, clip: StudyClip) -> str:
    """Elements that a browser does not run or show, with files as base64, each decoded when it is needed."""
    contents = {
        f"video-{clip.code}-{run}": bare_video(video)
        for run, video in zip(study.runs, clip.videos, strict=True)
    }
    if clip.picture is not None:
        contents[f"picture-{clip.code}"] = _bare_picture(clip.picture)
    return "\n".join(
        f'<script type="text/plain" id="{name}">{to_base64(content)}</script>'
        for name, content in contents.items()
    )


def _bare_picture(path: Path) -> bytes:
    """The picture as a JPEG without what cameras tell, reduced."""
    try:
        picture = PIL.Image.open(path).convert("RGB")
    except (OSError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise ValueError(f"{path} must be a picture, and cannot be read as one ({error})") from error
    picture.thumbnail((PICTURE_SIZE_PX, PICTURE_SIZE_PX))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
