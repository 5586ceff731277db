from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from ..forks import Forks

SCRIPT = Path(__file__).with_name("score_one_rank.py")
_spec = importlib.util.spec_from_file_location("score_one_rank", SCRIPT)
score_one_rank = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score_one_rank)


def write_clips(path: Path, clips: list[dict[str, np.ndarray]]) -> None:
    np.savez(path, **{f"{part}-{i}": array for i, clip in enumerate(clips) for part, array in clip.items()})


@pytest.mark.distributed
@pytest.mark.timeout(900)
def test_two_ranks_with_unequal_shares_equal_one_process(
    forks: Forks, tmp_path: Path, random_clips: list[dict[str, np.ndarray]]
) -> None:
    write_clips(tmp_path / "unequal-0.npz", random_clips[:2])
    write_clips(tmp_path / "unequal-1.npz", random_clips[2:])
    write_clips(tmp_path / "one_rank_empty-0.npz", [])
    write_clips(tmp_path / "one_rank_empty-1.npz", random_clips)
    for rank in [forks.start(SCRIPT, tmp_path, rank) for rank in (0, 1)]:
        assert rank.wait() == 0, rank.output.read_text()
    expected = score_one_rank.scores(random_clips)
    assert np.isfinite(list(expected.values())).all()
    assert all(f"default {name}" in expected for name in ("fid_k", "div_g", "bas_gap", "pfc", "joint_limits"))
    assert {"videos fid[random]", "videos fvd[random]", "videos psnr"} <= expected.keys()
    for rank in (0, 1):
        for result in json.loads((tmp_path / f"result-{rank}.json").read_text()):
            assert result == pytest.approx(expected, rel=1e-9)
