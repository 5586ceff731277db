from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.scene import CHUNK_FRAMES, Scene, render_motion

SIZE_PX = (96, 96)
Mask = Callable[[np.ndarray], np.ndarray]


def travelling(metres: float, num_frames: int = 90) -> Motion:
    trans = torch.zeros(num_frames, 3)
    trans[:, 0] = torch.linspace(0, metres, num_frames)
    return Motion(torch.zeros(num_frames, 24, 3), trans, fps=30.0)


def assert_inside(mask: np.ndarray, margin_px: int) -> None:
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    assert margin_px <= rows.min() < rows.max() < height - margin_px
    assert margin_px <= columns.min() < columns.max() < width - margin_px


@pytest.mark.parametrize("size_px", [(96, 96), (64, 112), (144, 80)])
@pytest.mark.parametrize("pose", ["standing", "arms_up"])
def test_whole_body_is_in_the_picture(
    pose: str,
    size_px: tuple[int, int],
    magenta_body: BodyModel,
    body_mask: Mask,
    request: pytest.FixtureRequest,
) -> None:
    motion = request.getfixturevalue(pose).crop(0, 1)
    (picture,) = render_motion(motion, body=magenta_body, size_px=size_px)
    assert picture.shape == (size_px[1], size_px[0], 3)
    assert picture.dtype == np.uint8
    mask = body_mask(picture)
    assert mask.mean() > 0.02
    assert_inside(mask, margin_px=3)


def test_camera_goes_along(magenta_body: BodyModel, body_mask: Mask) -> None:
    scene = Scene(travelling(3.0), body=magenta_body, size_px=SIZE_PX)
    pictures = list(scene.frames([0, 45, 89]))
    for picture in pictures:
        mask = body_mask(picture)
        assert_inside(mask, margin_px=2)
        assert np.nonzero(mask)[1].mean() == pytest.approx(SIZE_PX[0] / 2, abs=0.15 * SIZE_PX[0])
    assert np.ptp([camera.position[0] for camera in scene.cameras]) > 2.0


def test_travel_shows_on_the_floor(magenta_body: BodyModel) -> None:
    half_a_metre_apart = [30, 45]
    start, end = Scene(travelling(3.0), body=magenta_body, size_px=SIZE_PX).frames(half_a_metre_apart)
    floor_rows = slice(80, 96)
    assert np.abs(start[floor_rows].astype(int) - end[floor_rows]).mean() > 2


def test_picture_moves_when_the_motion_does(
    arms_up: Motion, magenta_body: BodyModel, body_mask: Mask
) -> None:
    poses = arms_up.poses * torch.linspace(0, 1, 15)[:, None, None]
    scene = Scene(replace(arms_up, poses=poses), body=magenta_body, size_px=SIZE_PX)
    first, middle, last = (body_mask(picture) for picture in scene.frames([0, 7, 14]))
    highest = [np.nonzero(mask)[0].min() for mask in (first, middle, last)]
    assert highest[0] > highest[2]
    assert np.mean(first ^ middle) > 0.01


def test_frames_are_deterministic(arms_up: Motion, magenta_body: BodyModel) -> None:
    motion = arms_up.crop(0, 2)
    first = list(render_motion(motion, body=magenta_body, size_px=SIZE_PX))
    second = list(render_motion(motion, body=magenta_body, size_px=SIZE_PX))
    assert np.array_equal(first, second)


def test_motion_is_resampled(standing: Motion, magenta_body: BodyModel) -> None:
    pictures = render_motion(replace(standing, fps=60.0), body=magenta_body, size_px=(32, 32), fps=12.0)
    assert len(list(pictures)) == 3


def test_z_up_motion_stands_upright(standing: Motion, magenta_body: BodyModel, body_mask: Mask) -> None:
    motion = standing.crop(0, 1)
    (upright,) = render_motion(motion, body=magenta_body, size_px=SIZE_PX)
    (turned,) = render_motion(motion.to_up_axis("z"), body=magenta_body, size_px=SIZE_PX)
    assert np.mean(body_mask(upright) ^ body_mask(turned)) < 0.002


def test_floor_lies_under_the_feet(standing: Motion, magenta_body: BodyModel) -> None:
    lifted = replace(standing, trans=standing.trans + torch.tensor([0.0, 0.4, 0.0]))
    scene = Scene(lifted, body=magenta_body, size_px=SIZE_PX)
    assert scene.stage.floor_height == pytest.approx(magenta_body.floor_height + 0.4, abs=1e-4)


def test_vertices_are_made_in_chunks(magenta_body: BodyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = BodyModel.vertices

    def recorded(self: BodyModel, motion: Motion) -> torch.Tensor:
        asked.append(motion.num_frames)
        return original(self, motion)

    monkeypatch.setattr(BodyModel, "vertices", recorded)
    next(render_motion(travelling(1.0, num_frames=300), body=magenta_body, size_px=(32, 32)))
    assert len(asked) == 2
    assert max(asked) <= CHUNK_FRAMES


def test_size_must_be_positive(standing: Motion) -> None:
    with pytest.raises(ValueError, match=r"size_px must be a positive .* got \(0, 96\)"):
        render_motion(standing, size_px=(0, 96))
