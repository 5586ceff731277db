from __future__ import annotations

import subprocess
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from macedance.geometry.body_model import BodyModel
from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.render import backend
from macedance.render.backend import RENDERER_VARIABLE, create_renderer, default_renderer
from macedance.render.scene import render_motion
from macedance.render.software_renderer import SoftwareRenderer
from macedance.render.surface import ColoredTriangles


@pytest.fixture
def forgotten_choice() -> Iterator[None]:
    default_renderer.cache_clear()
    yield
    default_renderer.cache_clear()


def probe_that_ends_with(returncode: int) -> Callable[..., subprocess.CompletedProcess]:
    return lambda *args, **kwargs: subprocess.CompletedProcess(args, returncode)


@pytest.mark.usefixtures("forgotten_choice")
def test_falls_back_to_software_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RENDERER_VARIABLE, raising=False)
    monkeypatch.setattr(backend.sys, "platform", "linux")
    monkeypatch.setattr(backend.subprocess, "run", probe_that_ends_with(-11))
    with pytest.warns(UserWarning, match="no working OpenGL.*libegl1"):
        renderer = create_renderer((16, 16))
    assert isinstance(renderer, SoftwareRenderer)


@pytest.mark.usefixtures("forgotten_choice")
def test_opengl_is_taken_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend.subprocess, "run", probe_that_ends_with(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert default_renderer() == "opengl"


def test_variable_must_name_a_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RENDERER_VARIABLE, "vulkan")
    with pytest.raises(ValueError, match="must be 'opengl' or 'software', got 'vulkan'"):
        create_renderer((16, 16))


def test_software_shows_what_opengl_shows(
    arms_up: Motion,
    magenta_body: BodyModel,
    body_mask: Callable[[np.ndarray], np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if default_renderer() == "software":
        pytest.skip("no OpenGL on this machine")
    pictures = {}
    for name in ("opengl", "software"):
        monkeypatch.setenv(RENDERER_VARIABLE, name)
        (pictures[name],) = render_motion(arms_up.crop(0, 1), body=magenta_body, size_px=(192, 192))
    first, second = (body_mask(picture) for picture in pictures.values())
    assert (first & second).sum() > 0.75 * (first | second).sum()
    assert np.abs(pictures["opengl"].astype(int) - pictures["software"]).mean() < 5


@pytest.mark.parametrize("name", ["opengl", "software"])
def test_layers_cover_one_another_in_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "opengl" and default_renderer() == "software":
        pytest.skip("no OpenGL on this machine")
    monkeypatch.setenv(RENDERER_VARIABLE, name)
    renderer = create_renderer((16, 16))
    camera = Camera(np.array([0.0, 3.0, 3.0]), np.zeros(3))
    corners = np.array([[-3.0, 0.0, -3.0], [3.0, 0.0, -3.0], [3.0, 0.0, 2.0], [-3.0, 0.0, 2.0]])

    def flat(red: int, opacity: int) -> ColoredTriangles:
        rgba = np.tile(np.array([red, 90, 60, opacity], dtype=np.uint8), (4, 1))
        return ColoredTriangles(corners, np.array([[0, 1, 2], [0, 2, 3]]), rgba)

    pictures = [
        renderer.draw([flat(200, 255), flat(0, opacity), flat(100, 51)], camera) for opacity in (0, 128, 255)
    ]
    renderer.close()
    assert [picture[8, 8, 0] for picture in pictures] == pytest.approx([180, 100, 20], abs=2)


def test_software_draws_body_and_shadow(
    standing: Motion,
    magenta_body: BodyModel,
    body_mask: Callable[[np.ndarray], np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(RENDERER_VARIABLE, "software")
    (picture,) = render_motion(standing.crop(0, 1), body=magenta_body, size_px=(96, 96))
    body = body_mask(picture)
    assert 0.02 < body.mean() < 0.3
    on_floor = picture[72:92][~body[72:92]].mean(axis=-1)
    assert on_floor.min() < 0.75 * np.median(on_floor)
