"""Every clip's scores, as a run's folder has them, and which clips are worth a look."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from macedance.data.run_folder import RunFolder
from macedance.metrics.scores import GENERATED, ScoreColumn, score_columns

IMAGE_PLANE = "_2d"
"""How names of scores end that are of motion as the video shows it."""
FIRST_CHOICES = ("bas_gap", "bas_gap" + IMAGE_PLANE)
NUM_EXTREMES = 3
HIGHER_IS_BETTER = (
    "bas_gap",
    "ssim",
    "psnr",
    "identity",
    "pck",
    "subject_consistency",
    "background_consistency",
    "motion_smoothness",
    "temporal_flickering",
    "imaging_quality",
    "aesthetic_quality",
)
LOWER_IS_BETTER = ("self_intersection", "joint_limits", "floor_penetration", "lpips", "color_drift")

ClipScores = dict[str, dict[str, dict[str, float]]]
"""Values by key, set and name."""


def read_clip_scores(run: RunFolder) -> ClipScores:
    """The scores that are known; none if there is no file of them.

    Raises:
        ValueError: The file is damaged.
    """
    file, scores = run.clip_scores_file(), ClipScores()
    if not file.is_file():
        return scores
    with file.open(newline="", encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            key, name = row.pop("key", None), row.pop("set", None)
            if key is None or name is None or None in row:
                raise ValueError(
                    f"{file} must have the columns key and set, and no row longer than the first"
                )
            scores.setdefault(key, {})[name] = _values(row, file)
    return scores


def columns_of(scores: ClipScores) -> list[ScoreColumn]:
    """The columns of which any clip's generated set has a number, in the order of tables."""
    names = sorted({name for sets in scores.values() for name in sets.get(GENERATED, {})})
    seen = [name.removesuffix(IMAGE_PLANE) for name in names if name.endswith(IMAGE_PLANE)]
    in_plane = [
        replace(column, name=column.name + IMAGE_PLANE, heading=f"{column.heading}, image plane")
        for column in score_columns(seen)
    ]
    return [*score_columns(names), *in_plane]


def better(name: str) -> str:
    """Which values are better: "higher", "lower", or "" where only a likeness to the truth is good.

    >>> better("lpips[alex]"), better("jerk")
    ('lower', '')
    """
    base = name.partition("[")[0].removesuffix(IMAGE_PLANE)
    return "higher" if base in HIGHER_IS_BETTER else "lower" if base in LOWER_IS_BETTER else ""


def first_choice(scores: ClipScores) -> str:
    """The score that orders clips: by how much a dance goes better with its own music if known, else the first."""
    names = [column.name for column in columns_of(scores)]
    return next((name for name in (*FIRST_CHOICES, *names) if name in names), "")


def order_of_interest(keys: Sequence[str], scores: ClipScores) -> list[str]:
    """Keys, the best and the worst in turn first, then others spread over what is between, unknown ones last."""
    name = first_choice(scores)
    sign = -1.0 if better(name) == "higher" else 1.0
    values = {key: scores.get(key, {}).get(GENERATED, {}).get(name) for key in keys}
    known = sorted(
        (key for key in keys if values[key] is not None), key=lambda key: sign * (values[key] or 0.0)
    )
    num = NUM_EXTREMES if len(known) > 2 * NUM_EXTREMES else 0
    extremes = [known[index] for place in range(num) for index in (place, -1 - place)]
    between = _spread([key for key in known if key not in extremes])
    return [*extremes, *between, *_spread([key for key in keys if values[key] is None])]


def _spread(keys: list[str]) -> list[str]:
    """The first, the last, the middle, the middles of the halves, and so on.

    >>> _spread(list("abcde"))
    ['a', 'e', 'c', 'b', 'd']
    """
    if len(keys) < 3:
        return keys
    chosen, gaps = [0, len(keys) - 1], [(0, len(keys) - 1)]
    while gaps:
        first, last = gaps.pop(0)
        if last - first > 1:
            middle = (first + last) // 2
            chosen.append(middle)
            gaps += [(first, middle), (middle, last)]
    return [keys[index] for index in chosen]


def _values(row: dict[str, str], file: Path) -> dict[str, float]:
    try:
        values = {name: float(text) for name, text in row.items() if text}
    except ValueError as error:
        raise ValueError(f"{file} is damaged ({error}); run the cascade's test again") from error
    return {name: value for name, value in values.items() if math.isfinite(value)}
