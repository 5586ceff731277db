from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from macedance.hashes import config_hash
from macedance.render.provenance import Provenance, described_file
from macedance.render.video import probe_video, write_video

MODELS = {"motion": {"id": "runs/my expert", "sha256": "ab" * 32}, "appearance": None}


def test_a_video_tells_what_made_it(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"la")
    music = described_file(tmp_path / "song.mp3")
    made = Provenance(models=MODELS, seed=7, settings={"size": (64, 64), "words": "größer"}, music=music)
    out = tmp_path / "dance.mp4"
    write_video(out, [np.zeros((64, 64, 3), np.uint8)] * 2, fps=30, metadata=made.metadata())

    tags = probe_video(out).metadata
    told = json.loads(tags["comment"])
    assert told["generated"] is True
    assert told["models"] == MODELS
    assert told["seed"] == 7
    assert told["config_hash"] == config_hash({"words": "größer", "size": [64, 64]})
    assert told["music"] == music
    assert music["name"] == "song.mp3"
    assert tags["description"].endswith("seed 7, motion by runs/my expert")

    beside = made.write_beside(out)
    assert beside == tmp_path / "dance.provenance.json"
    whole = json.loads(beside.read_text())
    assert whole.pop("settings") == {"size": [64, 64], "words": "größer"}
    assert whole.pop("created").endswith("+00:00")
    assert whole == told


def test_equal_runs_at_other_times_have_equal_tags() -> None:
    first, second = (Provenance(models=MODELS, seed=1, created=time) for time in ("2026", "2027"))
    assert first.metadata() == second.metadata()
    assert Provenance(models=MODELS, seed=2).metadata() != first.metadata()
