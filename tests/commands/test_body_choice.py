from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from macedance.commands.body_choice import SHIRT, SKIN, TROUSERS, body_file, chosen_body
from macedance.geometry import human_body
from macedance.geometry.body_model import BodyModel
from macedance.geometry.skeleton import JOINT_NAMES
from macedance.hashes import file_hash

from ..stick_human import stick_anny


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(human_body, "user_cache_path", lambda name: tmp_path)
    monkeypatch.setattr(human_body, "anny_version", lambda: "9.1")
    monkeypatch.setitem(sys.modules, "anny", stick_anny())
    return tmp_path / "bodies"


def test_the_mannequin_dances_if_nobody_is_named() -> None:
    body, made = chosen_body(None)
    assert body.num_vertices == BodyModel().num_vertices
    assert made == {"id": "body", "sha256": None}


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    BodyModel().save(path)
    body, made = chosen_body(str(path))
    assert body.num_vertices == BodyModel().num_vertices
    assert made == {"id": "mine.npz", "sha256": file_hash(path)}


def test_a_human_is_dressed(cache: Path) -> None:
    body, made = chosen_body("anny:weight=0.6,age=0.5")
    (kept,) = cache.iterdir()
    assert made == {"id": "anny:weight=0.6", "sha256": file_hash(kept)}
    assert body.colors is not None
    for joint, color in (("left_hand", SKIN), ("spine3", SHIRT), ("right_hip", TROUSERS)):
        own = body.skin_weights[:, JOINT_NAMES.index(joint)] > 0.99
        np.testing.assert_allclose(body.colors[own], np.tile(color, (own.sum(), 1)), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "file"), [(None, ""), ("anny", ""), ("anny:age=1", ""), ("a/anny.npz", "a/anny.npz")]
)
def test_only_a_file_is_read_from_a_file(name: str | None, file: str) -> None:
    assert body_file(name) == file
