from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.backend import RENDERER_VARIABLE
from macedance.render.background import background
from macedance.render.body_renderer import BodyRenderer
from macedance.render.scene import CHUNK_FRAMES

SIZE_PX = (120, 200)
MAGENTA = (1.0, 0.05, 1.0)
SURE = ("neck", "hip", "knee", "shoulder", "elbow", "ankle")
"""Points that lie inside the flesh."""


@pytest.fixture(scope="module")
def dance() -> Motion:
    poses, trans = choreograph(make_song(8, 3, sample_rate=8000), 3, fps=30)
    return Motion(torch.from_numpy(poses), torch.from_numpy(trans)).crop(60, 180)


@pytest.fixture(scope="module")
def renderer() -> BodyRenderer:
    body = BodyModel()
    return BodyRenderer(body, np.tile(MAGENTA, (body.num_vertices, 1)))


@pytest.fixture
def green() -> PIL.Image.Image:
    """A picture whose colours change from place to place and are never the body's."""
    columns, rows = np.meshgrid(np.arange(90), np.arange(160))
    return PIL.Image.fromarray(np.stack([columns, 255 - rows, columns], axis=-1).astype(np.uint8))


@pytest.fixture
def somebody(dance: Motion, green: PIL.Image.Image) -> Reference:
    """A picture with a person who is short and broad, at the right."""
    points = Projector().project(dance.crop(0, 1), size_px=green.size).points[0].astype(float)
    points[:, :2] = points[:, :2] * [0.6, 0.45] + [35, 60]
    points[:, 2] = 1.0
    return Reference(green, points)


def inside(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which of the visible points (K, 3), of those that lie inside the flesh, fall on the mask."""
    sure = [name.split("_")[-1] in SURE for name in POINT_NAMES]
    columns, rows = points[sure & (points[:, 2] >= 0.5), :2].astype(int).T
    return mask[rows, columns]


@pytest.mark.parametrize("projector", [Projector(), Projector(orthographic=True)])
def test_the_body_covers_the_pose_of_the_same_projector(
    dance: Motion,
    renderer: BodyRenderer,
    green: PIL.Image.Image,
    body_mask: Callable[[np.ndarray], np.ndarray],
    projector: Projector,
) -> None:
    seen_alike = BodyRenderer(renderer.body, renderer.colors, projector)
    motion = dance.crop(0, 60)
    sequence = projector.project(motion, size_px=SIZE_PX, fps=5)
    video = seen_alike.render(motion, Reference(green), size_px=SIZE_PX, fps=5)
    frames = list(video.frames)
    assert len(frames) == video.num_frames == sequence.num_frames == 10
    hits = np.concatenate(
        [inside(body_mask(frame), points) for frame, points in zip(frames, sequence.points, strict=True)]
    )
    assert len(hits) > 80
    assert hits.mean() > 0.97
    assert all(0.02 < body_mask(frame).mean() < 0.3 for frame in frames)


@pytest.mark.parametrize("name", ["opengl", "software"])
def test_the_body_stands_where_the_person_stood(
    dance: Motion,
    renderer: BodyRenderer,
    somebody: Reference,
    body_mask: Callable[[np.ndarray], np.ndarray],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "software":
        monkeypatch.setenv(RENDERER_VARIABLE, name)
    motion = dance.crop(0, 20)
    sequence = Projector().project(motion, size_px=SIZE_PX, fps=6, reference=somebody)
    frames = list(renderer.render(motion, somebody, size_px=SIZE_PX, fps=6).frames)
    hits = np.concatenate(
        [inside(body_mask(frame), points) for frame, points in zip(frames, sequence.points, strict=True)]
    )
    assert hits.mean() > 0.95
    columns = np.nonzero(body_mask(frames[0]))[1]
    assert columns.mean() > SIZE_PX[0] / 2


def test_the_background_stays_put(
    dance: Motion, renderer: BodyRenderer, green: PIL.Image.Image, body_mask: Callable
) -> None:
    behind = background(Reference(green), SIZE_PX)
    frames = np.stack(
        list(renderer.render(dance.crop(0, 20), Reference(green), size_px=SIZE_PX, fps=5).frames)
    )
    is_never_covered = ~(frames != behind).any(axis=-1).any(axis=0)
    assert is_never_covered.mean() > 0.5
    shadow = (frames.sum(-1) < behind.sum(-1).astype(int) - 20) & ~np.stack([body_mask(f) for f in frames])
    assert 0.002 < shadow.mean() < 0.1
    assert np.nonzero(shadow)[1].mean() > SIZE_PX[1] / 2


def test_the_person_lends_the_body_its_colours(dance: Motion, somebody: Reference) -> None:
    assert somebody.keypoints is not None
    picture = np.zeros((160, 90, 3), np.uint8)
    picture[...] = (200, 30, 30)
    reference = Reference(PIL.Image.fromarray(picture), somebody.keypoints)
    (frame,) = BodyRenderer().render(dance.crop(0, 1), reference, size_px=(90, 160)).frames
    red, green, blue = frame.reshape(-1, 3).T.astype(int)
    assert (red > green + 10).mean() > 0.95  # clothes, skin and what is behind are of one hue
    assert (np.abs(green - blue) < 40).all()


def test_frames_are_made_when_they_are_asked_for(
    dance: Motion, renderer: BodyRenderer, green: PIL.Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, int]] = []
    posed: list[int] = []
    original = BodyModel.vertices
    monkeypatch.setattr(
        BodyModel, "vertices", lambda body, motion: posed.append(motion.num_frames) or original(body, motion)
    )
    video = renderer.render(
        dance, Reference(green), size_px=(32, 32), fps=24, on_progress=lambda *done: made.append(done)
    )
    assert made == []
    frames = iter(video.frames)
    next(frames)
    next(frames)
    assert made == [(1, 96), (2, 96)]
    assert max(posed) <= CHUNK_FRAMES
    assert sum(posed) <= 2 * CHUNK_FRAMES
    assert sum(1 for _ in frames) == 94


def test_the_shape_of_the_dancer_does_not_move_the_body_off_its_pose(
    dance: Motion, renderer: BodyRenderer, green: PIL.Image.Image
) -> None:
    one = dance.crop(0, 1)
    tall = replace(one, betas=torch.tensor([5.0] + [0.0] * 9))
    first, second = (
        next(iter(renderer.render(motion, Reference(green), size_px=SIZE_PX).frames))
        for motion in (one, tall.to_up_axis("z"))
    )
    assert np.abs(first.astype(int) - second).mean() < 0.1


def test_equal_input_gives_equal_frames(dance: Motion, renderer: BodyRenderer, somebody: Reference) -> None:
    runs = [
        list(renderer.render(dance.crop(0, 3), somebody, size_px=SIZE_PX, generator=generator).frames)
        for generator in (None, torch.Generator().manual_seed(1))
    ]
    assert np.array_equal(*runs)


def test_each_vertex_has_a_colour() -> None:
    with pytest.raises(ValueError, match=r"colors must be \(\d+, 3\), one for each vertex .* got \(3, 3\)"):
        BodyRenderer(colors=np.zeros((3, 3)))
