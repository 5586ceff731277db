from __future__ import annotations

import sys

import av.codec
import pytest
from av.codec.codec import UnknownCodecError

from macedance.commands.doctoring import media
from macedance.commands.doctoring.finding import Found, Probe, examined
from macedance.render import backend


def only(look) -> Found:
    (found,) = look()
    return found


@pytest.mark.parametrize(
    ("chosen", "works", "state", "told"),
    [
        (None, True, "ok", "OpenGL"),
        (None, False, "missing", "no window opens"),
        ("opengl", True, "ok", "OpenGL, as MACEDANCE_RENDERER says"),
        ("opengl", False, "problem", "MACEDANCE_RENDERER=opengl, but no window opens"),
        ("software", True, "ok", "software, as MACEDANCE_RENDERER says"),
        ("vulkan", True, "problem", "MACEDANCE_RENDERER=vulkan is neither"),
    ],
)
def test_renderer(
    chosen: str | None, works: bool, state: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(backend.RENDERER_VARIABLE, raising=False)
    if chosen:
        monkeypatch.setenv(backend.RENDERER_VARIABLE, chosen)
    monkeypatch.setattr(backend, "default_renderer", lambda: "opengl" if works else "software")
    found = only(media.renderer)
    assert found.state == state
    assert told in found.told
    assert bool(found.remedy) == (state != "ok")


@pytest.mark.parametrize("lacking", [(), ("libx264",), ("libx264", "aac")])
def test_encoders(lacking: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    there = av.codec.Codec

    def codec(name: str, mode: str) -> av.codec.Codec:
        if name in lacking:
            raise UnknownCodecError(name)
        return there(name, mode)

    monkeypatch.setattr(av.codec, "Codec", codec)
    found = only(media.encoders)
    assert found.state == ("problem" if lacking else "ok")
    assert all(f"no {name}" in found.told or f"no encoder {name}" in found.told for name in lacking)
    assert found.remedy == (media.REINSTALL_AV if lacking else "")


def test_songs_and_their_features() -> None:
    assert "FLAC" in only(media.sound_files).told
    assert "librosa 0.11" in only(media.music_features).told


@pytest.mark.parametrize(
    ("package", "look"),
    [("numba", media.music_features), ("soundfile", media.sound_files), ("av", media.encoders)],
)
def test_a_package_that_is_gone_is_a_problem(package: str, look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (found,) = examined([Probe("a", "b", look)])
    assert found.state == "problem"
    assert package in found.told
