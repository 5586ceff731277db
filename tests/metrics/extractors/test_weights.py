from __future__ import annotations

import hashlib
import re
import warnings
from pathlib import Path

import platformdirs
import pytest

from macedance.metrics.extractors.weights import I3D, MUSIQ, WeightFile, find_weights, weights_folder

CONTENT = b"weights"
FILE = WeightFile("net.pt", "https://example.org/net.pt", hashlib.sha256(CONTENT).hexdigest(), "Net")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MACEDANCE_WEIGHTS", str(tmp_path / "weights"))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def test_weights_are_looked_for_in_the_named_folder_or_the_users_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights_folder() == folder
    monkeypatch.delenv("MACEDANCE_WEIGHTS")
    assert weights_folder() == platformdirs.user_cache_path("macedance") / "weights"


def test_a_given_path_goes_before_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "net.pt").write_bytes(CONTENT)
    (tmp_path / "mine.pt").write_bytes(CONTENT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_weights(FILE) == folder / "net.pt"
        assert find_weights(FILE, tmp_path / "mine.pt") == tmp_path / "mine.pt"


def test_a_missing_file_is_told_with_its_source_and_its_place(folder: Path) -> None:
    with pytest.raises(FileNotFoundError) as told:
        find_weights(I3D)
    message = str(told.value)
    assert "\n" not in message
    for part in ("TorchScriptI3D", "i3d_torchscript.pt", I3D.source_url, str(folder), "or give its path"):
        assert part in message
    with pytest.raises(FileNotFoundError, match=r"exported \(docs/weights.md\) from https"):
        find_weights(MUSIQ)
    with pytest.raises(FileNotFoundError, match=re.escape("there is no elsewhere.pt")):
        find_weights(I3D, "elsewhere.pt")


def test_another_content_than_the_published_warns_of_both_sums(folder: Path) -> None:
    (folder / "net.pt").write_bytes(b"others")
    with pytest.warns(UserWarning, match="is not the published net.pt") as told:
        assert find_weights(FILE) == folder / "net.pt"
    assert hashlib.sha256(b"others").hexdigest() in str(told[0].message)
    assert str(FILE.sha256) in str(told[0].message)
