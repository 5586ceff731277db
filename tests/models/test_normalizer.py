from __future__ import annotations

import torch

from macedance.models.motion import MinMaxNormalizer


def test_maps_the_range_to_one_and_back() -> None:
    x = torch.tensor([[0.0, 5.0, -3.0], [2.0, 5.0, 7.0]])
    normalizer = MinMaxNormalizer(3)
    assert not normalizer.is_fitted
    normalizer.set_range(x.amin(0), x.amax(0))
    assert normalizer.is_fitted
    torch.testing.assert_close(normalizer.normalize(x), torch.tensor([[-1.0, 0, -1], [1, 0, 1]]))
    torch.testing.assert_close(normalizer.denormalize(normalizer.normalize(x)), x)
    assert normalizer.denormalize(torch.tensor([0.3, 0.9, 0.0]))[1] == 5


def test_statistics_travel_with_the_weights() -> None:
    first, second = MinMaxNormalizer(2), MinMaxNormalizer(2)
    first.set_range(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 3.0]))
    second.load_state_dict(first.state_dict())
    assert second.is_fitted
    torch.testing.assert_close(second.normalize(torch.tensor([1.0, 2.0])), torch.zeros(2))
