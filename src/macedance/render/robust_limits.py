"""Limits of an axis that a few extreme values do not blow up. Axis letters: N clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NUM_QUARTILE_RANGES = 3.0
BULK_PERCENTILES = (10.0, 90.0)
LARGEST_STEP = 6.0
RELATIVE_ROUNDING = 1e-9


def robust_limits(rows: Sequence[np.ndarray]) -> tuple[float, float]:
    """The range, low < high, that shows the rows' bulk.

    A row's bulk leaves out a value that is both among the tenth at that end and beyond Tukey's outer fence (three
    interquartile ranges from the quartile). A whole row is left out if it reaches more than six times as far from
    the first row's median as the next one does and at least two rows that vary remain: white noise must not
    squeeze two dances into one line. The first row always counts.

    Args:
        rows: one or more arrays (N,), finite, none empty, the ground truth first.
    """
    bulks = np.array([_bulk(row) for row in rows])
    reach = np.abs(bulks - np.median(rows[0])).max(axis=1)
    varies = bulks[:, 0] < bulks[:, 1]
    kept = np.argsort(reach, kind="stable")
    while kept[-1] != 0 and varies[kept[:-1]].sum() >= 2 and reach[kept[-1]] > LARGEST_STEP * reach[kept[-2]]:
        kept = kept[:-1]
    return _apart(float(bulks[kept, 0].min()), float(bulks[kept, 1].max()))


def padded(limits: tuple[float, float], share: float = 0.04) -> tuple[float, float]:
    """Limits with a margin on either side.

    >>> padded((0.0, 10.0), 0.1)
    (-1.0, 11.0)
    """
    margin = share * (limits[1] - limits[0])
    return limits[0] - margin, limits[1] + margin


def _bulk(values: np.ndarray) -> tuple[float, float]:
    lower_quartile, upper_quartile = np.percentile(values, (25.0, 75.0))
    fence = NUM_QUARTILE_RANGES * (upper_quartile - lower_quartile)
    low, high = np.percentile(values, BULK_PERCENTILES)
    return (
        max(float(values.min()), min(float(low), float(lower_quartile - fence))),
        min(float(values.max()), max(float(high), float(upper_quartile + fence))),
    )


def _apart(low: float, high: float) -> tuple[float, float]:
    size = max(abs(low), abs(high))
    if high - low > RELATIVE_ROUNDING * size:
        return low, high
    half_width = 0.1 * size if size > 0 else 1.0
    return low - half_width, high + half_width
