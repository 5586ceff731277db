from __future__ import annotations

import pickle

import matplotlib as mpl
import numpy as np
import pytest
import torch

from macedance.metrics import TemporalFlickering, VideoMeasurements, VideoMetrics
from macedance.metrics.functional import frechet_distance, mean_interval

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore:.*before the ``update`` method")

RANDOM = dict.fromkeys(
    ("fid", "fvd", "lpips", "subject_consistency", "background_consistency", "imaging_quality"), "random"
)
EXTRACTORS = RANDOM | {
    "motion_smoothness": "linear",
    "aesthetic_quality": "laion-aesthetic",
    "pck": "blazepose",
}
PER_CLIP = (
    "psnr", "ssim", "lpips", "subject_consistency", "background_consistency", "motion_smoothness",
    "temporal_flickering", "imaging_quality", "aesthetic_quality", "pck", "color_drift",
)  # fmt: skip


def measured(seed: int) -> VideoMeasurements:
    random = np.random.default_rng(seed)
    return VideoMeasurements(
        fid_features=torch.from_numpy(random.standard_normal((5 + seed, 3))),
        fvd_features=torch.from_numpy(random.standard_normal((2, 6))) if seed else None,
        values={key: random.random() for key in PER_CLIP if key != "psnr" or seed},
    )


GENERATED, REAL = [measured(seed) for seed in range(4)], [measured(seed) for seed in range(10, 13)]


def metrics_of(generated: list[VideoMeasurements], real: list[VideoMeasurements]) -> VideoMetrics:
    metrics = VideoMetrics(EXTRACTORS, num_features={"fid": 3, "fvd": 6})
    for video in real:
        metrics.update_reference(video)
    for video in generated:
        metrics.update(video)
    return metrics


def test_each_video_counts_once_and_each_sample_once() -> None:
    scores = metrics_of(GENERATED, REAL).compute()
    for key, name in (("fid", "fid[random]"), ("fvd", "fvd[random]")):
        sides = [
            torch.cat([f for video in side if (f := getattr(video, f"{key}_features")) is not None])
            for side in (GENERATED, REAL)
        ]
        np.testing.assert_allclose(scores.pop(name), frechet_distance(*sides), rtol=1e-6)
    expected = {key: np.nanmean([video.values.get(key, np.nan) for video in GENERATED]) for key in PER_CLIP}
    assert {name.split("[")[0]: value.item() for name, value in scores.items()} == pytest.approx(expected)


def test_names_tell_what_is_not_the_published_choice() -> None:
    assert set(metrics_of([], []).compute()) == {
        "fid[random]", "fvd[random]", "lpips[random]", "subject_consistency[random]",
        "background_consistency[random]", "imaging_quality[random]", "motion_smoothness[linear]",
        "aesthetic_quality", "pck[blazepose]", "psnr", "ssim", "temporal_flickering", "color_drift",
    }  # fmt: skip


def test_what_needs_no_extractor_is_always_measured_and_what_lacks_one_never() -> None:
    assert set(VideoMetrics({}).compute()) == {"psnr", "ssim", "temporal_flickering", "pck", "color_drift"}
    published = VideoMetrics({"fid": "inception", "fvd": "i3d", "identity": "arcface"})
    assert {"fid", "fvd", "identity"} <= set(published.compute())
    assert published["fid"].num_features == 2048


def test_missing_numbers_are_left_out_and_counted() -> None:
    metrics = VideoMetrics({})
    metrics.update(VideoMeasurements(values={"psnr": 30.0}))
    metrics.update(VideoMeasurements(values={"ssim": 0.5}))
    np.testing.assert_array_equal(metrics.clip_values()["psnr"], [30, np.nan])
    assert metrics.compute()["ssim"] == 0.5
    assert metrics["color_drift"].num_excluded == 2


def test_real_videos_count_for_distances_alone() -> None:
    metrics = metrics_of([], REAL)
    assert all(len(values) == 0 for values in metrics.clip_values().values())
    assert {name: int(metric.num_real) for name, metric in metrics.frechet_distances().items()} == {
        "fid[random]": sum(len(video.fid_features) for video in REAL),
        "fvd[random]": 6,
    }


def test_intervals_are_those_of_the_videos_numbers() -> None:
    metrics = metrics_of(GENERATED, REAL)
    intervals = metrics.intervals()
    assert set(intervals) == set(metrics.compute())
    values = torch.tensor([video.values["ssim"] for video in GENERATED], dtype=torch.float64)
    assert intervals["ssim"] == tuple(map(float, mean_interval(values)))
    assert np.isnan(intervals["fid[random]"]).all()


def test_a_reference_can_be_shared() -> None:
    metrics = metrics_of(GENERATED, GENERATED)
    assert abs(metrics.compute()["fid[random]"]) < 1e-9
    metrics.use_reference_of(metrics_of([], REAL))
    assert metrics.compute() == metrics_of(GENERATED, REAL).compute()
    with pytest.raises(ValueError, match="other must hold 3 features of random, holds 4 of random"):
        metrics.use_reference_of(VideoMetrics(RANDOM, num_features={"fid": 4, "fvd": 6}))
    with pytest.raises(ValueError, match="other must have fid, has psnr"):
        metrics.use_reference_of(VideoMetrics({}))


def test_clone_pickle_plot_reset_and_prefix() -> None:
    metrics = metrics_of(GENERATED, REAL)
    for copy in (metrics.clone(prefix="test/"), pickle.loads(pickle.dumps(metrics))):  # noqa: S301
        prefix = copy.prefix or ""
        copy.update(GENERATED[0])
        again = metrics_of([*GENERATED, GENERATED[0]], REAL).compute()
        assert copy.compute() == {prefix + name: value for name, value in again.items()}
        assert set(copy.intervals()) == set(copy.compute())
        assert prefix + "ssim" in copy.clip_values()
    assert len(metrics.plot()) == len(metrics)
    assert not metrics.state_dict()
    assert not list(metrics.parameters())
    metrics.reset()
    assert all(value.isnan() for value in metrics.compute().values())


def test_numbers_may_come_in_after_a_mean_was_computed() -> None:
    metric = TemporalFlickering()
    metric.update([torch.zeros(2, 3, 4, 4)])
    assert metric.compute() == 1
    metric.update_values([0.5, np.nan, 0.0])
    assert metric.compute() == 0.5
    assert (metric.num_clips, metric.num_excluded) == (3, 1)


def test_a_number_known_from_elsewhere_joins_a_videos_others() -> None:
    video = GENERATED[1].with_value("pck", 0.25)
    assert video.values == {**GENERATED[1].values, "pck": 0.25}
    assert video.fid_features is GENERATED[1].fid_features


def test_errors_name_the_argument() -> None:
    with pytest.raises(ValueError, match=r"extractor_names must be by fid, fvd, lpips.*, got 'ssim'"):
        VideoMetrics({"ssim": "random"})
    with pytest.raises(ValueError, match="num_features must be by fid, fvd, got 'lpips'"):
        VideoMetrics(RANDOM, num_features={"lpips": 3})
    with pytest.raises(ValueError, match="num_features must tell how many 'random' makes for f"):
        VideoMetrics(RANDOM)
    metrics = VideoMetrics({})
    with pytest.raises(ValueError, match=r"measurements.values must be by .*, got 'lpips'"):
        metrics.update(VideoMeasurements(values={"psnr": 30.0, "lpips": 0.1}))
    assert len(metrics.clip_values()["psnr"]) == 0
    with pytest.raises(TypeError, match="call update for each, and compute at the end"):
        metrics(VideoMeasurements())
