"""A preference study: which clips of which runs are compared, and the codes that they go by."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from macedance.data.inspection.wording import num_of
from macedance.data.study_key import StudyKey
from macedance.data.study_questions import QUESTIONS
from macedance.data.study_runs import StudyRun
from macedance.hashes import config_hash, file_hash
from macedance.projection.video_keypoints import probed
from macedance.render.video import VideoInfo

MAX_SECONDS_APART = 0.5
NUM_CODE_DIGITS = 8
MAX_KEYS_TOLD = 3
DIFFERENT_SIZES = "the videos have different sizes, by which runs may be told apart"
NO_SOUND = "no video has sound, so it is not asked which dance fits the music"
SOME_SOUND = "not all videos have sound, so that of one which has some is played with both"
NO_PICTURE = "no run has references/KEY.jpg, so it is not asked who is more like the person"
DIFFERENT_PICTURES = (
    "the runs' pictures are not the same file, so it is not asked who is more like the person"
)


@dataclass(frozen=True)
class StudyClip:
    """What is known of one clip.

    Attributes:
        code: What votes call it.
        key: Its key in the runs.
        videos: Files, in the order of the study's runs.
        has_sound: Whether each of them has some.
        picture: File of the person's picture, None where it is not known.
        seconds: Length of the longest video.
    """

    code: str
    key: str
    videos: tuple[Path, ...]
    has_sound: tuple[bool, ...]
    picture: Path | None
    seconds: float


@dataclass(frozen=True)
class PreferenceStudy:
    """All that the page needs.

    Attributes:
        key: Which code is what; not for participants.
        clips: In the order of their codes, which tells nothing.
        notes: What was left out, and what may give the runs away.
    """

    key: StudyKey
    clips: tuple[StudyClip, ...]
    notes: tuple[str, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """The codes of the runs, sorted, so that their order tells nothing."""
        return tuple(sorted(self.key.runs))

    @property
    def num_trials(self) -> int:
        """Pairs of videos that a participant is shown: every pair of runs with every clip."""
        return len(self.clips) * len(list(combinations(self.runs, 2)))


def plan_study(
    runs: Sequence[StudyRun], *, seed: int = 0, num_clips: int | None = None, title: str
) -> PreferenceStudy:
    """A study of the clips that all runs have.

    Args:
        runs: At least two.
        seed: Draws the clips and the codes; the order of what is shown follows from it and the participant.
        num_clips: How many of them to draw; all if None.
        title: Shown to participants.

    Raises:
        ValueError: The runs have no clip in common, a video cannot be read, those of a clip are not of one length,
            or the title names a run.
    """
    _check_title(title, runs)
    keys, num_left_out = _common_keys(runs)
    if num_clips is not None:
        keys = sorted(random.Random(f"{seed} clips").sample(keys, min(num_clips, len(keys))))
    runs_by_code = _coded("r", [run.name for run in runs], seed)
    keys_by_code = _coded("c", keys, seed)
    remarks: dict[str, list[str]] = {}
    ordered = [next(run for run in runs if run.name == runs_by_code[code]) for code in sorted(runs_by_code)]
    clips = tuple(_clip(code, keys_by_code[code], ordered, remarks) for code in sorted(keys_by_code))
    study = config_hash(
        {
            "title": title,
            "seed": seed,
            "runs": runs_by_code,
            "clips": keys_by_code,
            "videos": [[file_hash(video) for video in clip.videos] for clip in clips],
            "questions": [(question.name, question.text) for question in QUESTIONS],
        }
    )
    key = StudyKey(study, title, seed, runs_by_code, keys_by_code)
    return PreferenceStudy(key, clips, tuple(_notes(num_left_out, remarks)))


def _check_title(title: str, runs: Sequence[StudyRun]) -> None:
    told = [run.name for run in runs if re.search(rf"\b{re.escape(run.name)}\b", title, re.IGNORECASE)]
    if told:
        raise ValueError(
            f"--title must not tell participants the name of a run, got {title!r} with {told[0]!r}"
        )


def _common_keys(runs: Sequence[StudyRun]) -> tuple[list[str], int]:
    """The keys that all runs have, and how many others there are."""
    common = set.intersection(*(set(run.videos) for run in runs))
    if not common:
        first, other = runs[0], next(run for run in runs[1:] if set(run.videos) != set(runs[0].videos))
        raise ValueError(
            f"--runs must have clips in common, and have none; {first.name} has for example "
            f"{min(first.videos)!r}, {other.name} {min(other.videos)!r}"
        )
    return sorted(common), len(set.union(*(set(run.videos) for run in runs))) - len(common)


def _notes(num_left_out: int, remarks: Mapping[str, Sequence[str]]) -> list[str]:
    notes = [f"left out: {num_of(num_left_out, 'clip')} that not all runs have"] if num_left_out else []
    for remark, keys in remarks.items():
        more = f" and {len(keys) - MAX_KEYS_TOLD} more" if len(keys) > MAX_KEYS_TOLD else ""
        notes.append(f"{', '.join(keys[:MAX_KEYS_TOLD])}{more}: {remark}")
    return notes


def _coded(kind: str, names: Sequence[str], seed: int) -> dict[str, str]:
    """Names by codes that are drawn; they begin with a letter, or spreadsheets would take some for numbers."""
    draw = random.Random(f"{seed} {' '.join(names)}")
    numbers = draw.sample(range(16**NUM_CODE_DIGITS), len(names))
    return {f"{kind}{number:0{NUM_CODE_DIGITS}x}": name for number, name in zip(numbers, names, strict=True)}


def _clip(code: str, key: str, runs: Sequence[StudyRun], remarks: dict[str, list[str]]) -> StudyClip:
    videos = [run.videos[key] for run in runs]
    infos = [probed(video) for video in videos]
    _check_lengths(key, runs, infos)
    if len({(info.width, info.height) for info in infos}) > 1:
        remarks.setdefault(DIFFERENT_SIZES, []).append(key)
    has_sound = tuple(info.audio_seconds is not None for info in infos)
    if not any(has_sound):
        remarks.setdefault(NO_SOUND, []).append(key)
    elif not all(has_sound):
        remarks.setdefault(SOME_SOUND, []).append(key)
    pictures = {file_hash(run.pictures[key]): run.pictures[key] for run in runs if key in run.pictures}
    if len(pictures) != 1:
        remarks.setdefault(DIFFERENT_PICTURES if pictures else NO_PICTURE, []).append(key)
    picture = next(iter(pictures.values())) if len(pictures) == 1 else None
    return StudyClip(code, key, tuple(videos), has_sound, picture, max(info.video_seconds for info in infos))


def _check_lengths(key: str, runs: Sequence[StudyRun], infos: Sequence[VideoInfo]) -> None:
    seconds = {run.name: info.video_seconds for run, info in zip(runs, infos, strict=True)}
    shortest, longest = min(seconds, key=seconds.__getitem__), max(seconds, key=seconds.__getitem__)
    if seconds[longest] - seconds[shortest] > MAX_SECONDS_APART:
        raise ValueError(
            f"--runs must have videos of one length (within {MAX_SECONDS_APART} s), but clip {key} has "
            f"{seconds[shortest]:.2f} s in {shortest} and {seconds[longest]:.2f} s in {longest}; cut them alike"
        )
