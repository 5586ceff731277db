from __future__ import annotations

import importlib.util
import itertools
import pickle
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import pdist
from torchmetrics import Metric

from macedance.metrics import MotionMetrics
from macedance.metrics.functional import (
    PROTOCOLS,
    beat_alignment,
    beat_timing,
    foot_skating,
    geometric_features,
    kinetic_features,
    motion_beats,
    motion_jerk,
    motion_protocol,
)
from macedance.metrics.functional.floor_contact import floor_float, floor_penetration
from macedance.metrics.functional.joint_limits import joint_limit_violations
from macedance.metrics.functional.physical_foot_contact import physical_foot_contact
from macedance.metrics.functional.self_intersection import self_intersection

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore:.*before the ``update`` method")
_spec = importlib.util.spec_from_file_location(
    "score_one_rank", Path(__file__).with_name("score_one_rank.py")
)
score_one_rank = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score_one_rank)
scored = score_one_rank.scored

THREE_D = [name for name, form in PROTOCOLS.items() if form.dimensions == 3]
Clips = list[dict[str, np.ndarray]]


def reference_frechet(features: np.ndarray, real: np.ndarray) -> float:
    """The textbook formula in float64."""
    root = sqrtm(np.cov(features, rowvar=False) @ np.cov(real, rowvar=False)).real
    spread = np.cov(features, rowvar=False) + np.cov(real, rowvar=False) - 2 * root
    return ((features.mean(axis=0) - real.mean(axis=0)) ** 2).sum() + np.trace(spread)


def reference_scores(clips: Clips, protocol: str) -> dict[str, float]:
    """Every score that is no control, of functionals of whole clips, numpy and scipy."""
    form = motion_protocol(protocol)
    fps = 30.0
    joints = [torch.from_numpy(clip["joints"]) for clip in clips]
    result = {}
    for name, family, eps in (
        ("k", kinetic_features, form.kinetic_eps),
        ("g", geometric_features, form.geometric_eps),
    ):
        generated = np.stack([family(clip, fps, protocol).numpy() for clip in joints])
        real = np.stack([family(torch.from_numpy(clip["real"]), fps, protocol).numpy() for clip in clips])
        scale = real.std(axis=0, ddof=form.std_ddof) + eps
        generated, real = (generated - real.mean(axis=0)) / scale, (real - real.mean(axis=0)) / scale
        result[f"fid_{name}"] = reference_frechet(generated, real)
        result[f"div_{name}"] = pdist(generated).mean()
    timing = beat_timing(protocol, fps)
    beats = [motion_beats(clip, fps, timing.smoothing_seconds) for clip in joints]
    music = [torch.from_numpy(clip["music"]) for clip in clips]
    own = [
        beat_alignment(m[m < len(j) / fps], b, timing.sigma_seconds, form.direction)
        for m, j, b in zip(music, joints, beats, strict=True)
    ]
    means = {
        "bas_own": own,
        "pfc": [physical_foot_contact(clip, fps, protocol) for clip in joints],
        "fsr": [foot_skating(clip, fps, protocol).nanmean() for clip in joints],
        "jerk": [motion_jerk(clip, fps) for clip in joints],
        "floor_penetration": [floor_penetration(clip) for clip in joints],
        "floor_float": [floor_float(clip) for clip in joints],
        "self_intersection": [self_intersection(clip) for clip in joints],
        "joint_limits": [joint_limit_violations(torch.from_numpy(clip["poses"])) for clip in clips],
    }
    return result | {name: np.nanmean(np.array(values, dtype=float)) for name, values in means.items()}


@pytest.mark.filterwarnings("ignore:Matrix is singular")
@pytest.mark.parametrize("protocol", THREE_D)
def test_equals_a_float64_reference(random_clips: Clips, protocol: str) -> None:
    scores = scored(random_clips, protocol).compute()
    expected = reference_scores(random_clips, protocol)
    assert {name: scores[name].item() for name in expected} == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert all(value.dtype == torch.float64 for value in scores.values())


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_does_not_depend_on_the_order_of_clips(random_clips: Clips, protocol: str) -> None:
    forwards, backwards = scored(random_clips, protocol), scored(random_clips[::-1], protocol)
    for name, value in forwards.compute().items():
        torch.testing.assert_close(backwards.compute()[name], value, rtol=1e-9, atol=1e-9)
    for name, bounds in forwards.intervals().items():
        assert backwards.intervals()[name] == pytest.approx(bounds, rel=1e-6, abs=1e-6, nan_ok=True)


def test_batches_equal_single_clips(random_clips: Clips) -> None:
    one_by_one = scored(random_clips, "default")
    together = MotionMetrics()
    lists = {
        name: [torch.from_numpy(clip[name]) for clip in random_clips] for name in ("joints", "real", "poses")
    }
    together.update_reference(lists["real"])
    together.update(lists["joints"], [clip["music"] for clip in random_clips], lists["poses"])
    for name, value in one_by_one.compute().items():
        assert torch.equal(together.compute()[name], value)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_distance_to_itself_is_zero(random_clips: Clips, protocol: str) -> None:
    same = [{**clip, "real": clip["joints"]} for clip in random_clips]
    scores = scored(same, protocol).compute()
    assert abs(scores["fid_k"]) < 1e-6
    assert abs(scores["fid_g"]) < 1e-6


@pytest.mark.parametrize("protocol", ["default", "lodge", "aist++"])
def test_beat_alignment_is_one_on_the_beats_and_falls_as_they_shift(protocol: str) -> None:
    seconds = (torch.arange(480) - 0.5) / 30
    swing = torch.sin(torch.pi * seconds)[:, None, None].expand(-1, 24, 3)
    turns = np.arange(0.5, 16, 1.0)
    scores = []
    for shift in (0.0, 0.05, 0.1, 0.15, 0.2):
        metrics = MotionMetrics(protocol)
        metrics.update([swing], [turns + shift])
        scores.append(metrics.compute()["bas_own"].item())
    assert scores[0] == pytest.approx(1, abs=0.01)
    assert all(later < earlier for earlier, later in itertools.pairwise(scores))


def each_metric() -> list:
    return [pytest.param(name, id=name) for name in MotionMetrics()]


@pytest.mark.parametrize("name", each_metric())
def test_clone_pickle_reset_and_plot(random_clips: Clips, name: str) -> None:
    metric: Metric = scored(random_clips, "default")[name]
    expected = metric.compute()
    for copy in (metric.clone(), pickle.loads(pickle.dumps(metric))):  # noqa: S301 - just made
        assert repr(copy.compute()) == repr(expected)
    _, axes = metric.plot()
    assert axes.get_lines()
    assert not list(metric.parameters())
    assert not metric.state_dict()
    metric.reset()
    assert all(len(getattr(metric, state)) == 0 for state in metric._defaults)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_nothing_scores_nan(protocol: str) -> None:
    metrics = MotionMetrics(protocol)
    scores = metrics.compute()
    assert all(scores[name].isnan() for name in scores if "num" not in name)
    assert all(np.isnan(bounds).all() for bounds in metrics.intervals().values())


def test_intervals_hold_the_scores(random_clips: Clips) -> None:
    metrics = scored(random_clips, "default")
    scores = metrics.compute()
    intervals = metrics.intervals()
    assert set(intervals) == set(scores) - {key for key in scores if key.startswith("bas_")} | {"bas_own"}
    for name, (low, high) in intervals.items():
        if name in ("fid_k", "fid_g"):  # fewer clips than features
            assert np.isnan(low)
        else:
            assert low <= scores[name] <= high


def test_clip_values_are_those_that_the_mean_is_of(random_clips: Clips) -> None:
    metrics = scored(random_clips, "default")
    scores, values = metrics.compute(), metrics.clip_values()
    assert {len(numbers) for numbers in values.values()} == {len(random_clips)}
    for name, numbers in values.items():
        assert np.nanmean(numbers) == pytest.approx(scores[name].item())


def test_protocols_look_at_their_first_frames_only(random_clips: Clips) -> None:
    assert motion_protocol("mace-2d").max_frames == 64
    cut = [
        {name: array if name == "music" else array[:64] for name, array in clip.items()}
        for clip in random_clips
    ]
    whole, short = scored(random_clips, "mace-2d").compute(), scored(cut, "mace-2d").compute()
    assert all(torch.equal(value, short[name]) for name, value in whole.items())


def test_without_poses_joint_limits_have_no_value(random_clips: Clips) -> None:
    metrics = MotionMetrics()
    metrics.update([torch.from_numpy(random_clips[0]["joints"])], [random_clips[0]["music"]])
    with pytest.warns(UserWarning, match="before the ``update`` method"):
        assert metrics.compute()["joint_limits"].isnan()


def test_names_take_a_prefix_and_a_postfix(random_clips: Clips) -> None:
    expected = scored(random_clips, "default")
    shown = expected.clone(prefix="val/", postfix="_ema")
    assert {f"val/{name}_ema": value for name, value in expected.compute().items()} == shown.compute()
    assert set(shown.intervals()) == {f"val/{name}_ema" for name in expected.intervals()}
    assert set(shown.clip_values()) == {f"val/{name}_ema" for name in expected.clip_values()}
    shown.reset()
    shown.use_reference_of(expected)
    shown.update([torch.from_numpy(random_clips[0]["joints"])] * 2, [random_clips[0]["music"]] * 2)
    assert shown.compute()["val/fid_k_ema"].isfinite()
    assert set(MotionMetrics(prefix="a/").compute()) == {f"a/{name}" for name in expected.compute()}


def test_plots_every_metric(random_clips: Clips) -> None:
    metrics = scored(random_clips, "default")
    assert len(metrics.plot()) == len(metrics)


def test_a_batch_alone_has_no_value(random_clips: Clips) -> None:
    with pytest.raises(TypeError, match="call update for each, and compute at the end"):
        MotionMetrics()([torch.from_numpy(random_clips[0]["joints"])], [random_clips[0]["music"]])


def test_another_protocols_reference_is_refused(random_clips: Clips) -> None:
    with pytest.raises(ValueError, match=r"under the protocol default, holds .* ones under lodge"):
        scored(random_clips, "default").use_reference_of(scored(random_clips, "lodge"))


def test_a_batch_is_taken_whole_or_not_at_all(random_clips: Clips) -> None:
    metrics = MotionMetrics()
    joints = [torch.from_numpy(clip["joints"]) for clip in random_clips]
    with pytest.raises(
        ValueError, match="music_beats must hold one array for each clip in joints, got 1 for 7"
    ):
        metrics.update(joints, [random_clips[0]["music"]])
    with pytest.raises(ValueError, match="poses must hold one array for each clip in joints, got 2 for 7"):
        metrics.update(joints, [[]] * 7, joints[:2])
    assert len(metrics.clip_values()["jerk"]) == 0
    assert metrics["fid_k"].update_count == 0


def test_errors_name_the_argument() -> None:
    with pytest.raises(ValueError, match="protocol must be one of default, aist"):
        MotionMetrics("fid")
    metrics = MotionMetrics()
    with pytest.raises(ValueError, match="at least 4 frames"):
        metrics.update([torch.zeros(3, 24, 3)], [[]])
    with pytest.raises(ValueError, match="joints must be one clip of shape"):
        metrics.update([torch.zeros(8, 17, 2)], [[]])
    with pytest.raises(ValueError, match="fps must be positive"):
        metrics.update([torch.zeros(8, 24, 3)], [[]], fps=0.0)
    with pytest.raises(ValueError, match="fps must be positive"):
        metrics.update([torch.zeros(8, 24, 3)], [[]], fps=float("nan"))
    with pytest.raises(ValueError, match="music_beats must be finite"):
        metrics["bas"].update([torch.zeros(8, 24, 3)], [np.array([0.1, np.nan])])
