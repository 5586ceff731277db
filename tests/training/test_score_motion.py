from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import score_motion
import torch
from score_motion import HeldOut, Sampling, dance, untrained

from macedance.data.music_features import ONSET_STRENGTH
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import run_script

FAST = Sampling(num_steps=3)


@pytest.fixture(scope="module")
def held_out(made_up_set: Path) -> HeldOut:
    return HeldOut.read(made_up_set, "test")


@pytest.fixture(scope="module")
def expert(expert_folder: Path) -> MotionExpert:
    return load_expert(expert_folder)


def test_the_clips_of_the_split_are_read(held_out: HeldOut, made_up_set: Path) -> None:
    keys = [f"test{number:07d}" for number in range(4)]
    assert [clip.key for clip in held_out.clips] == keys
    assert [clip.key for clip in HeldOut.read(made_up_set, "test", 2).clips] == keys[:2]


def test_recordings_change_what_is_heard_only(held_out: HeldOut, made_up_set: Path) -> None:
    recorded, again = (HeldOut.read(made_up_set, "test", 2, as_recorded=True).clips for _ in range(2))
    assert len(recorded) == 2
    for clip, same, clean in zip(recorded, again, held_out.clips, strict=False):
        assert torch.equal(clip.dance.poses, clean.dance.poses)
        assert torch.equal(clip.beats, clean.beats)
        assert clip.music.shape == clean.music.shape
        assert torch.equal(clip.music, same.music)
        assert (clip.music - clean.music)[:, ONSET_STRENGTH].abs().max() > 0.1


def test_the_truth_has_no_distance_from_itself(held_out: HeldOut) -> None:
    scores = held_out.scores_of_truth()
    assert scores["fid_k"] == pytest.approx(0, abs=1e-6)
    assert scores["fid_g"] == pytest.approx(0, abs=1e-6)
    assert scores["bas_num_clips"] == 4
    of_features = held_out.scores(torch.stack([clip.encoded() for clip in held_out.clips]))
    for name in ("bas_own", "fsr", "div_k", "joint_limits"):
        assert of_features[name] == pytest.approx(scores[name], rel=0.02), name


def test_random_dances_are_far_from_the_truth(held_out: HeldOut, expert: MotionExpert) -> None:
    assert held_out.scores(dance(expert, held_out.clips, FAST))["fid_k"] > 1


@pytest.mark.parametrize(("sampler", "eta"), [("ddim", 1.0), ("dpm", 0.0)])
def test_the_batch_size_changes_no_dance(
    sampler: str, eta: float, held_out: HeldOut, expert: MotionExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampling = Sampling(sampler=sampler, num_steps=3, eta=eta)
    dances = dance(expert, held_out.clips, sampling)
    assert dances.shape == (4, 240, 151)
    for batch_size in (1, 3):
        monkeypatch.setattr(score_motion, "BATCH_SIZE", batch_size)
        torch.testing.assert_close(dance(expert, held_out.clips, sampling), dances, rtol=1e-4, atol=1e-4)


def test_the_seed_decides_and_dancers_differ(held_out: HeldOut, expert: MotionExpert) -> None:
    first = dance(expert, held_out.clips, FAST)
    assert torch.equal(dance(expert, held_out.clips, FAST), first)
    other = dance(expert, held_out.clips, dataclasses.replace(FAST, seed=1))
    alike = dance(expert, held_out.clips[:1] * 2, FAST)
    for one, two in ((first, other), (alike[:1], alike[1:])):
        assert (one - two).abs().amax(dim=(1, 2)).min() > 0.01


def test_shuffled_dances_are_to_the_next_clips_music(held_out: HeldOut, expert: MotionExpert) -> None:
    own = dance(expert, held_out.clips, FAST)
    shuffled = dance(expert, held_out.clips, dataclasses.replace(FAST, shuffled=True))
    torch.testing.assert_close(shuffled, dance(expert, held_out.clips[1:] + held_out.clips[:1], FAST))
    assert (shuffled - own).abs().amax(dim=(1, 2)).min() > 0.01


def test_an_untrained_expert_has_other_weights_only(held_out: HeldOut, expert: MotionExpert) -> None:
    other, same = untrained(expert), untrained(expert)
    assert dict(other.hparams) == dict(expert.hparams)
    assert torch.equal(other.normalizer.minimum, expert.normalizer.minimum)
    assert torch.equal(other.network.input_projection.weight, same.network.input_projection.weight)
    assert not torch.equal(other.network.input_projection.weight, expert.network.input_projection.weight)
    assert not torch.allclose(dance(other, held_out.clips, FAST), dance(expert, held_out.clips, FAST))


def test_scores_are_printed_and_written(
    made_up_set: Path,
    expert_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    common = ["--shards", made_up_set, "--device", "cpu", "--steps", 2, "--clips", 3]
    rows = {
        "truth": ["ground-truth", "--out", tmp_path / "scores.json"],
        "expert": [expert_folder],
        "untrained": [expert_folder, "--untrained"],
        "recorded": [expert_folder, "--as-recorded"],
        "val": ["ground-truth", "--split", "val"],
    }
    scores = {}
    for name, arguments in rows.items():
        run_script(score_motion.main, monkeypatch, *common, *arguments)
        scores[name] = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "scores.json").read_text()) == scores["truth"]
    assert [row["bas_num_clips"] for row in scores.values()] == [3, 3, 3, 3, 1]
    assert len({row["jerk"] for row in scores.values()}) == 5
