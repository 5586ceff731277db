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


@pytest.mark.parametrize("seconds", ["0.5", "3601", "inf", "nan"])
def test_lengths_that_cannot_be_are_refused(
    tmp_path: Path, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "song", "--out", str(tmp_path / "song.wav"), "--seconds", seconds]) == 2
    assert capsys.readouterr().err == f"macedance: --seconds must lie in 1..3600, got {seconds}\n"
    assert not list(tmp_path.iterdir())
