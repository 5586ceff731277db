"""Ten training steps give the losses that they gave before, to the last bit."""

from __future__ import annotations

import json

import pytest

from .record import FILE, NAMES, maker, measure

pytestmark = pytest.mark.slow

TOLERANCE = 1e-3  # relative; other kernels for the same arithmetic change ten steps by 1e-4
CHANGED = (
    "The losses of training are not those of {file}. Something has changed what is trained on, the network, the loss "
    "or the optimizer: find out what before you believe it to be meant. If it is, write the file anew by "
    "`python tests/golden/record.py`, and tell in the change why."
)


@pytest.fixture(scope="module")
def measured() -> dict[str, list[str]]:
    return measure()


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_the_golden_ones(measured: dict[str, list[str]], name: str) -> None:
    golden = json.loads(FILE.read_text())
    expected, found = golden["losses"][name], measured[name]
    if {key: golden[key] for key in maker()} == maker():
        assert found == expected, CHANGED.format(file=FILE)
    else:
        assert _numbers(found) == pytest.approx(_numbers(expected), rel=TOLERANCE), CHANGED.format(file=FILE)


@pytest.mark.parametrize(
    "changed",
    [
        "motion, other seed",
        "motion, other loss weight",
        "motion, other order",
        "kinematic, other order",
        "kinematic, other relay",
        "aesthetic, other seed",
        "aesthetic, other order",
    ],
)
def test_what_matters_changes_the_losses(measured: dict[str, list[str]], changed: str) -> None:
    same = measured[changed.partition(",")[0]]
    assert _numbers(measured[changed]) != pytest.approx(_numbers(same), rel=TOLERANCE)


def _numbers(losses: list[str]) -> list[float]:
    return [float.fromhex(loss) for loss in losses]
