from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from macedance.geometry import anny_humans, human_body
from macedance.geometry.body_model import BodyModel
from macedance.geometry.human_body import human_arrays, human_file, kept_humans, name_of, traits_of

from ..stick_human import stick_anny


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no anny."""
    monkeypatch.setattr(human_body, "user_cache_path", lambda name: tmp_path)
    install(monkeypatch, None)
    return tmp_path / "bodies"


def install(monkeypatch: pytest.MonkeyPatch, version: str | None) -> None:
    monkeypatch.setattr(human_body, "anny_version", lambda: version)
    monkeypatch.setitem(sys.modules, "anny", stick_anny() if version else None)


@pytest.mark.parametrize(
    "name",
    [
        "anny:size=1",
        "anny:gender=2",
        "anny:gender=-0.1",
        "anny:gender=nan",
        "anny:gender",
        "anny:gender=0,gender=1",
    ],
)
def test_wrong_traits_are_refused(name: str) -> None:
    with pytest.raises(
        ValueError, match=r"numbers in \[0, 1\] of gender, age, muscle, weight, proportions, got"
    ):
        traits_of(name)


def test_equal_humans_have_one_name() -> None:
    for name in ("anny", "anny:", "anny:age=0.5"):
        assert name_of(traits_of(name)) == "anny"
    assert name_of(traits_of("anny:gender=-0")) == name_of(traits_of("anny:gender=0")) == "anny:gender=0"
    assert name_of(traits_of("anny:weight=.70,age=0.5,gender=0")) == "anny:gender=0,weight=0.7"


def test_is_made_once_and_kept(cache: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    install(monkeypatch, "9.1")
    made = human_arrays({"weight": 0.7})
    assert "making the body anny:weight=0.7, once" in capsys.readouterr().err
    (kept,) = cache.iterdir()
    assert kept.name == f"anny-weight=0.7-{human_body.FORMAT}-9.1.npz"
    install(monkeypatch, None)
    again = human_arrays({"weight": 0.7})
    assert capsys.readouterr().err == ""
    assert made.keys() == again.keys()
    for name, array in made.items():
        np.testing.assert_array_equal(array, again[name])
    assert BodyModel.from_arrays(again).floor_height == pytest.approx(-1.232, abs=1e-5)


def test_one_that_is_damaged_is_made_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "9.1")
    whole = human_arrays({})
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:5000])
    install(monkeypatch, None)
    with pytest.raises(ValueError, match=rf"^body: {kept}, .*damaged; remove it, .*pip install"):
        human_arrays({})
    install(monkeypatch, "9.1")
    for name, array in human_arrays({}).items():
        np.testing.assert_array_equal(array, whole[name])
    install(monkeypatch, None)
    assert human_arrays({}).keys() == whole.keys()
    assert list(cache.iterdir()) == [kept]


def test_traits_versions_and_formats_are_kept_apart(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "9.1")
    thin, thick = (human_file({"weight": weight}) for weight in (0.1, 0.9))
    width = [
        BodyModel.from_arrays(human_arrays({"weight": weight})).rest_vertices[:, 2].max()
        for weight in (0.1, 0.9)
    ]
    assert width[0] < width[1]
    install(monkeypatch, "9.2")
    other = human_file({"weight": 0.9})
    assert len({thin, thick, other}) == 3
    assert kept_humans({"weight": 0.9}) == [thick, other]
    assert len(kept_humans()) == 3
    monkeypatch.setattr(human_body, "FORMAT", human_body.FORMAT + 1)
    assert kept_humans() == []


def test_shape_directions_are_weight_and_muscle(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "9.1")
    directions = human_arrays({})["shapedirs"]
    assert np.abs(directions[..., 1]).max() > 0.005
    np.testing.assert_allclose(directions[..., 2], 0, atol=1e-6)  # the human of tubes has no muscles


def test_without_anny_it_is_told_how_to_install_it(cache: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r'pip install "macedance\[body\]"'):
        human_file({})
    assert not cache.exists()


def test_a_failure_leaves_no_half_a_body(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "9.1")
    monkeypatch.setattr(np, "savez", lambda file, **arrays: (file.write(b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        human_file({})
    assert not list(cache.iterdir())


def test_the_version_of_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> str:
        raise anny_humans.PackageNotFoundError(name)

    monkeypatch.setattr(anny_humans, "version", gone)
    assert anny_humans.anny_version() is None
