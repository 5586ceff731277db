from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.data.study_questions import QUESTIONS
from macedance.data.study_votes import Vote
from macedance.metrics.functional.preference import (
    sign_flip_test,
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


def of_made_up_people(
    num_people: int, rate: float, seed: int, *, spread: float = 3, num_clips: int = 12
) -> Tensor:
    """Counts of two runs by person (U, 2, 2), each of whom prefers the first by a share of their own."""
    draw = np.random.default_rng(seed)
    won = draw.binomial(num_clips, draw.beta(spread * rate, spread * (1 - rate), num_people))
    wins = torch.zeros(num_people, 2, 2, dtype=torch.float64)
    wins[:, 0, 1], wins[:, 1, 0] = torch.from_numpy(won), torch.from_numpy(num_clips - won)
    return wins


def test_intervals_are_of_people_and_not_of_their_votes() -> None:
    """Ten people who are each of one mind on all of 40 votes tell as little as ten votes."""
    people = torch.zeros(10, 2, 2, dtype=torch.float64)
    people[:6, 0, 1], people[6:, 1, 0] = 40, 40
    low, high = win_rate_intervals(people)[0].tolist()
    assert low == pytest.approx(0.3, abs=0.11)
    assert high == pytest.approx(0.9, abs=0.11)
    torch.testing.assert_close(win_rate_intervals(people), win_rate_intervals(people / 40))
    assert bool(win_rate_intervals(people[:1]).isnan().all())


@pytest.mark.parametrize(("num_people", "rate"), [(12, 0.9), (20, 0.97)])
def test_nine_of_ten_intervals_or_more_hold_the_true_rate(num_people: int, rate: float) -> None:
    bounds = [
        win_rate_intervals(of_made_up_people(num_people, rate, seed))[0].tolist() for seed in range(400)
    ]
    assert np.mean([low <= rate <= high for low, high in bounds]) >= 0.9


def test_an_interval_is_wide_where_all_are_of_one_mind_and_that_of_wilson_where_none_has_one() -> None:
    alike = torch.zeros(12, 2, 2, dtype=torch.float64)
    alike[:, 0, 1] = 12
    low, high = win_rate_intervals(alike)[0].tolist()
    assert low == pytest.approx(
        1 - 2.201**2 / (12 + 2.201**2), abs=1e-4
    )  # Student's t, 11 degrees of freedom
    assert high == pytest.approx(1)
    fair = torch.tensor([[[0, 50], [49, 0]], [[0, 49], [50, 0]]] * 100, dtype=torch.float64)
    by_hand = 0.5 * 1.972 / math.sqrt(200 * 99 + 1.972**2)  # no vote counts more than once
    assert win_rate_intervals(fair)[0].tolist() == pytest.approx([0.5 - by_hand, 0.5 + by_hand], abs=1e-5)


def test_people_without_votes_on_a_run_do_not_count_for_its_interval() -> None:
    people = torch.zeros(9, 3, 3, dtype=torch.float64)
    people[:3, 0, 1], people[3:5, 1, 0], people[5, 2, 1] = 4, 4, 1
    bounds = win_rate_intervals(people)
    assert torch.equal(bounds[0], win_rate_intervals(people[:5])[0])
    assert bool(bounds[2].isnan().all())


def test_sign_tests_are_those_of_a_fair_coin() -> None:
    assert sign_test(5, 0) == pytest.approx(2 / 2**5)
    assert sign_test(2, 8) == pytest.approx(2 * sum(math.comb(10, n) for n in range(3)) / 2**10)
    assert sign_flip_test([1, 1, -1, 0, 1]) == pytest.approx(sign_test(3, 1))
    sums = [5, -2, 4, 7, 0, 3, -1]
    totals = [abs(np.dot(flips, sums)) for flips in product((-1, 1), repeat=len(sums))]
    assert sign_flip_test(sums) == pytest.approx(np.mean(np.array(totals) >= 16))


@pytest.mark.parametrize(("spread", "num_clips"), [(1, 12), (8, 3)])
def test_people_of_differing_tastes_do_not_make_a_preference(spread: float, num_clips: int) -> None:
    """Each of 12 people has a taste, and there is none that they share."""
    p_values = []
    for seed in range(200):
        wins = of_made_up_people(12, 0.5, seed, spread=spread, num_clips=num_clips).int()
        votes = [
            replace(VOTE, participant=f"p{person}", clip=str(clip), choice="left" if clip < won else "right")
            for person, won in enumerate(wins[:, 0, 1].tolist())
            for clip in range(num_clips)
        ]
        p_values.append(preference_scores(votes, ["ours", "theirs"]).scores["creativity"].pairs[0].p_value)
    assert np.mean(np.array(p_values) < 0.05) <= 0.08


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


def test_clips_are_the_units_of_one_person_and_few_people_are_warned_of() -> None:
    alone = preference_scores([replace(VOTE, clip=clip) for clip in "abc"], ["ours", "theirs"])
    assert alone.units == "clips"
    low, high = alone.scores["overall"].intervals[0].tolist()
    assert 0.1 < low < 0.5
    assert high == pytest.approx(1)
    assert alone.scores["overall"].pairs[0].p_value == 0.25
    assert "one participant" in alone.warnings[0]
    few = preference_scores(of_people(["left", "right"] * 2), ["ours", "theirs"])
    assert few.units == "participants"
    assert few.warnings == (
        "there are 4 participants, and fewer than 10 tell little of other people; ask more",
    )
    assert preference_scores(of_people(["left", "right"] * 5), ["ours", "theirs"]).warnings == ()


def test_a_run_that_one_person_voted_on_has_no_interval_and_that_is_told_by_question() -> None:
    votes = of_people(["left"] * 6 + ["right"] * 6)
    votes += [replace(VOTE, question="identity"), replace(VOTE, question="dance_quality", right="truth")]
    votes.append(replace(VOTE, question="dance_quality", participant="p2"))
    found = preference_scores(votes, ["ours", "theirs", "truth"])
    assert found.scores["identity"].rates[0] == 1
    assert np.isnan(found.scores["identity"].intervals).all()
    assert np.isnan(found.scores["dance_quality"].intervals[:, 0]).tolist() == [False, True, True]
    assert found.warnings == (
        "overall: there are votes of one participant alone on truth, which give no interval",
        "dance_quality: there are votes of one participant alone on theirs, truth, which give no interval",
        "identity: there are votes of one participant alone on ours, theirs, which give no interval",
    )


@pytest.mark.parametrize(("num_people", "is_told"), [(10, False), (12, True)])
def test_the_answers_on_one_pair_are_no_more_than_one_sign_of_a_preferred_side(
    num_people: int, is_told: bool
) -> None:
    votes = [
        vote for question in QUESTIONS for vote in of_people(["left"] * num_people, question=question.name)
    ]
    warnings = preference_scores(votes, ["ours", "theirs"]).warnings
    assert any("one side was chosen far more often" in warning for warning in warnings) is is_told
