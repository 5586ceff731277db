"""What ``macedance evaluate`` writes: JSON and plots."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from macedance import __version__
from macedance.json_files import write_json
from macedance.metrics.dance import Dance
from macedance.metrics.functional.beat_alignment import beat_timing, motion_beats, smooth_speed
from macedance.metrics.motion_evaluation import MotionEvaluation
from macedance.metrics.scores import GENERATED, SCORE_COLUMNS
from macedance.metrics.video_evaluation import VideoEvaluation
from macedance.render.motion_plots import (
    SpeedCurve,
    feature_figure,
    histogram_figure,
    save_figure,
    speed_figure,
)

MAX_CURVES = 8


def write_motion_evaluation(path: str, evaluation: MotionEvaluation, inputs: Mapping[str, Any]) -> None:
    """Write protocol, inputs, rows, each clip's numbers and warnings as JSON; NaN becomes null."""
    _write(path, _motion_content(evaluation, inputs))


def write_video_evaluation(
    path: str,
    evaluation: VideoEvaluation,
    inputs: Mapping[str, Any],
    motions: tuple[MotionEvaluation, Mapping[str, Any]] | None,
) -> None:
    """Write inputs, rows, each video's numbers and warnings as JSON, and its motion's under ``motion``."""
    content = {"inputs": inputs, **_content(evaluation)}
    if motions is not None:
        content["motion"] = _motion_content(*motions)
    _write(path, content)


def _motion_content(evaluation: MotionEvaluation, inputs: Mapping[str, Any]) -> dict[str, Any]:
    form = dataclasses.asdict(evaluation.protocol)
    protocol = {**form, "checked": sorted(form["checked"])}
    return {"protocol": protocol, "inputs": inputs, **_content(evaluation)}


def _content(evaluation: MotionEvaluation | VideoEvaluation) -> dict[str, Any]:
    return {
        "rows": {name: dataclasses.asdict(row) for name, row in evaluation.rows.items()},
        "clips": {
            name: {"keys": evaluation.keys[name], **{key: values.tolist() for key, values in scores.items()}}
            for name, scores in evaluation.clip_values.items()
        },
        "warnings": evaluation.warnings,
    }


def _write(path: str, content: dict[str, Any]) -> None:
    write_json(path, {"macedance": __version__, **content}, indent=1)
    print(f"wrote {path}")


def write_plots(folder: str, evaluation: MotionEvaluation, generated: Sequence[Dance]) -> None:
    """Draw the rhythm of the clips that are best and worst in time, all features, and all clips' numbers."""
    figures = {
        "speed.png": speed_figure(
            _curves(evaluation, generated), unit="m/s" if _is_3d(evaluation) else "px/s"
        ),
        "features.png": feature_figure(evaluation.features),
        "histograms.png": histogram_figure(_histograms(evaluation), _units()),
    }
    for name, figure in figures.items():
        save_figure(figure, Path(folder) / name)
    print(f"wrote {', '.join(figures)} into {folder}")


def _curves(evaluation: MotionEvaluation, dances: Sequence[Dance]) -> list[SpeedCurve]:
    """Speed, beats and score of some clips, from the best in time to the worst."""
    scores = evaluation.clip_values[GENERATED]["bas_own"]
    order = np.argsort(-np.nan_to_num(scores, nan=-1.0), kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(MAX_CURVES, len(order))).round().astype(int))]
    return [_curve(dances[index], evaluation, float(scores[index])) for index in chosen]


def _curve(dance: Dance, evaluation: MotionEvaluation, score: float) -> SpeedCurve:
    smoothing = beat_timing(evaluation.protocol.name, dance.fps).smoothing_seconds
    positions = dance.joints[: evaluation.protocol.max_frames, :, : evaluation.protocol.dimensions]
    beats = dance.beats[dance.beats < len(positions) / dance.fps]
    return SpeedCurve(
        key=dance.key,
        fps=dance.fps,
        speed=smooth_speed(positions, dance.fps, smoothing),
        motion_beats=motion_beats(positions, dance.fps, smoothing).numpy(),
        music_beats=beats.numpy(),
        score=score,
    )


def _histograms(evaluation: MotionEvaluation) -> dict[str, dict[str, np.ndarray]]:
    """By heading and set, each clip's number in the unit in which it is shown."""
    columns = [
        column for column in SCORE_COLUMNS if column.name in next(iter(evaluation.clip_values.values()))
    ]
    return {
        column.heading: {
            name: values[column.name] * column.scale for name, values in evaluation.clip_values.items()
        }
        for column in columns
    }


def _units() -> dict[str, str]:
    return {column.heading: column.unit for column in SCORE_COLUMNS}


def _is_3d(evaluation: MotionEvaluation) -> bool:
    return evaluation.protocol.dimensions == 3
