from __future__ import annotations

import pytest
import torch

from macedance.diffusion.sampling import add_noise, build_scheduler, sample

TARGET = torch.linspace(-0.9, 0.9, 12).reshape(1, 4, 3)


@pytest.mark.parametrize(
    ("sampler", "num_steps", "eta"), [("ddim", 50, 1.0), ("ddim", 7, 0.0), ("dpm", 10, 0.0)]
)
def test_a_perfect_denoiser_gives_the_target(sampler: str, num_steps: int, eta: float) -> None:
    steps: list[int] = []
    noise = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))
    result = sample(
        lambda noisy, timestep: TARGET,
        noise,
        sampler=sampler,
        num_steps=num_steps,
        eta=eta,
        on_step=steps.append,
    )
    torch.testing.assert_close(result, TARGET, rtol=0, atol=1e-3)
    assert steps == list(range(1, num_steps + 1))


def test_the_generator_decides_the_fresh_noise() -> None:
    def run(seed: int, eta: float) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return sample(
            lambda noisy, timestep: 0.5 * noisy,
            torch.ones(1, 4, 3),
            num_steps=5,
            eta=eta,
            generator=generator,
        )

    torch.testing.assert_close(run(0, 1.0), run(0, 1.0), rtol=0, atol=0)
    assert not torch.allclose(run(0, 1.0), run(1, 1.0))
    torch.testing.assert_close(run(0, 0.0), run(1, 0.0))


def test_samples_stay_in_range() -> None:
    result = sample(lambda noisy, timestep: 10 * noisy, torch.ones(1, 4, 3), num_steps=5)
    assert result.abs().max() <= 1


def test_noise_grows_with_the_timestep() -> None:
    noise = torch.randn(2, 4, 3)
    noisy = add_noise(TARGET.expand(2, -1, -1), noise, torch.tensor([0, 999]))
    torch.testing.assert_close(noisy[0], TARGET[0], rtol=0, atol=0.05 * noise[0].abs().max().item())
    torch.testing.assert_close(noisy[1], noise[1], rtol=0, atol=0.01)


def test_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="sampler must be"):
        build_scheduler("euler")
    with pytest.raises(ValueError, match="num_steps"):
        sample(lambda noisy, timestep: noisy, torch.zeros(1, 4, 3), num_steps=0)


def test_samples_keep_the_precision_of_their_noise() -> None:
    noise = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))
    assert sample(lambda noisy, timestep: TARGET.bfloat16(), noise, num_steps=2).dtype == torch.float32


def test_a_generator_for_each_sample_makes_it_independent_of_the_others() -> None:
    def run(*seeds: int) -> torch.Tensor:
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        noise = torch.ones(len(seeds), 4, 3)
        return sample(lambda noisy, timestep: 0.5 * noisy, noise, num_steps=5, generator=generators)

    torch.testing.assert_close(run(1, 2), torch.cat([run(1), run(2)]), rtol=0, atol=0)
