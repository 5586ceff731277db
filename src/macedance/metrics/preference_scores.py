"""What the votes of a preference study say of its runs.

Axis letters: R runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from macedance.data.study_questions import QUESTIONS
from macedance.data.study_votes import Vote
from macedance.metrics.functional.preference import (
    sign_flip_test,
    sign_test,
    win_counts,
    win_rate_intervals,
    win_rates,
)

OVERALL = "overall"
FEW_PARTICIPANTS = 10
UNEVEN_SIDES_P = 0.001

Comparison = tuple[str, str, frozenset[str]]


@dataclass(frozen=True)
class PairScore:
    """Judgements between two runs, one for each participant and clip: for whom most of the votes are.

    Attributes:
        first: Name of a run.
        second: Name of another one.
        num_wins: Judgements for the first.
        num_ties: For neither.
        num_losses: For the second.
        p_value: Of the two-sided sign-flip test of the units' sums of judgements, NaN if all of them are even.
    """

    first: str
    second: str
    num_wins: int
    num_ties: int
    num_losses: int
    p_value: float


@dataclass(frozen=True)
class QuestionScores:
    """What the votes on a question, or on all, say.

    Attributes:
        num_votes: How many there are.
        rates: Share of its votes that each run won, ties half, (R,).
        intervals: 95 % bounds of the rates, (R, 2); NaN for a run that fewer than two units have votes on.
        matrix: Share of the votes between the run of the row and that of the column that the row's won, (R, R).
        pairs: Every two runs.
    """

    num_votes: int
    rates: np.ndarray
    intervals: np.ndarray
    matrix: np.ndarray
    pairs: tuple[PairScore, ...]


@dataclass(frozen=True)
class PreferenceScores:
    """What a study found.

    Attributes:
        runs: Names, in the order of all arrays.
        scores: By the name of the question, :data:`OVERALL` first; without questions that nobody answered.
        num_participants: Who gave votes.
        num_clips: Clips that votes are of.
        units: What is taken as independent of each other: ``participants``, or ``clips`` if there is one
            participant.
        left_share: Share of the votes that were not ties which went to the left video.
        warnings: What to mind.
    """

    runs: tuple[str, ...]
    scores: dict[str, QuestionScores]
    num_participants: int
    num_clips: int
    units: str
    left_share: float
    warnings: tuple[str, ...]


def preference_scores(votes: Sequence[Vote], runs: Sequence[str]) -> PreferenceScores:
    """The scores of votes, none of which is there twice.

    Args:
        votes: At least one.
        runs: Names of all runs of the study.
    """
    participants = sorted({vote.participant for vote in votes})
    clips = sorted({vote.clip for vote in votes})
    unit = "participant" if len(participants) > 1 else "clip"
    scores = {}
    for name in (OVERALL, *(question.name for question in QUESTIONS)):
        chosen = [vote for vote in votes if name in (OVERALL, vote.question)]
        if chosen:
            scores[name] = _question_scores(chosen, runs, unit)
    num_left, num_right = (sum(vote.choice == side for vote in votes) for side in ("left", "right"))
    return PreferenceScores(
        runs=tuple(runs),
        scores=scores,
        num_participants=len(participants),
        num_clips=len(clips),
        units=f"{unit}s",
        left_share=num_left / (num_left + num_right) if num_left + num_right else float("nan"),
        warnings=(
            *_participant_warnings(len(participants)),
            *_interval_warnings(runs, scores, unit),
            *_side_warnings(votes),
        ),
    )


def _question_scores(votes: Sequence[Vote], runs: Sequence[str], unit: str) -> QuestionScores:
    pairs = np.array([[runs.index(vote.left), runs.index(vote.right)] for vote in votes])
    outcomes = np.array([vote.outcome for vote in votes])
    names, units = np.unique([getattr(vote, unit) for vote in votes], return_inverse=True)
    wins = win_counts(pairs, outcomes, units, num_units=len(names), num_runs=len(runs))
    total = wins.sum(dim=0)
    return QuestionScores(
        num_votes=len(votes),
        rates=win_rates(total).numpy(),
        intervals=win_rate_intervals(wins).numpy(),
        matrix=(total / (total + total.T)).numpy(),
        pairs=tuple(_pair_score(votes, first, second, unit) for first, second in combinations(runs, 2)),
    )


def _pair_score(votes: Sequence[Vote], first: str, second: str, unit: str) -> PairScore:
    judgements = _judgements([vote for vote in votes if {vote.left, vote.right} == {first, second}], first)
    sums: dict[str, int] = {}
    for (participant, clip, _), judgement in judgements.items():
        name = participant if unit == "participant" else clip
        sums[name] = sums.get(name, 0) + judgement
    counts = Counter(judgements.values())
    return PairScore(first, second, counts[1], counts[0], counts[-1], sign_flip_test(sums.values()))


def _judgements(votes: Iterable[Vote], run: str | None = None) -> dict[Comparison, int]:
    """1, 0 or -1 by comparison: whether most of its votes are for the run, or for the left one if that is None."""
    sums: dict[Comparison, float] = {}
    for vote in votes:
        for_run = (vote.outcome - 0.5) * (-1 if vote.right == run else 1)
        sums[vote.comparison] = sums.get(vote.comparison, 0.0) + for_run
    return {comparison: (total > 0) - (total < 0) for comparison, total in sums.items()}


def _participant_warnings(num_participants: int) -> list[str]:
    if num_participants == 1:
        return ["there is one participant; intervals and tests are over clips, and tell of this person alone"]
    if num_participants < FEW_PARTICIPANTS:
        return [
            f"there are {num_participants} participants, and fewer than {FEW_PARTICIPANTS} tell little "
            "of other people; ask more"
        ]
    return []


def _interval_warnings(runs: Sequence[str], scores: Mapping[str, QuestionScores], unit: str) -> list[str]:
    told = []
    for name, found in scores.items():
        is_without = np.isnan(found.intervals[:, 0]) & ~np.isnan(found.rates)
        if is_without.any():
            named = ", ".join(run for run, is_it in zip(runs, is_without, strict=True) if is_it)
            told.append(f"{name}: there are votes of one {unit} alone on {named}, which give no interval")
    return told


def _side_warnings(votes: Sequence[Vote]) -> list[str]:
    """Each pair of videos is one throw of the coin: its six answers are alike, but its sides were drawn."""
    sides = Counter(_judgements(votes).values())
    if sign_test(sides[1], sides[-1]) < UNEVEN_SIDES_P:
        return ["one side was chosen far more often than the other; look for participants who do not look"]
    return []
