from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from macedance.cli import main


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_songs_of_minutes_are_written_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"song{suffix}"
    assert main(["data", "song", "--out", str(path), "--seconds", "150"]) == 0
    assert soundfile.info(path).duration == pytest.approx(150)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
