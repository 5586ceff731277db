from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import score_motion
import torch
from score_motion import HeldOut, Sampling, dance, untrained

from macedance.data.music_features import ONSET_STRENGTH
from macedance.data.synthesis import SynthesisSettings, synthesize
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_files import read_expert
from macedance.lightning_modules.exporting import write_expert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import refusal, run_script

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
        monkeypatch.setitem(score_motion.BATCH_SIZES, "cpu", batch_size)
        torch.testing.assert_close(dance(expert, held_out.clips, sampling), dances, rtol=1e-4, atol=1e-4)


def test_the_seed_decides_and_dancers_differ(held_out: HeldOut, expert: MotionExpert) -> None:
    first = dance(expert, held_out.clips, FAST)
    assert torch.equal(dance(expert, held_out.clips, FAST), first)
    other = dance(expert, held_out.clips, dataclasses.replace(FAST, seed=1))
    alike = dance(expert, held_out.clips[:1] * 2, FAST)
    for one, two in ((first, other), (alike[:1], alike[1:])):
        assert (one - two).abs().amax(dim=(1, 2)).min() > 0.01


@pytest.fixture
def choosy(expert_folder: Path, tmp_path: Path) -> Path:
    """The expert's export with other choices of how it is sampled."""
    stored, folder = read_expert(expert_folder), tmp_path / "choosy"
    arguments = {**stored.arguments, "temperature": 0.3, "sampler": "dpm", "num_sampling_steps": 4}
    write_expert(dataclasses.replace(stored, arguments=arguments), MotionExpert, folder, "# choosy")
    return folder


def test_what_is_not_given_is_the_experts_own(held_out: HeldOut, expert: MotionExpert, choosy: Path) -> None:
    clips, chosen = held_out.clips, load_expert(choosy)
    own = dance(chosen, clips, Sampling())
    given = Sampling(temperature=0.3, sampler="dpm", num_steps=4)
    assert torch.equal(own, dance(expert, clips, given))
    for other in ({"temperature": 0.9}, {"sampler": "ddim"}, {"num_steps": 5}):
        assert torch.equal(
            dance(chosen, clips, Sampling(**other)), dance(expert, clips, dataclasses.replace(given, **other))
        )
        assert not torch.allclose(dance(chosen, clips, Sampling(**other)), own, atol=1e-3)


def test_options_left_out_are_the_experts_own(
    made_up_set: Path,
    expert_folder: Path,
    choosy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def printed(*arguments: object) -> str:
        common = ["--shards", made_up_set, "--device", "cpu", "--clips", 2]
        run_script(score_motion.main, monkeypatch, *arguments, *common)
        return capsys.readouterr().out

    given = ["--temperature", 0.3, "--sampler", "dpm", "--steps", 4]
    assert printed(choosy) == printed(expert_folder, *given)
    assert printed(choosy, "--temperature", 0.9) != printed(choosy)


def test_no_steps_at_all_are_refused(held_out: HeldOut, expert: MotionExpert) -> None:
    with pytest.raises(ValueError, match=r"num_steps must lie in 1\.\.1000, got 0"):
        dance(expert, held_out.clips, Sampling(num_steps=0))


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


@pytest.fixture(scope="module")
def silent_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silent")
    synthesize(folder, SynthesisSettings({"train": 1, "val": 1, "test": 1}, seconds=8, has_audio=False))
    return folder


def test_songs_without_sound_cannot_be_heard_as_recorded(
    silent_set: Path,
    expert_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["--shards", silent_set, "--device", "cpu", "--out", tmp_path / "scores.json"]
    said = refusal(score_motion.main, monkeypatch, capsys, expert_folder, *arguments, "--as-recorded")
    assert said.endswith("has no sound; make the set without --no-audio")
    assert not (tmp_path / "scores.json").exists()


def test_files_that_are_not_there_are_told_in_one_line(
    made_up_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    expert, shards = tmp_path / "no-expert", tmp_path / "no-shards"
    options = ["--device", "cpu", "--out", tmp_path / "scores.json"]
    for missing, arguments in {
        expert: [expert, "--shards", made_up_set],
        shards: ["ground-truth", "--shards", shards],
    }.items():
        assert str(missing) in refusal(score_motion.main, monkeypatch, capsys, *arguments, *options)
    assert not (tmp_path / "scores.json").exists()
