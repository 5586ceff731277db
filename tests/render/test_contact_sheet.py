from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.contact_sheet import contact_sheet, fast_moments
from macedance.render.scene import Scene


@pytest.mark.parametrize(
    ("num_images", "columns", "shape"), [(5, 3, (160, 180, 3)), (2, 8, (80, 120, 3)), (1, 1, (80, 60, 3))]
)
def test_images_stand_in_rows(
    num_images: int, columns: int, shape: tuple[int, ...], standing: Motion, magenta_body: BodyModel
) -> None:
    sheet = contact_sheet(
        standing, num_images=num_images, columns=columns, size_px=(60, 80), body=magenta_body
    )
    assert sheet.shape == shape
    assert sheet.dtype == np.uint8


def test_shows_the_chosen_frames(arms_up: Motion, magenta_body: BodyModel) -> None:
    poses = arms_up.poses * torch.linspace(0, 1, 15)[:, None, None]
    motion = Motion(poses, arms_up.trans)
    sheet = contact_sheet(motion, frames=[14, 3], size_px=(60, 80), body=magenta_body)
    pictures = Scene(motion, body=magenta_body, size_px=(60, 80)).frames([14, 3])
    for place, picture in enumerate(pictures):
        shown = sheet[:, 60 * place : 60 * (place + 1)]
        assert np.array_equal(shown[:60], picture[:60])
        assert not np.array_equal(shown[60:], picture[60:]), "the time is written at the bottom"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_images": 0}, "num_images must be at least 1"),
        ({"columns": 0}, "columns must be at least 1"),
        ({"frames": [0, 15]}, r"frames must be one or more of 0\.\.14, got \[0, 15\]"),
        ({"frames": []}, "frames must be one or more"),
        ({"num_images": 3, "labels": ["1", "2"]}, "labels must be as many as images, 3, got 2"),
    ],
)
def test_mistakes_are_named(arguments: dict, message: str, standing: Motion) -> None:
    with pytest.raises(ValueError, match=message):
        contact_sheet(standing, **arguments)


def test_finds_the_fast_moments() -> None:
    trans = torch.zeros(120, 3)
    trans[20:, 0] += 0.3
    trans[22:, 0] += 0.1
    trans[80:, 2] += 0.2
    motion = Motion(torch.zeros(120, 24, 3), trans)
    assert fast_moments(motion, 2) == [19, 79]
    assert len(fast_moments(motion, 500)) < 20


def test_labels_and_title_are_written_where_they_belong(standing: Motion, magenta_body: BodyModel) -> None:
    def sheet(**texts: object) -> np.ndarray:
        return contact_sheet(standing, frames=[0, 5], size_px=(60, 80), body=magenta_body, **texts)

    timed, plain = sheet(), sheet(labels=["", ""])
    assert np.array_equal(sheet(labels=["0.00 s", "0.17 s"]), timed)
    lettered, titled = sheet(labels=["", "and"]), sheet(labels=["", ""], title="rock")
    changed = [np.nonzero((picture != plain).any(axis=-1)) for picture in (lettered, titled)]
    assert changed[0][1].min() >= 60
    assert changed[0][0].min() >= 60
    assert changed[1][1].max() < 60
    assert 1 <= changed[1][0].min() < 6 < changed[1][0].max() < 20
