from __future__ import annotations

import torch

from macedance.diffusion.noise import DiffusionDraws


def test_a_sample_is_drawn_alike_in_any_batch() -> None:
    together = DiffusionDraws.from_seeds(torch.tensor([7, 8, 9]), 5, 3)
    alone = DiffusionDraws.from_seeds(torch.tensor([9]), 5, 3)
    for name in ("noise", "timestep", "beta", "drop_music", "drop_genre"):
        torch.testing.assert_close(getattr(together, name)[2:], getattr(alone, name))


def test_no_draw_makes_a_loss_be_computed_in_double_precision() -> None:
    draws = DiffusionDraws.from_seeds(torch.arange(3), 2, 2)
    assert draws.noise.dtype == draws.beta.dtype == torch.float32


def test_draws_follow_their_distributions() -> None:
    draws = DiffusionDraws.from_seeds(
        torch.arange(4000), 2, 2, drop_music_probability=0.1, drop_genre_probability=0.3
    )
    assert draws.noise.mean().abs() < 0.05
    assert (draws.noise.std() - 1).abs() < 0.05
    assert 0 < draws.beta.min() < 0.01 < 0.99 < draws.beta.max() <= 1
    assert draws.timestep.min() < 10
    assert 990 < draws.timestep.max() < 1000
    assert 0.08 < draws.drop_music.float().mean() < 0.12
    assert 0.27 < draws.drop_genre.float().mean() < 0.33
