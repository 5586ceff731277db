from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from macedance.data.study_votes import Vote
from macedance.metrics.functional.preference import (
    sign_test,
    win_counts,
    win_rate_intervals,
    win_rates,
)
from macedance.metrics.preference_scores import preference_scores

VOTE = Vote("p1", 1, "waltz", "creativity", "ours", "theirs", "left", 2.0)


def of_people(choices: list[str], **more: str) -> list[Vote]:
    return [replace(VOTE, participant=f"p{n}", choice=choice, **more) for n, choice in enumerate(choices)]


def test_ties_are_half_a_win_and_rates_sum_up_to_half_the_runs() -> None:
    draw = np.random.default_rng(0)
    pairs = np.array([draw.permutation(4)[:2] for _ in range(300)])
    outcomes = draw.choice([0, 0.5, 1], 300)
    wins = win_counts(pairs, outcomes, np.arange(300) % 7, num_units=7, num_runs=4)
    assert wins.shape == (7, 4, 4)
    assert float(wins.sum()) == 300
    by_hand = [
        np.where(pairs[:, 0] == run, outcomes, 1 - outcomes)[(pairs == run).any(axis=1)].mean()
        for run in range(4)
    ]
    assert win_rates(wins.sum(0)).tolist() == pytest.approx(by_hand)


def test_intervals_resample_people_and_not_their_votes() -> None:
    """Ten people who are each of one mind on all of 40 votes tell as little as ten votes."""
    people = torch.zeros(10, 2, 2, dtype=torch.float64)
    people[:6, 0, 1], people[6:, 1, 0] = 40, 40
    low, high = win_rate_intervals(people)[0].tolist()
    assert low == pytest.approx(0.3, abs=0.11)
    assert high == pytest.approx(0.9, abs=0.11)
    assert torch.equal(win_rate_intervals(people), win_rate_intervals(people / 40))
    assert bool(win_rate_intervals(people[:1]).isnan().all())


def test_the_sign_test_is_that_of_a_fair_coin() -> None:
    assert sign_test(5, 0) == pytest.approx(2 / 2**5)
    assert sign_test(2, 8) == pytest.approx(2 * sum(math.comb(10, n) for n in range(3)) / 2**10)


def test_sides_do_not_matter() -> None:
    votes = of_people(["left", "left", "same", "right"])
    flipped = [
        replace(
            vote, left=vote.right, right=vote.left, choice={"left": "right", "right": "left"}[vote.choice]
        )
        if vote.choice != "same"
        else vote
        for vote in votes
    ]
    found, other = (preference_scores(given, ["ours", "theirs"]) for given in (votes, flipped))
    for scores in (found.scores["creativity"], other.scores["creativity"]):
        assert scores.rates.tolist() == [0.625, 0.375]
        assert scores.matrix[0, 1] == 0.625
        assert np.isnan(scores.matrix[0, 0])
        (pair,) = scores.pairs
        assert (pair.num_wins, pair.num_ties, pair.num_losses, pair.p_value) == (2, 1, 1, 1.0)
    assert found.left_share == pytest.approx(2 / 3)


def test_overall_a_person_judges_a_clip_once_by_most_of_the_questions() -> None:
    votes = of_people(["left"] * 8)
    for question, choice in (("identity", "left"), ("dance_quality", "right")):
        votes += of_people([choice] * 8, question=question)
    scores = preference_scores(votes, ["ours", "theirs", "nobody's"])
    assert list(scores.scores) == ["overall", "dance_quality", "creativity", "identity"]
    overall = scores.scores["overall"]
    assert overall.num_votes == 24
    assert overall.rates[:2].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert np.isnan(overall.rates[2])
    assert overall.pairs[0].num_wins == 8
    assert overall.pairs[0].p_value == pytest.approx(2 / 2**8)
    assert math.isnan(overall.pairs[1].p_value)


def test_one_person_is_resampled_over_clips_and_few_are_warned_of() -> None:
    alone = preference_scores([replace(VOTE, clip=clip) for clip in "abc"], ["ours", "theirs"])
    assert alone.resampled == "clips"
    assert alone.scores["overall"].intervals[0].tolist() == [1, 1]
    assert "one participant" in alone.warnings[0]
    few = preference_scores(of_people(["left", "right"] * 2), ["ours", "theirs"])
    assert few.resampled == "participants"
    assert few.warnings == (
        "there are 4 participants, and the intervals of fewer than 10 are too narrow; ask more people",
    )
    assert preference_scores(of_people(["left", "right"] * 5), ["ours", "theirs"]).warnings == ()
    (warning,) = preference_scores(of_people(["left"] * 12), ["ours", "theirs"]).warnings
    assert "one side was chosen far more often" in warning
