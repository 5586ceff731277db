from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from macedance.data.choreography import choreograph
from macedance.data.songs import make_song
from macedance.geometry.motion import Motion
from macedance.metrics.controls import to_other_music
from macedance.metrics.dance import Dance
from macedance.metrics.motion_evaluation import (
    CHANCE,
    GENERATED,
    GROUND_TRUTH,
    LATE,
    NOISE,
    OTHER_MUSIC,
    SKATING,
    STILL,
    MotionEvaluation,
    evaluate_motions,
    num_scored,
)
from macedance.metrics.scores import ScoreRow

NUM_DANCES = 12


def synthetic_dance(seed: int) -> Dance:
    song = make_song(8, seed, sample_rate=8000)
    poses, trans = choreograph(song, seed, fps=30)
    motion = Motion(torch.as_tensor(poses), torch.as_tensor(trans))
    beats = torch.as_tensor(song.beats, dtype=torch.float64)
    return Dance(f"dance{seed}", motion.joints(), 30.0, beats, motion.poses)


@pytest.fixture(scope="module")
def dances() -> list[Dance]:
    return [synthetic_dance(seed) for seed in range(2 * NUM_DANCES)]


@pytest.fixture(scope="module")
def evaluation(dances: list[Dance]) -> MotionEvaluation:
    return evaluate_motions(
        dances[:NUM_DANCES], dances[NUM_DANCES:], floor_height_metres=0.0, more_controls=True
    )


def scores(evaluation: MotionEvaluation, name: str) -> list[float]:
    rows = (GROUND_TRUTH, LATE, OTHER_MUSIC, SKATING, STILL, NOISE)
    return [evaluation.rows[row].scores[name] for row in rows]


def test_the_ground_truth_comes_first_and_every_control_is_there(evaluation: MotionEvaluation) -> None:
    assert list(evaluation.rows) == [
        GROUND_TRUTH, CHANCE, GENERATED, LATE, OTHER_MUSIC, SKATING, STILL, NOISE
    ]  # fmt: skip
    assert "fid_k" not in evaluation.rows[GROUND_TRUTH].scores
    assert set(evaluation.rows[CHANCE].scores) == {"fid_k", "fid_g"}
    assert evaluation.rows[CHANCE].num_clips == NUM_DANCES


def test_rhythm_orders_the_controls(evaluation: MotionEvaluation) -> None:
    truth, late, other_music, skating, still, noise = scores(evaluation, "bas_gap")
    assert truth > 0.3
    assert truth > skating > abs(noise)
    assert late < other_music < 0.1
    assert np.isnan(still)
    assert abs(noise) < 0.1
    noise_own = evaluation.rows[NOISE].scores["bas_own"]
    assert noise_own > 0.15  # noise has beats everywhere: its score alone says nothing
    assert noise_own > scores(evaluation, "bas_own")[1]


def test_distances_order_the_controls(evaluation: MotionEvaluation) -> None:
    generated = evaluation.rows[GENERATED].scores
    chance = evaluation.rows[CHANCE].scores
    for name in ("fid_k", "fid_g"):
        _, late, other_music, skating, still, noise = (
            evaluation.rows[row].scores.get(name)
            for row in (GROUND_TRUTH, LATE, OTHER_MUSIC, SKATING, STILL, NOISE)
        )
        assert [late, other_music] == pytest.approx([0, 0], abs=1e-6)  # the motions are the truth's own
        assert 0 < generated[name] < 3 * chance[name]
        assert 1 < skating < still < noise
        assert generated[name] < still
    assert scores(evaluation, "div_k")[4] < 1e-9
    assert scores(evaluation, "div_k")[5] > 2 * scores(evaluation, "div_k")[0]


def test_feet_and_body_order_the_controls(evaluation: MotionEvaluation) -> None:
    truth, late, other_music, skating, still, noise = scores(evaluation, "fsr")
    assert late == other_music == truth
    assert still == 0
    assert truth < 0.2 < 0.9 < min(skating, noise)
    truth, _, _, skating, still, noise = scores(evaluation, "pfc")
    assert still == 0
    assert truth < 0.3 < skating < noise
    truth, _, _, skating, still, noise = scores(evaluation, "jerk")
    assert still == 0
    assert skating == pytest.approx(truth, rel=1e-3)
    assert noise > 50 * truth
    for name in ("floor_penetration", "floor_float"):
        assert scores(evaluation, name)[5] > max(0.005, 2 * scores(evaluation, name)[0])
    assert scores(evaluation, "self_intersection")[5] > scores(evaluation, "self_intersection")[0]


def test_rows_have_intervals_around_their_scores(evaluation: MotionEvaluation) -> None:
    for row in evaluation.rows.values():
        for name, (low, high) in row.intervals.items():
            if not np.isnan(low):
                assert low - 1e-9 <= row.scores[name] <= high + 1e-9


def test_features_and_clip_values_belong_to_the_keys(evaluation: MotionEvaluation) -> None:
    assert list(evaluation.features) == ["kinetic", "geometric"]
    for sets in evaluation.features.values():
        assert all(len(features) == len(evaluation.keys[name]) for name, features in sets.items())
    values = evaluation.clip_values[GENERATED]
    assert evaluation.keys[GENERATED][0] == "dance0"
    assert {len(numbers) for numbers in values.values()} == {NUM_DANCES}


def test_warns_of_too_few_clips_and_of_another_frame_rate(dances: list[Dance]) -> None:
    evaluation = evaluate_motions(dances[:4], dances[4:8], protocol="bailando")
    few, wide, rate = evaluation.warnings
    assert "4 clips are too few for a Fréchet distance over 72 features" in few
    assert "take 720 clips" in few
    assert "take 64 songs or more" in wide
    assert "bailando was published for 60 fps" in rate
    assert "these dances have 30" in rate


@pytest.mark.parametrize("protocol", ["mace-2d", "default-2d"])
def test_key_points_are_scored_in_two_dimensions(dances: list[Dance], protocol: str) -> None:
    planar = [
        dataclasses.replace(dance, joints=_picture(dance.joints), poses=None, fps=16.0) for dance in dances
    ]
    evaluation = evaluate_motions(planar[:6], planar[6:], protocol=protocol, more_controls=True)
    assert set(evaluation.rows[GENERATED].scores) & {"fsr", "pfc", "joint_limits"} == set()
    assert all(np.isfinite(value) for value in evaluation.rows[GENERATED].scores.values())
    assert evaluation.rows[NOISE].scores["jerk"] > 10 * evaluation.rows[GROUND_TRUTH].scores["jerk"]
    assert any("normalises each side" in warning for warning in evaluation.warnings) == (
        protocol == "mace-2d"
    )


def test_other_music_is_another_song(dances: list[Dance]) -> None:
    beats = dances[0].beats
    same = [dataclasses.replace(dance, beats=beats) for dance in dances[:3]]
    mixed = [*same, dances[5]]
    changed = to_other_music(mixed)
    assert all(not torch.equal(new.beats, old.beats) for new, old in zip(changed, mixed, strict=True))
    assert all(len(dance.beats) == 0 for dance in to_other_music(same))


def test_warns_of_dances_without_music_and_of_a_single_song(dances: list[Dance]) -> None:
    silent = [dataclasses.replace(dance, beats=dance.beats[:0]) for dance in dances[:6]]
    evaluation = evaluate_motions([*silent[:2], *dances[6:9]], silent)
    text = " ".join(evaluation.warnings)
    assert "2 of 5 generated dances have no music with beats" in text
    assert "all 6 real dances have no music" in text
    assert "3 clips give a wide interval of BAS" in text
    assert evaluation.rows[GENERATED].num_clips_in("rhythm") == 3
    one_song = [dataclasses.replace(dance, beats=dances[0].beats) for dance in dances[:4]]
    evaluation = evaluate_motions(one_song, one_song, more_controls=True)
    assert any("all generated dances have the same music" in warning for warning in evaluation.warnings)
    assert np.isnan(evaluation.rows[GENERATED].scores["bas_gap"])
    assert np.isnan(evaluation.rows[OTHER_MUSIC].scores["bas_own"])


def test_warns_of_other_lengths(dances: list[Dance]) -> None:
    short = [dataclasses.replace(d, joints=d.joints[:100], poses=d.poses[:100]) for d in dances[:4]]
    warnings = evaluate_motions(short, dances[4:8]).warnings
    assert any("last 3.3 s and real ones 8.0 s in the median" in warning for warning in warnings)


def test_every_scored_dance_is_counted(dances: list[Dance]) -> None:
    counted: list[None] = []
    evaluate_motions(dances[:3], dances[3:5], on_dance=lambda: counted.append(None))
    assert len(counted) == num_scored(dances[:3], dances[3:5])


def test_noise_is_decided_by_the_seed(dances: list[Dance]) -> None:
    def noise(seed: int) -> ScoreRow:
        return evaluate_motions(dances[:3], dances[3:6], seed=seed).rows[NOISE]

    assert repr(noise(1)) == repr(noise(1))
    assert noise(1).scores["jerk"] != noise(2).scores["jerk"]


def test_errors_name_side_and_dance(dances: list[Dance]) -> None:
    with pytest.raises(ValueError, match="generated must hold at least one dance"):
        evaluate_motions([], dances)
    short = dataclasses.replace(dances[0], joints=dances[0].joints[:3], poses=dances[0].poses[:3])
    with pytest.raises(ValueError, match="generated, dance dance0: joints must have at least 4 frames"):
        evaluate_motions([short], dances[1:])


def _picture(joints: torch.Tensor) -> torch.Tensor:
    """25 key-points in pixels, y down, of joints seen from the front; most are those they are named after."""
    sources = [15, 15, 15, 15, 15, 16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8, 15, 12, 10, 10, 7, 11, 11, 8]
    return 400 + 200 * joints[:, sources, :2] * torch.tensor([1.0, -1.0])
