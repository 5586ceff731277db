from __future__ import annotations

from collections.abc import Iterator

import pytest

from macedance.commands.doctoring.finding import Finding, Found, Probe, can_dance, examined


def breaking(error: BaseException) -> Iterator[Found]:
    yield Found("ok", "before")
    raise error


@pytest.mark.parametrize("error", [OSError("no\nsuch library"), SystemExit("it leaves"), ImportError("half")])
def test_a_probe_that_fails_is_a_problem_itself(error: BaseException) -> None:
    after = Probe("b", "after", lambda: [Found("missing", "a thing", "fetch it")])
    failed, other = examined([Probe("a", "broken", lambda: breaking(error), is_needed=True), after])
    assert (failed.section, failed.name, failed.state, failed.is_needed) == ("a", "broken", "problem", True)
    assert type(error).__name__ in failed.told
    assert "\n" not in failed.told
    assert failed.remedy
    assert other == Finding("b", "after", "missing", "a thing", "fetch it", False)


def test_an_interruption_is_none_of_a_probe() -> None:
    with pytest.raises(KeyboardInterrupt):
        examined([Probe("a", "broken", lambda: breaking(KeyboardInterrupt()))])


@pytest.mark.parametrize(
    ("state", "is_needed", "fit"),
    [("ok", True, True), ("missing", True, True), ("problem", False, True), ("problem", True, False)],
)
def test_only_a_problem_of_what_is_needed_keeps_from_dancing(state: str, is_needed: bool, fit: bool) -> None:
    found = Found(state, "told")  # type: ignore[arg-type]
    assert can_dance(examined([Probe("a", "b", lambda: [found], is_needed)])) is fit
