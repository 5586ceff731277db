from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from macedance.geometry.npz_files import npz_shapes, parse_npz


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_shapes_are_told_by_the_headers_alone(tmp_path: Path, save) -> None:
    path = tmp_path / "a.npz"
    save(
        path,
        poses=np.random.default_rng(0).normal(size=(50, 72)),
        fps=np.array(30),
        names=np.array([{}], object),
    )
    assert npz_shapes(path) == {"poses": (50, 72), "fps": (), "names": (1,)}
    data = bytearray(path.read_bytes())
    data[5000:6000] = bytes(1000)
    path.write_bytes(bytes(data))
    assert npz_shapes(path)["poses"] == (50, 72)
    with path.open("rb") as file, pytest.raises(ValueError, match="no whole npz archive"):
        parse_npz(file, {"poses"})


def test_files_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"PK garbage")
    with pytest.raises(ValueError, match=r"a\.npz' must be an npz of plain arrays"):
        npz_shapes(tmp_path / "a.npz")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        npz_shapes(tmp_path / "none.npz")
