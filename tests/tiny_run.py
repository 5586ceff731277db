"""A cascade's run folder, written by code in about a second."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch

from macedance.data.choreography import choreograph
from macedance.data.run_folder import RunFolder
from macedance.data.songs import Song, make_song
from macedance.geometry.motion import Motion
from macedance.json_files import write_json
from macedance.render.video import write_video

FPS = 30
SAMPLE_RATE = 16_000
MIN_SONG_SECONDS = 2.0
CLIP_SCORES = ("bas_own", "bas_shuffled", "bas_gap", "pfc", "jerk")


@dataclass(frozen=True)
class _Content:
    """What every clip of a run has."""

    seconds: float
    size_px: int
    genre: str | None
    has_sound: bool
    has_motion: bool
    has_truth: bool


def write_tiny_run(
    folder: Path,
    *,
    keys: Sequence[str] = ("a", "b"),
    seconds: float = 2.0,
    name: str = "tiny",
    size_px: int = 64,
    genre: str | None = "Hiphop",
    has_sound: bool = True,
    has_motion: bool = True,
    has_truth: bool = True,
    has_scores: bool = True,
) -> RunFolder:
    """A run whose clips all have the same; what metrics measured of the videos and the poses are left out.

    Of ``bas_gap``, the first key has the highest and the last one the lowest.
    """
    run = RunFolder(folder)
    content = _Content(seconds, size_px, genre, has_sound, has_motion, has_truth)
    write_json(run.run_file(), _about_run(name))
    run.config_file().write_text(f"# the configuration\nmodel:\n  name: {name}\n  seed: 0\n")
    for number, key in enumerate(keys):
        _write_clip(run, key, number, content)
    if has_scores:
        write_json(run.scores_file(), {"tables": _tables(len(keys), content)})
        _write_clip_scores(run, keys, content)
    return run


def _about_run(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "split": "test",
        "models": {"motion": {"id": "tiny-motion", "sha256": "0123456789abcdef" * 4}, "appearance": None},
        "settings": {"seed": 0, "size": [64, 64], "fps": FPS},
        "config_hash": "fedcba9876543210" * 4,
        "created": "2025-01-02T03:04:05+00:00",
        "environment": {"macedance": "0.1.0", "python": "3.11"},
    }


def _write_clip(run: RunFolder, key: str, number: int, content: _Content) -> None:
    song = make_song(max(content.seconds, MIN_SONG_SECONDS), number, sample_rate=SAMPLE_RATE)
    num_frames = round(content.seconds * FPS)
    for truth in (False, True) if content.has_truth else (False,):
        _write_video(run.video_file(key, truth=truth), song, 3 * number + truth, content)
        if content.has_motion:
            poses, trans = choreograph(song, 3 * number + truth, fps=FPS)
            motion = Motion(torch.from_numpy(poses), torch.from_numpy(trans), fps=FPS).crop(0, num_frames)
            file = run.motion_file(key, truth=truth)
            file.parent.mkdir(parents=True, exist_ok=True)
            motion.save(file)
    picture = run.reference_file(key)
    picture.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(_frame(0.0, number, content.size_px)).save(picture)
    about = {
        "key": key,
        "genre": content.genre,
        "seed": number,
        "num_frames": num_frames,
        "fps": FPS,
        "seconds": num_frames / FPS,
        "music_beats": song.beats[song.beats < content.seconds].tolist(),
        "has_sound": content.has_sound,
        "has_motion": content.has_motion,
        "has_true_motion": content.has_motion and content.has_truth,
        "has_true_video": content.has_truth,
        "made_of": {"clip": "", "motion": None, "appearance": None},
    }
    write_json(run.clip_file(key), about)


def _write_video(path: Path, song: Song, shade: int, content: _Content) -> None:
    times = np.arange(round(content.seconds * FPS)) / FPS
    sound = {"audio": song.samples, "sample_rate": SAMPLE_RATE} if content.has_sound else {}
    write_video(path, (_frame(time, shade, content.size_px) for time in times), fps=FPS, **sound)


def _frame(seconds: float, shade: int, size_px: int) -> np.ndarray:
    """A bright disc that swings before a slope of colours, uint8 (size, size, 3)."""
    down, right = np.mgrid[:size_px, :size_px] / size_px
    picture = np.stack([right, down, np.full_like(down, (shade * 0.37) % 1)], axis=-1) * 160
    swing = 0.5 + 0.3 * np.sin(2 * np.pi * seconds)
    picture[np.hypot(down - 0.5, right - swing) < 0.16] = (250, 240, 200)
    return picture.astype(np.uint8)


def _clip_scores(number: int, offset: float) -> dict[str, float]:
    own = 0.6 - 0.05 * number + offset
    return {
        "bas_own": own,
        "bas_shuffled": 0.25,
        "bas_gap": own - 0.25,
        "pfc": 0.5 + number,
        "jerk": 400.0 + number,
    }


def _sets(content: _Content) -> dict[str, float]:
    """By how much the scores of each set are above the generated ones; the ground truth first."""
    return {"ground truth": 0.1, "generated": 0.0} if content.has_truth else {"generated": 0.0}


def _tables(num_clips: int, content: _Content) -> list[dict[str, Any]]:
    rows = {
        name: {
            "num_clips": num_clips,
            "scores": {"fid_k": 12.5 * (offset == 0), "bas_num_clips": num_clips, **_clip_scores(1, offset)},
            "intervals": {"bas_own": [0.4, 0.7]},
        }
        for name, offset in _sets(content).items()
    }
    rows["generated"]["scores"]["fid_g"] = None
    return [
        {
            "title": "Motions",
            "protocol": "default protocol at 30 fps",
            "notes": ["Few clips: the Fréchet distances say little."],
            "what": "dances",
            "rows": rows,
        }
    ]


def _write_clip_scores(run: RunFolder, keys: Sequence[str], content: _Content) -> None:
    with run.clip_scores_file().open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "set", *CLIP_SCORES, "psnr"])
        for name, offset in _sets(content).items():
            for number, key in enumerate(keys):
                writer.writerow([key, name, *_clip_scores(number, offset).values(), ""])
