from __future__ import annotations

import pytest
import torch
from torch.optim import SGD

from macedance.lightning_modules.learning_rate import WarmupCosineLR


def rates(schedule: WarmupCosineLR, num_steps: int) -> list[float]:
    seen = []
    for _ in range(num_steps):
        seen.append(schedule.get_last_lr()[0])
        schedule.optimizer.step()
        schedule.step()
    return seen


def schedule(num_training_steps: int, warmup_fraction: float = 0.1) -> WarmupCosineLR:
    return WarmupCosineLR(SGD([torch.zeros(1)], lr=2.0), num_training_steps, warmup_fraction)


def test_rises_then_falls_to_zero() -> None:
    seen = rates(schedule(100), 101)
    assert seen[10] == max(seen) == pytest.approx(2.0)
    assert seen[:11] == sorted(seen[:11])
    assert seen[10:] == sorted(seen[10:], reverse=True)
    assert seen[55] == pytest.approx(1.0)
    assert seen[100] == pytest.approx(0.0)


@pytest.mark.parametrize("num_training_steps", [1, 2, 10])
def test_short_runs_have_a_positive_rate_throughout(num_training_steps: int) -> None:
    assert min(rates(schedule(num_training_steps), num_training_steps)) > 0


def test_a_longer_run_goes_on_on_its_own_curve() -> None:
    short, long = schedule(10), schedule(20)
    rates(short, 10)
    long.load_state_dict(short.state_dict())
    assert rates(long, 10)[1:] == pytest.approx(rates(schedule(20), 20)[11:])


def test_refuses_numbers_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"trainer\.max_steps"):
        schedule(-1)
    with pytest.raises(ValueError, match="warmup_fraction"):
        schedule(10, 1.0)
