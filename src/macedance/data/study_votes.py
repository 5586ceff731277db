"""Votes of a preference study, as its page writes them: one row a question and pair of videos."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from macedance.data.study_key import StudyKey
from macedance.data.study_questions import QUESTIONS

COLUMNS = (
    "study",
    "participant",
    "trial",
    "clip",
    "question",
    "left",
    "right",
    "choice",
    "seconds",
)
OUTCOMES = {"left": 1.0, "same": 0.5, "right": 0.0}
PARTICIPANT_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_\-]{0,31}"


@dataclass(frozen=True)
class Vote:
    """An answer to one question about two videos of a clip.

    Attributes:
        participant: Code of who gave it.
        trial: The how-maniest pair of videos that they were shown, from 1 on.
        clip: Key of the clip.
        question: Name of the question.
        left: Name of the run whose video was on the left.
        right: Name of the run whose video was on the right.
        choice: ``left``, ``right`` or ``same``.
        seconds: How long they thought about it.
    """

    participant: str
    trial: int
    clip: str
    question: str
    left: str
    right: str
    choice: str
    seconds: float

    @property
    def outcome(self) -> float:
        """What the left one got of the vote: 1, a half or 0."""
        return OUTCOMES[self.choice]

    @property
    def comparison(self) -> tuple[str, str, frozenset[str]]:
        """Who compared what: participant, clip and runs."""
        return self.participant, self.clip, frozenset((self.left, self.right))


def read_votes(paths: Sequence[str | Path], key: StudyKey) -> tuple[list[Vote], int]:
    """The votes of all files, of which the last counts where one was given twice, and how many did not count.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A file is none that the page wrote, or belongs to another study, or there is no vote at all.
    """
    votes: dict[object, Vote] = {}
    num_read = 0
    for vote in (vote for path in paths for vote in _read_file(Path(path), key)):
        num_read += 1
        votes[vote.comparison, vote.question] = vote
    if not votes:
        raise ValueError(f"--score must name files with votes, and there is none in {paths[0]}")
    return list(votes.values()), num_read - len(votes)


def _read_file(path: Path, key: StudyKey) -> Iterator[Vote]:
    if not path.is_file():
        raise FileNotFoundError(f"--score: there is no file {path}")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        try:
            if tuple(next(reader, ())) != COLUMNS:
                raise ValueError(f"its first line is not {','.join(COLUMNS)}")
            for row in reader:
                try:
                    yield _vote(row, key)
                except ValueError as error:
                    raise ValueError(f"line {reader.line_num}: {error}") from None
        except (ValueError, csv.Error) as error:  # text that is not UTF-8 is a ValueError, too
            raise ValueError(f"{path} must hold votes as the study's page wrote them: {error}") from error


def _vote(row: Sequence[str], key: StudyKey) -> Vote:
    if len(row) != len(COLUMNS):
        raise ValueError(f"it has {len(row)} cells, not {len(COLUMNS)}")
    cells = dict(zip(COLUMNS, row, strict=True))
    if cells["study"] != key.study:
        raise ValueError("the vote belongs to another study than --key; give the key.json of its own")
    if not re.fullmatch(PARTICIPANT_PATTERN, cells["participant"]):
        raise ValueError(
            f"the participant must be a code of letters and digits, got {cells['participant'][:40]!r}"
        )
    _check_among(cells, "clip", key.clips)
    _check_among(cells, "question", [question.name for question in QUESTIONS])
    _check_among(cells, "left", key.runs)
    _check_among(cells, "right", [run for run in key.runs if run != cells["left"]])
    _check_among(cells, "choice", OUTCOMES)
    return Vote(
        cells["participant"],
        _trial(cells["trial"]),
        key.clips[cells["clip"]],
        cells["question"],
        key.runs[cells["left"]],
        key.runs[cells["right"]],
        cells["choice"],
        _seconds(cells["seconds"]),
    )


def _check_among(cells: dict[str, str], column: str, known: Iterable[str]) -> None:
    if cells[column] not in known:
        raise ValueError(f"{column} must be one of {', '.join(known)}, got {cells[column][:40]!r}")


def _trial(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise ValueError(f"trial must be a number from 1 on, got {text[:40]!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(f"seconds must be a length of time, got {text[:40]!r}")
    return seconds
