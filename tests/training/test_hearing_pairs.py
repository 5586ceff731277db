from __future__ import annotations

import json
from pathlib import Path

import hearing_pairs
import numpy as np
import pytest
from teach_hearing import read_pairs

from macedance.data.genres import GENRES
from macedance.data.music_features import ONSET_STRENGTH

from .tiny_training import refusal, run_script

OPTIONS = ["--seconds", 4, "--workers", 1]


def make_pairs(folder: Path, monkeypatch: pytest.MonkeyPatch, num_songs: int) -> None:
    monkeypatch.setattr(hearing_pairs, "SONGS_IN_A_PART", 2)
    run_script(hearing_pairs.main, monkeypatch, "--out", folder, "--songs", num_songs, *OPTIONS)


def test_parts_hold_songs_clean_and_as_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_pairs(tmp_path, monkeypatch, num_songs=3)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["0000.npz", "0001.npz", "settings.json"]
    recorded, clean, genre = read_pairs(files[:2])
    assert recorded.shape == clean.shape == (4, 120, 35)
    assert recorded.isfinite().all()
    assert ((genre >= 0) & (genre < len(GENRES))).all()
    for one, other in ((recorded, clean), (clean[1:], clean[:-1])):
        assert (one.float() - other.float())[..., ONSET_STRENGTH].abs().amax(dim=1).min() > 0.1


def test_cut_off_it_makes_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_pairs(tmp_path, monkeypatch, num_songs=4)
    first, second = (tmp_path / f"000{number}.npz" for number in range(2))
    made = {name: array.copy() for name, array in np.load(second).items()}
    second.unlink()
    first.write_bytes(b"left as it is")
    make_pairs(tmp_path, monkeypatch, num_songs=4)
    assert first.read_bytes() == b"left as it is"
    again = np.load(second)
    for name, array in made.items():
        np.testing.assert_array_equal(again[name], array)


@pytest.mark.parametrize("other", [["--seconds", 5], ["--seed", 6]])
def test_songs_of_other_settings_are_refused_in_the_same_folder(
    other: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_pairs(tmp_path, monkeypatch, num_songs=2)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert json.loads(before["settings.json"]) == {"seconds": 4, "seed": 5}
    capsys.readouterr()
    arguments = ["--out", tmp_path, "--songs", 4, *OPTIONS, *other]
    said = refusal(hearing_pairs.main, monkeypatch, capsys, *arguments)
    told = 'holds songs of other settings, {"seconds": 4.0, "seed": 5}; choose another folder'
    assert said == f"{tmp_path} {told}"
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    make_pairs(tmp_path, monkeypatch, num_songs=4)
    assert {file.name for file in tmp_path.iterdir()} == {*before, "0001.npz"}
