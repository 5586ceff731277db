"""What docs and docstrings say of having been verified."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from macedance import metrics
from macedance.metrics.clip_mean import ClipMean
from macedance.metrics.extractors import NETWORK_METRICS
from macedance.metrics.video_metrics import VideoMetrics

PAGE = (Path(__file__).parents[2] / "docs" / "video-metrics.md").read_text()
TABLE = PAGE.partition("## What is measured")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", TABLE, re.MULTILINE))
ALL = VideoMetrics(dict.fromkeys(NETWORK_METRICS, "random"), num_features={"fid": 4, "fvd": 4})
NEEDS_NONE, NOT_YET, VERIFIED = (
    "needs no weights",
    "not yet verified with real weights",
    "verified with real weights",
)


def test_every_metric_stands_in_the_table() -> None:
    assert set(ROWS) == set(ALL.metric_names)


@pytest.mark.parametrize("key", list(ALL.metric_names))
def test_the_table_says_what_was_verified_as_the_class_does(key: str) -> None:
    told = ROWS[key]
    assert told in (NEEDS_NONE, NOT_YET) or told.startswith(VERIFIED)
    description = " ".join(type(ALL[ALL.metric_names[key]]).__doc__.split()).lower()
    assert (NOT_YET in description) == (told == NOT_YET)
    assert (NEEDS_NONE in description) == (key not in NETWORK_METRICS)


def test_only_metrics_that_need_no_network_claim_so() -> None:
    assert {key for key, told in ROWS.items() if told == NEEDS_NONE} == {
        "ssim", "psnr", "temporal_flickering", "color_drift",
    }  # fmt: skip
    assert all(issubclass(getattr(metrics, name), ClipMean) for name in ("TemporalFlickering", "ColorDrift"))
