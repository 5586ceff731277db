from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from macedance.projection.blazepose_tracking import track_body

WIDTH, HEIGHT = 160, 120


class SquareFinder:
    """Both networks at once, for a white square of 8 pixels that is taken for a person upright."""

    def __init__(self) -> None:
        self.num_looked_for, self.finds_persons = 0, True

    def person(self, pixels: np.ndarray) -> list[np.ndarray]:
        self.num_looked_for += 1
        values, logits = np.zeros((1, 2254, 12)), np.full((1, 2254, 1), -50.0)
        rows, columns = np.nonzero(pixels[0, ..., 0] > 0)
        if len(rows) and self.finds_persons:
            middle = np.array([columns.mean(), rows.mean()]) + 0.5 - 4  # of the first anchor, at 4, 4
            logits[0, 0], values[0, 0, :4] = 5.0, [*middle, 40, 40]
            values[0, 0, 4:8] = [*middle, *(middle - (0, 30))]
        return [logits, values]

    def landmarks(self, pixels: np.ndarray) -> list[np.ndarray]:
        values, score = np.full((39, 5), 9.0), 0.1
        rows, columns = np.nonzero(pixels[0, ..., 0] > 0.5)
        if len(rows):
            score = 0.9
            values[:, :2] = columns.mean() + 0.5, rows.mean() + 0.5
            values[34, 1] -= 100
        return [values.reshape(1, 195), np.array([[score]]), np.full((1, 64, 64, 39), -20.0)]

    def track(self, frames: list[np.ndarray]) -> np.ndarray:
        return np.stack(list(track_body(frames, self.person, self.landmarks)))


def frame_with(x: float | None) -> np.ndarray:
    """A picture with the square's middle at x, 60; none if there is no x."""
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    if x is not None:
        frame[56:64, int(x) - 4 : int(x) + 4] = 255
    return frame


@pytest.fixture
def finder() -> SquareFinder:
    return SquareFinder()


def test_a_body_is_followed_without_looking_for_it_again(finder: SquareFinder) -> None:
    places = [40 + 3 * index for index in range(12)]
    found = finder.track([frame_with(x) for x in places])
    assert found.shape == (12, 25, 3)
    np.testing.assert_allclose(found[:, 5, 0], places, atol=0.5)
    np.testing.assert_allclose(found[:, 5, 1], 60, atol=0.5)
    assert (found[:, 5, 2] > 0.99).all()
    assert finder.num_looked_for == 1


def test_a_body_that_is_suddenly_elsewhere_is_found_in_the_same_frame(finder: SquareFinder) -> None:
    found = finder.track([frame_with(x) for x in (30, 30, 130, 130)])
    np.testing.assert_allclose(found[:, 0, 0], [30, 30, 130, 130], atol=0.5)
    assert finder.num_looked_for == 2


def test_frames_with_nobody_have_no_confidence_and_the_next_ones_go_on(finder: SquareFinder) -> None:
    found = finder.track([frame_with(x) for x in (None, 40, 42, None, None, 44, 46)])
    is_there = (found[..., 2] > 0).any(axis=1)
    assert is_there.tolist() == [False, True, True, False, False, True, True]
    assert (found[~is_there] == 0).all()
    np.testing.assert_allclose(found[is_there, 0, 0], [40, 42, 44, 46], atol=0.5)


def test_a_body_is_still_known_where_it_was_when_it_cannot_be_found_in_the_whole_picture(
    finder: SquareFinder,
) -> None:
    def frames() -> Iterator[np.ndarray]:
        yield frame_with(40)
        finder.finds_persons = False
        yield from (frame_with(x) for x in (None, None, 44))

    found = np.stack(list(track_body(frames(), finder.person, finder.landmarks)))
    assert (found[:, 0, 2] > 0).tolist() == [True, False, False, True]


def test_frames_are_taken_one_by_one(finder: SquareFinder) -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for x in (40, 42, 44):
            taken.append(x)
            yield frame_with(x)

    found = track_body(frames(), finder.person, finder.landmarks)
    next(found)
    assert taken == [40]
