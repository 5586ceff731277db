from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import torch
from torch import Tensor

from macedance.metrics import BeatAlignmentScore
from macedance.metrics.functional import beat_alignment, beat_timing, motion_beats

SCORES = ("own", "shuffled", "gap", "gap_low", "gap_high")


def pair_by_pair(dances: list[tuple[Tensor, Tensor]], protocol: str, fps: float = 30.0) -> dict[str, float]:
    """Own and shuffled score by looping over all pairs."""
    sigma, smoothing = beat_timing(protocol, fps)
    matrix = np.array(
        [
            [
                beat_alignment(
                    music[music < len(joints) / fps], motion_beats(joints, fps, smoothing), sigma
                ).item()
                for _, music in dances
            ]
            for joints, _ in dances
        ]
    )
    own = matrix.diagonal().copy()
    np.fill_diagonal(matrix, np.nan)
    shuffled = np.nanmean(matrix)
    return {
        "own": np.nanmean(own),
        "shuffled": shuffled,
        "gap": np.nanmean(own) - shuffled,
        "num_clips": np.isfinite(own).sum(),
        "num_excluded": np.isnan(own).sum(),
    }


@pytest.mark.parametrize("protocol", ["default", "lodge"])
def test_equals_a_loop_over_all_pairs(random_dances: list[tuple[Tensor, Tensor]], protocol: str) -> None:
    metric = BeatAlignmentScore(protocol)
    for start, stop in ((0, 3), (3, 4), (4, 7)):
        joints, music = zip(*random_dances[start:stop], strict=True)
        metric.update(joints, music, fps=30.0)
    result = metric.compute()
    for name, expected in pair_by_pair(random_dances, protocol).items():
        np.testing.assert_allclose(result[name], expected, rtol=1e-9, err_msg=name)
    assert result["num_excluded"] == 1
    assert result["gap_low"] < result["gap"] < result["gap_high"]


def test_scores_of_clips_are_those_of_the_pairs_with_each(random_dances: list[tuple[Tensor, Tensor]]) -> None:
    metric = BeatAlignmentScore()
    joints, music = zip(*random_dances, strict=True)
    metric.update(joints, music, fps=30.0)
    clips, result = metric.clip_scores(), metric.compute()
    assert clips["own"].nanmean() == pytest.approx(float(result["own"]))
    torch.testing.assert_close(clips["gap"], clips["own"] - clips["shuffled"], equal_nan=True)
    scored = ~clips["own"].isnan()
    assert scored.sum() == result["num_clips"]
    both = BeatAlignmentScore()
    both.update(joints[:2], music[:2], fps=30.0)
    timing = beat_timing("default", 30.0)
    beats = motion_beats(joints[0], 30.0, timing.smoothing_seconds)
    other = music[1][music[1] < len(joints[0]) / 30]
    expected = beat_alignment(other, beats, timing.sigma_seconds)
    torch.testing.assert_close(both.clip_scores()["shuffled"][0], expected, equal_nan=True)


def test_equals_the_published_score(golden_clip) -> None:
    metric = BeatAlignmentScore("bailando")
    metric.update(golden_clip.joints[None], [golden_clip.music_seconds], fps=golden_clip.fps)
    result = metric.compute()
    np.testing.assert_allclose(result["own"], golden_clip.outputs["bas_bailando_lodge_sigma3"], rtol=1e-5)
    assert all(result[name].isnan() for name in SCORES[1:])


def test_order_of_clips_does_not_matter(random_dances: list[tuple[Tensor, Tensor]]) -> None:
    forwards, backwards = BeatAlignmentScore(), BeatAlignmentScore()
    forwards.update(*zip(*random_dances, strict=True))
    backwards.update(*zip(*random_dances[::-1], strict=True))
    torch.testing.assert_close(forwards.compute(), backwards.compute(), rtol=1e-12, atol=1e-12)


def dances_on_the_beat(shift_seconds: float) -> tuple[Tensor, list[Tensor]]:
    """Eight swings of different tempo and music that falls ``shift_seconds`` after their motion beats."""
    periods = torch.linspace(0.6, 1.1, 8)
    joints = torch.sin(torch.pi * torch.arange(240) / 30 / periods[:, None])[:, :, None, None].expand(
        8, 240, 2, 3
    )
    return joints, [motion_beats(clip, 30.0) + shift_seconds for clip in joints]


def test_own_score_is_one_on_the_beat_and_the_gap_closes_as_music_shifts() -> None:
    results = []
    for shift_seconds in (0.0, 0.05, 0.15):
        metric = BeatAlignmentScore()
        metric.update(*dances_on_the_beat(shift_seconds))
        results.append(metric.compute())
    assert results[0]["own"] == 1
    assert results[0]["gap_low"] > 0.3
    assert results[0]["own"] > results[1]["own"] > results[2]["own"]
    assert results[2]["gap"] < 0.1


def test_noise_scores_well_without_a_gap() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(24, 240, 24, 3, generator=generator)
    music = [
        torch.arange(phase, 8.0, period)
        for phase, period in zip(
            torch.rand(24, generator=generator), torch.linspace(0.4, 0.7, 24), strict=True
        )
    ]
    metric = BeatAlignmentScore()
    metric.update(noise, music)
    result = metric.compute()
    assert result["own"] > 0.2
    assert result["gap_low"] < 0 < result["gap_high"]


def test_explicit_widths_override_the_protocol(random_dances: list[tuple[Tensor, Tensor]]) -> None:
    in_time = BeatAlignmentScore("default")
    overridden = BeatAlignmentScore("lodge", sigma_seconds=0.05, smoothing_seconds=5 / 60)
    for metric in (in_time, overridden):
        metric.update(*zip(*random_dances, strict=True))
    assert overridden.compute() == in_time.compute()


def test_frame_rates_may_be_mixed() -> None:
    joints, music = dances_on_the_beat(0.0)
    metric = BeatAlignmentScore("bailando")
    metric.update(joints[:4], music[:4], fps=30.0)
    metric.update(joints[4:].repeat_interleave(2, dim=1), music[4:], fps=60.0)
    assert metric.sigmas_seconds == [0.1] * 4 + [0.05] * 4
    assert metric.compute()["num_clips"] == 8


def test_nothing_scored_gives_nan() -> None:
    metric = BeatAlignmentScore()
    metric.update(torch.zeros(2, 30, 24, 3), [torch.tensor([0.5]), torch.empty(0)])
    result = metric.compute()
    assert all(result[name].isnan() for name in SCORES)
    assert (result["num_clips"], result["num_excluded"]) == (0, 2)


def test_no_update_gives_nan() -> None:
    with pytest.warns(UserWarning, match="before the ``update`` method"):
        result = BeatAlignmentScore().compute()
    assert all(result[name].isnan() for name in SCORES)
    assert result["num_clips"] == 0


def test_clone_pickle_and_reset(random_dances: list[tuple[Tensor, Tensor]]) -> None:
    metric = BeatAlignmentScore(direction="motion_to_music", seed=5)
    metric.update(*zip(*random_dances, strict=True))
    expected = metric.compute()
    copies = (metric.clone(), pickle.loads(pickle.dumps(metric)))  # noqa: S301
    metric.reset()
    for copy in copies:
        torch.testing.assert_close(copy.compute(), expected)
    metric.update(*zip(*random_dances[:3], strict=True))
    assert metric.compute()["num_clips"] == 3


def test_plot_shows_the_scores(random_dances: list[tuple[Tensor, Tensor]]) -> None:
    mpl.use("Agg")
    metric = BeatAlignmentScore()
    metric.update(*zip(*random_dances, strict=True))
    _, axes = metric.plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["own", "shuffled", "gap"]
    _, axes = metric.plot([metric.compute()] * 3)
    assert len(axes.get_lines()[0].get_xdata()) == 3


def test_refuses_bad_arguments() -> None:
    with pytest.raises(ValueError, match="protocol must be one of"):
        BeatAlignmentScore("unheard-of")
    with pytest.raises(ValueError, match="direction must be one of"):
        BeatAlignmentScore(direction="both")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one array for each clip in joints, got 1 for 2 clips"):
        BeatAlignmentScore().update(torch.zeros(2, 30, 24, 3), [torch.ones(1)])
