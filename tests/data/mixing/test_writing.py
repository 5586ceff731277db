from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from macedance.data import mixing
from macedance.data.mixing import DanceSource
from macedance.data.synthesis import SynthesisSettings

from ..packing.conftest import clips_in
from .conftest import SETTINGS, contents, mixed


def test_a_run_that_was_cut_off_goes_on_and_ends_with_the_same_bytes(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_quickly = mixing.make_clip

    def fail_at_the_tests(settings: SynthesisSettings, split: str, number: int) -> dict[str, Any]:
        if split == "test":
            raise KeyboardInterrupt
        return make_quickly(settings, split, number)

    monkeypatch.setattr(mixing, "make_clip", fail_at_the_tests)
    with pytest.raises(KeyboardInterrupt):
        mixed(tmp_path / "out", dances)
    monkeypatch.setattr(mixing, "make_clip", make_quickly)
    made_up.clear()
    assert mixed(tmp_path / "out", dances).is_new
    assert sorted(made_up) == [("test", 0), ("test", 1)]
    assert mixed(tmp_path / "whole", dances).is_new
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    again = mixed(tmp_path / "out", dances)
    assert not again.is_new
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(tmp_path: Path, dances: DanceSource) -> None:
    settings = SynthesisSettings({"train": 1, "val": 1, "test": 1}, seconds=8, clips_per_shard=2)
    for number in (3, 4, 5):
        (tmp_path / "in" / f"dance{number}.npz").unlink()
    for num_workers in (1, 2):
        mixed(tmp_path / str(num_workers), dances, settings, num_workers=num_workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_the_manifest_knows_the_recordings_but_not_where_they_are(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    mixed(tmp_path / "out", dances)
    text = (tmp_path / "out" / "manifest.json").read_text()
    assert str(tmp_path) not in text
    settings = json.loads(text)["settings"]
    assert settings.pop("real")["subset"] == "real"
    assert settings == SETTINGS.identity()
    with pytest.raises(FileExistsError, match="--overwrite"):
        mixed(tmp_path / "out", dances, real_share=0.25)
    os.utime(tmp_path / "in" / "dance0.npz", (1, 1))
    with pytest.raises(FileExistsError, match="--overwrite"):
        mixed(tmp_path / "out", dances)
    assert mixed(tmp_path / "out", dances, overwrite=True).is_new


def damage_inside(path: Path) -> None:
    """Leave the headers of an npz file's arrays as they are and damage what follows."""
    data = bytearray(path.read_bytes())
    data[2000:3000] = bytes(1000)
    path.write_bytes(bytes(data))


def test_damaged_recordings_are_named_or_left_out(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    damage_inside(tmp_path / "in" / "dance1.npz")
    with pytest.raises(ValueError, match=r"^motions: cannot pack .*dance1\.npz: .*--skip-damaged"):
        mixed(tmp_path / "out", dances)
    (tmp_path / "music" / "dance2.wav").write_bytes(b"RIFF")
    with pytest.raises(ValueError, match=r"^motions: cannot pack .*dance2\.npz: .*dance2\.wav.* decoded"):
        mixed(tmp_path / "out", dances)
    for is_new in (True, False):
        report = mixed(tmp_path / "set", dances, skip_damaged=True)
        assert (report.is_new, set(report.damaged)) == (is_new, {"dance1", "dance2"})
    keys = clips_in(tmp_path / "set").keys()
    assert {key[:6] for key in keys if key.startswith("dance")} == {"dance0", "dance3", "dance4", "dance5"}
    assert sum(key.startswith("dance") for key in keys) == sum(report.num_clips.values())
