from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from macedance.metrics import BeatAlignmentScore, FootSkatingRatio, MotionJerk

SCRIPT = Path(__file__).with_name("score_one_rank.py")


def write_clips(path: Path, dances: list[tuple[Tensor, Tensor]]) -> None:
    arrays = {f"joints-{i}": joints.numpy() for i, (joints, _) in enumerate(dances)}
    np.savez(path, **arrays, **{f"music-{i}": music.numpy() for i, (_, music) in enumerate(dances)})


def scores_in_one_process(dances: list[tuple[Tensor, Tensor]]) -> dict[str, float]:
    joints, music = zip(*dances, strict=True)
    beat_alignment, foot_skating, jerk = BeatAlignmentScore(), FootSkatingRatio("lodge"), MotionJerk()
    beat_alignment.update(joints, music)
    foot_skating.update(joints)
    jerk.update(joints)
    result = {name: value.item() for name, value in beat_alignment.compute().items()}
    return result | {"foot_skating": foot_skating.compute().item(), "jerk": jerk.compute().item()}


@pytest.mark.distributed
@pytest.mark.timeout(900)
def test_two_ranks_with_unequal_shares_equal_one_process(
    tmp_path: Path, random_dances: list[tuple[Tensor, Tensor]]
) -> None:
    write_clips(tmp_path / "unequal-0.npz", random_dances[:2])
    write_clips(tmp_path / "unequal-1.npz", random_dances[2:])
    write_clips(tmp_path / "one_rank_empty-0.npz", [])
    write_clips(tmp_path / "one_rank_empty-1.npz", random_dances)
    ranks = [subprocess.Popen([sys.executable, str(SCRIPT), str(tmp_path), str(rank)]) for rank in (0, 1)]
    try:
        assert [rank.wait() for rank in ranks] == [0, 0]
    finally:
        for rank in ranks:
            rank.kill()
    expected = scores_in_one_process(random_dances)
    assert np.isfinite(list(expected.values())).all()
    for rank in (0, 1):
        for result in json.loads((tmp_path / f"result-{rank}.json").read_text()):
            assert result == pytest.approx(expected, rel=1e-12)
