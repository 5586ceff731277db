from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from ..cascade_shards import write_cascade_shards
from ..forks import Forks
from .run_cascade import main


@pytest.mark.distributed
@pytest.mark.slow
def test_two_ranks_score_as_one_and_finish_what_one_began(
    forks: Forks, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    """Three clips on two ranks, one of them made before by one rank alone."""
    shards = write_cascade_shards(tmp_path / "shards")
    one, two = tmp_path / "one", tmp_path / "two"
    main(str(shards), str(tiny_checkpoint), str(one), "1")
    shutil.copytree(one / "val", two / "val", copy_function=os.link)
    for file in (two / "val").rglob("val[02].*"):
        file.unlink()
    script = Path(__file__).with_name("run_cascade.py")
    for rank in forks.start_ranks(2, script, shards, tiny_checkpoint, two, 2):
        assert rank.wait() == 0, rank.output.read_text()
    alone, together = (json.loads((folder / "logged.json").read_text()) for folder in (one, two))
    assert together == alone
    assert alone["val/fid_k"] > 0
    assert alone["val/fvd_random"] > 0
    for number, is_kept in enumerate((False, True, False)):
        name = f"val/videos/val{number}.mp4"
        assert (two / name).samefile(one / name) is is_kept, "what was done is not done again"
