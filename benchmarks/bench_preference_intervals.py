"""How often intervals and p values of preference studies are right, over made-up studies of which the truth is known.

Each person prefers the one run to the other in a share of the clips that is drawn from a beta distribution, whose
mean is the true rate; a + b says how alike people are: 1 means that most are all for the one or the other, 30 that
they hardly differ. What is printed: how many of the 95 % intervals hold the true rate, how wide they are, the same of
a plain bootstrap over people, and, where there is no preference, how many p values are below 0.05.

Run: ``python benchmarks/bench_preference_intervals.py``; ``--studies 100`` is a short trial.

Axis letters: S studies, U people.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.functional.preference import (
    sign_flip_test,
    sign_test,
    win_counts,
    win_rate_intervals,
    win_rates,
)
from macedance.metrics.functional.resampling import percentile_interval, resampled_counts

ALPHA = 0.05
UNEQUAL = (((3, 72), (9, 6)), ((1, 72), (11, 6)), ((2, 72), (18, 2)))
"""People and the votes of each: some who went through all, and others who stopped early."""


def main() -> None:
    args = _parser().parse_args()
    print(f"{args.studies} studies a line, {args.clips} clips")
    print(
        f"{'a + b':>6} {'people':>11} {'rate':>5} | {'held':>6} {'width':>6} | {'bootstrap held':>15} {'width':>6}"
    )
    for spread, num_people, rate in product(args.spreads, args.people, args.rates):
        tell_intervals(args.studies, rate, spread, np.full(num_people, args.clips), str(num_people))
    print("\nsome gave many votes, others few")
    for spread, (many, few) in product(args.spreads, UNEQUAL):
        votes = np.repeat([many[1], few[1]], [many[0], few[0]])
        words = f"{many[0]}x{many[1]}+{few[0]}x{few[1]}"
        tell_intervals(args.studies, 0.5, spread, votes, words)
    print(f"\nno preference: share of p values below {ALPHA}")
    print(f"{'a + b':>6} {'people':>7} | {'sign flips':>10} | {'sign test of judgements':>23}")
    for spread, num_people in product(args.spreads, args.people):
        won = made_up_studies(args.studies, 0.5, spread, np.full(num_people, args.clips))
        flips = [sign_flip_test((2 * people - args.clips).tolist()) for people in won]
        signs = [sign_test(int(people.sum()), int((args.clips - people).sum())) for people in won]
        print(f"{spread:6g} {num_people:7d} | {share_below(flips):10.3f} | {share_below(signs):23.3f}")


def tell_intervals(num_studies: int, rate: float, spread: float, votes: np.ndarray, words: str) -> None:
    """Print how often intervals hold the rate, where each person (U,) gave so many votes."""
    counts = [counts_of(people, votes) for people in made_up_studies(num_studies, rate, spread, votes)]
    bounds = torch.stack([win_rate_intervals(wins)[0] for wins in counts])
    others = torch.stack([bootstrap_interval(wins) for wins in counts])
    print(
        f"{spread:6g} {words:>11} {rate:5.2f} | {share_held(bounds, rate):6.3f} {width(bounds):6.3f} | "
        f"{share_held(others, rate):15.3f} {width(others):6.3f}"
    )


def made_up_studies(num_studies: int, rate: float, spread: float, votes: np.ndarray) -> np.ndarray:
    """In how many of their votes (U,) people prefer the one run, (S, U)."""
    draw = np.random.default_rng(0)
    shares = draw.beta(spread * rate, spread * (1 - rate), (num_studies, len(votes)))
    return draw.binomial(votes, shares)


def counts_of(won: np.ndarray, votes: np.ndarray) -> Tensor:
    """The counts (U, 2, 2) of people who won so many of their votes for the one run."""
    people = np.repeat(np.arange(len(won)), votes)
    outcomes = np.concatenate(
        [np.arange(of_person) < part for of_person, part in zip(votes, won, strict=True)]
    )
    pairs = np.tile([0, 1], (len(people), 1))
    return win_counts(pairs, outcomes.astype(float), people, num_units=len(won), num_runs=2)


def bootstrap_interval(wins: Tensor) -> Tensor:
    drawn = resampled_counts(len(wins), 1000, seed=0)
    rates = win_rates(torch.einsum("su,uij->sij", drawn, wins))[:, 0]
    return torch.stack(percentile_interval(rates))


def share_held(bounds: Tensor, rate: float) -> float:
    return float(((bounds[:, 0] <= rate) & (rate <= bounds[:, 1])).double().mean())


def width(bounds: Tensor) -> float:
    return float((bounds[:, 1] - bounds[:, 0]).mean())


def share_below(p_values: list[float]) -> float:
    return float(np.mean(np.array(p_values) < ALPHA))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--people", type=int, nargs="+", default=[12, 20])
    parser.add_argument("--rates", type=float, nargs="+", default=[0.5, 0.9, 0.97])
    parser.add_argument("--spreads", type=float, nargs="+", default=[1, 3, 30])
    return parser


if __name__ == "__main__":
    main()
