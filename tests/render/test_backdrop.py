from __future__ import annotations

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.render.backend import RENDERER_VARIABLE, create_renderer, default_renderer
from macedance.render.look import Look
from macedance.render.scene import Scene
from macedance.render.surface import ColoredTriangles

WIDTH, HEIGHT = 64, 48
CAMERA = Camera(np.array([0.0, 1.0, 5.0]), np.array([0.0, 1.0, 0.0]))
PARALLEL = Camera(np.array([0.0, 1.0, 5.0]), np.array([0.0, 1.0, 0.0]), parallel_height_metres=3.0)


@pytest.fixture(params=["opengl", "software"])
def _each_renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "opengl" and default_renderer() == "software":
        pytest.skip("no OpenGL on this machine")
    monkeypatch.setenv(RENDERER_VARIABLE, request.param)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def square(center: tuple[float, float], side: float) -> ColoredTriangles:
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * side / 2
    rgba = np.tile(np.array([255, 0, 255, 255], np.uint8), (4, 1))
    points = corners + np.array([*center, 0.0])
    return ColoredTriangles(points, np.array([[0, 1, 2], [0, 2, 3]]), rgba, solid=True)


@pytest.mark.usefixtures("_each_renderer")
def test_a_backdrop_is_kept_where_nothing_is_drawn(noise: np.ndarray) -> None:
    renderer = create_renderer((WIDTH, HEIGHT), noise)
    for side in (0.5, 0.8):
        picture = renderer.draw([square((0.0, 1.0), side)], CAMERA)
        changed = (picture != noise).any(axis=-1)
        rows, columns = np.nonzero(changed)
        assert changed[HEIGHT // 2, WIDTH // 2]
        assert np.ptp(columns) + 1 == pytest.approx(side * HEIGHT / 2 / np.tan(np.radians(13)) / 5, abs=3)
        assert rows.mean() == pytest.approx(HEIGHT / 2 - 0.5, abs=1)
    renderer.close()


@pytest.mark.usefixtures("_each_renderer")
@pytest.mark.parametrize("camera", [CAMERA, PARALLEL])
def test_a_moved_picture_shows_things_where_the_camera_projects_them(camera: Camera) -> None:
    moved = camera.with_picture_moved(0.7, (12.0, -3.0), (WIDTH, HEIGHT))
    place = np.array([0.2, 1.15, 0.0])
    before, _ = camera.project(place, (WIDTH, HEIGHT))
    after, _ = moved.project(place, (WIDTH, HEIGHT))
    np.testing.assert_allclose(after, 0.7 * before + [12.0, -3.0], atol=1e-9)
    renderer = create_renderer((WIDTH, HEIGHT), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    rows, columns = np.nonzero(renderer.draw([square((0.2, 1.15), 0.4)], moved)[..., 0] > 127)
    renderer.close()
    np.testing.assert_allclose([columns.mean() + 0.5, rows.mean() + 0.5], after, atol=0.8)


def test_a_backdrop_has_the_pictures_size(noise: np.ndarray) -> None:
    with pytest.raises(
        ValueError, match=r"backdrop must have the shape \(64, 48, 3\) of the picture, got \(48"
    ):
        create_renderer((HEIGHT, WIDTH), noise)


@pytest.mark.usefixtures("_each_renderer")
def test_a_still_camera_sees_the_floor_under_a_body_that_moves(noise: np.ndarray) -> None:
    """The floor is drawn once; the frames are those of a camera that stands still without knowing it."""
    trans = torch.zeros(2, 3)
    trans[1, 0] = 0.3
    motion = Motion(torch.zeros(2, 24, 3), trans)
    camera = Camera(np.array([0.0, 0.5, 5.0]), np.array([0.0, -0.5, 0.0]))
    scene = Scene(motion, size_px=(WIDTH, HEIGHT), camera=camera, look=Look(backdrop=noise))
    still = list(scene.frames())
    scene._is_still = False
    for one, other in zip(still, scene.frames(), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 1.0
    assert np.abs(still[0].astype(int) - still[1]).mean() > 2.0
    assert (still[0][-8:] != noise[-8:]).mean() > 0.5


def test_a_look_colours_the_body() -> None:
    body = BodyModel()
    red = np.tile([1.0, 0.0, 0.0], (body.num_vertices, 1))
    look = Look(albedo=red, backdrop=np.zeros((HEIGHT, WIDTH, 3), np.uint8), floor_colors=None)
    scene = Scene(Motion(torch.zeros(1, 24, 3), torch.zeros(1, 3)), size_px=(WIDTH, HEIGHT), look=look)
    (picture,) = scene.frames()
    body_pixels = picture[picture[..., 0] > 60].astype(int)
    assert len(body_pixels) > 100
    assert (body_pixels[:, 0] > body_pixels[:, 1]).mean() > 0.95
