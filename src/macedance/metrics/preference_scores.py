"""What the votes of a preference study say of its runs.

Axis letters: R runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from macedance.data.study_questions import QUESTIONS
from macedance.data.study_votes import Vote
from macedance.metrics.functional.preference import (
    sign_test,
    win_counts,
    win_rate_intervals,
    win_rates,
)

OVERALL = "overall"
FEW_PARTICIPANTS = 10
UNEVEN_SIDES_P = 0.001


@dataclass(frozen=True)
class PairScore:
    """Judgements between two runs, one for each participant and clip: the sign of the sum of their votes.

    Attributes:
        first: Name of a run.
        second: Name of another one.
        num_wins: Judgements for the first.
        num_ties: For neither.
        num_losses: For the second.
        p_value: Of the two-sided sign test without ties, NaN if there are only ties.
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
        intervals: 95 % bounds of the rates, (R, 2).
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
        resampled: What intervals resample: ``participants``, or ``clips`` if there is one participant.
        left_share: Share of the votes that were not ties which went to the left video.
        warnings: What to mind.
    """

    runs: tuple[str, ...]
    scores: dict[str, QuestionScores]
    num_participants: int
    num_clips: int
    resampled: str
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
    by_participant = len(participants) > 1
    units = participants if by_participant else clips
    scores = {}
    for name in (OVERALL, *(question.name for question in QUESTIONS)):
        chosen = [vote for vote in votes if name in (OVERALL, vote.question)]
        if chosen:
            places = [units.index(vote.participant if by_participant else vote.clip) for vote in chosen]
            scores[name] = _question_scores(chosen, runs, np.array(places), len(units))
    num_left, num_right = (sum(vote.choice == side for vote in votes) for side in ("left", "right"))
    return PreferenceScores(
        runs=tuple(runs),
        scores=scores,
        num_participants=len(participants),
        num_clips=len(clips),
        resampled="participants" if by_participant else "clips",
        left_share=num_left / (num_left + num_right) if num_left + num_right else float("nan"),
        warnings=tuple(_warnings(len(participants), num_left, num_right)),
    )


def _question_scores(
    votes: Sequence[Vote], runs: Sequence[str], units: np.ndarray, num_units: int
) -> QuestionScores:
    pairs = np.array([[runs.index(vote.left), runs.index(vote.right)] for vote in votes])
    outcomes = np.array([vote.outcome for vote in votes])
    wins = win_counts(pairs, outcomes, units, num_units=num_units, num_runs=len(runs))
    total = wins.sum(dim=0)
    return QuestionScores(
        num_votes=len(votes),
        rates=win_rates(total).numpy(),
        intervals=win_rate_intervals(wins).numpy(),
        matrix=(total / (total + total.T)).numpy(),
        pairs=tuple(_pair_score(votes, first, second) for first, second in combinations(runs, 2)),
    )


def _pair_score(votes: Sequence[Vote], first: str, second: str) -> PairScore:
    sums: dict[object, float] = {}
    for vote in votes:
        if {vote.left, vote.right} == {first, second}:
            for_first = (vote.outcome - 0.5) * (1 if vote.left == first else -1)
            sums[vote.comparison] = sums.get(vote.comparison, 0.0) + for_first
    num_wins, num_losses = (
        sum(total > 0 for total in sums.values()),
        sum(total < 0 for total in sums.values()),
    )
    num_ties = len(sums) - num_wins - num_losses
    return PairScore(first, second, num_wins, num_ties, num_losses, sign_test(num_wins, num_losses))


def _warnings(num_participants: int, num_left: int, num_right: int) -> list[str]:
    told = []
    if num_participants == 1:
        told.append("there is one participant; the intervals are over clips, and tell of this person alone")
    elif num_participants < FEW_PARTICIPANTS:
        told.append(
            f"there are {num_participants} participants, and the intervals of fewer than {FEW_PARTICIPANTS} "
            "are too narrow; ask more people"
        )
    if sign_test(num_left, num_right) < UNEVEN_SIDES_P:
        told.append(
            "one side was chosen far more often than the other; look for participants who do not look"
        )
    return told
