from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from macedance.models.inert_checkpoint import InertObject
from macedance.models.motion.normalizer import MinMaxNormalizer
from macedance.models.motion.published_scaler import scaler_range

from ...published_motion import scaler_fields

LOW = torch.tensor([-1.0, 0.5, 2.0, 0.25])
HIGH = torch.tensor([3.0, 0.75, 2.0, 0.2505])
"""The third channel never changes, the fourth hardly."""


def inert(fields: dict) -> InertObject:
    found = InertObject.__new__(InertObject)
    found.state = fields
    return found


def normalizer_of(fields: dict) -> MinMaxNormalizer:
    normalizer = MinMaxNormalizer(4)
    normalizer.set_range(*scaler_range(inert({"scaler": inert(fields)}), 4, "file"))
    return normalizer


@pytest.mark.parametrize("convert", [torch.Tensor.clone, torch.Tensor.numpy, torch.Tensor.tolist])
def test_it_normalizes_as_the_scaler_did(convert) -> None:
    fields = scaler_fields(LOW, HIGH)
    normalizer = normalizer_of(scaler_fields(LOW, HIGH, convert))
    x = torch.tensor([0.3, 0.6, 2.0, 0.2502])
    normalized = x * fields["scale_"] + fields["min_"]
    assert normalized[2] == -1
    torch.testing.assert_close(normalizer.normalize(x), normalized, rtol=0, atol=1e-3)
    torch.testing.assert_close(normalizer.denormalize(normalized), x, rtol=0, atol=1e-5)


def test_the_affine_map_counts_whatever_range_it_leads_to() -> None:
    normalizer = normalizer_of({"scale_": torch.full((4,), 0.5), "min_": torch.full((4,), 0.25)})
    torch.testing.assert_close(normalizer.normalize(torch.full((4,), 3.0)), torch.full((4,), 1.75))


def test_the_range_of_the_data_is_enough() -> None:
    normalizer = normalizer_of({"data_min_": LOW, "data_max_": HIGH})
    torch.testing.assert_close(
        normalizer.denormalize(torch.tensor([-1.0, 1.0, 0.3, -1.0])), torch.tensor([-1, 0.75, 2, 0.25])
    )


@pytest.mark.parametrize("feature_range", [(-1, 1), (0, 1), [-3.0, 2.5], np.array([0.5, 1.0])])
@pytest.mark.parametrize("names", [("data_min_", "data_max_"), ("scale_", "min_"), ()])
def test_a_scaler_to_another_range_is_normalized_as_it_did(feature_range: Any, names: tuple) -> None:
    low, high = LOW, torch.tensor([3.0, 0.75, 4.0, 1.25])
    lowest, highest = map(float, feature_range)
    scale = (highest - lowest) / (high - low)
    fields = {"scale_": scale, "min_": lowest - low * scale, "data_min_": low, "data_max_": high}
    kept = {name: fields[name] for name in names or fields}
    normalizer = normalizer_of({**kept, "feature_range": feature_range})
    x = torch.tensor([0.3, 0.6, 2.5, 0.75])
    torch.testing.assert_close(normalizer.normalize(x), x * scale + fields["min_"], rtol=0, atol=1e-5)


def test_a_channel_that_never_changes_keeps_its_value_in_another_range() -> None:
    normalizer = normalizer_of({"data_min_": LOW, "data_max_": HIGH, "feature_range": (0, 1)})
    torch.testing.assert_close(normalizer.denormalize(torch.full((4,), 0.3))[2], LOW[2])


@pytest.mark.parametrize(
    "feature_range",
    [
        None,
        7,
        "ab",
        (-1, 0, 1),
        (1, -1),
        (1, 1),
        (0, float("nan")),
        (0, float("inf")),
        (0, 10**400),
        (0, 1j),
        inert({}),
        torch.ones(1).expand(10**12),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("names", [("data_min_", "data_max_"), ("scale_", "min_")])
def test_refuses_a_range_that_is_none(feature_range: Any, names: tuple[str, str]) -> None:
    fields = {name: scaler_fields(LOW, HIGH)[name] for name in names}
    with pytest.raises(
        ValueError, match="feature_range must be two finite numbers in ascending order"
    ) as caught:
        normalizer_of({**fields, "feature_range": feature_range})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scale_": torch.ones(3)}, r"scale_ must have the shape \(4,\), has \(3,\)"),
        ({"min_": torch.tensor([0.0, float("nan"), 0, 0])}, "min_ must be finite, and is not in 1 channels"),
        ({"scale_": torch.tensor([1.0, 0, 1, 1])}, "scale_ must be above 0"),
        (
            {"data_min_": LOW - torch.tensor([0, 0.1, 0, 0])},
            "must follow from .* off by up to 0.1 in channel 1",
        ),
        ({"data_max_": HIGH + torch.tensor([0, 0.5, 0, 0])}, "off by up to 0.5 in channel 1"),
        ({"min_": {"a": 1}}, "min_ must be numbers, is a dict"),
        ({"min_": [10**400] * 4}, "min_ must be numbers, is a list"),
        ({"min_": torch.ones(4).to_sparse()}, "dense tensor of real numbers, is sparse_coo of float32"),
        ({"min_": torch.ones(4, dtype=torch.complex64)}, "real numbers, is strided of complex64"),
        ({"min_": torch.ones(1).expand(4)}, "min_ must be a dense tensor"),
        ({"data_max_": torch.ones(1).expand(10**12)}, r"has \(1000000000000,\)"),
    ],
)
def test_refuses_fields_that_cannot_be(changed: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        normalizer_of({**scaler_fields(LOW, HIGH), **changed})


def test_refuses_none_and_two() -> None:
    fields = {"data_min_": LOW, "data_max_": HIGH}
    with pytest.raises(ValueError, match="it holds none"):
        scaler_range(inert({"scaler": inert({"mean_": LOW})}), 4, "file")
    with pytest.raises(ValueError, match="it holds 2"):
        scaler_range([inert(fields), inert(dict(fields))], 4, "file")
    with pytest.raises(ValueError, match="must not be above"):
        scaler_range({"data_min_": HIGH, "data_max_": LOW}, 4, "file")


def test_an_object_that_holds_itself_is_searched_once() -> None:
    fields: dict = {"data_min_": LOW, "data_max_": HIGH}
    fields["myself"] = inert(fields)
    assert scaler_range(fields["myself"], 4, "file")[0].equal(LOW)
