"""How metrics are called by what they are measured with."""

from __future__ import annotations

PUBLISHED = {
    "fid": "inception",
    "fvd": "i3d",
    "lpips": "lpips",
    "subject_consistency": "dino",
    "background_consistency": "clip",
    "motion_smoothness": "amt-s",
    "imaging_quality": "musiq",
    "aesthetic_quality": "laion-aesthetic",
    "identity": "arcface",
}
"""The extractor with which each metric is published."""


def metric_name(metric: str, extractor_name: str) -> str:
    """The metric's plain name if its extractor is the published one, else with the extractor's in brackets.

    >>> metric_name("fvd", "i3d"), metric_name("fvd", "random")
    ('fvd', 'fvd[random]')
    """
    return metric if PUBLISHED.get(metric) == extractor_name else f"{metric}[{extractor_name}]"
