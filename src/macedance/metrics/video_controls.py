"""Videos made worse in a known way, to see that metrics tell.

Each function gives frame after frame, so that long videos need not be in memory. Axis letters: H height, W width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

LARGEST = 255


def blurred(frames: Iterable[np.ndarray], sigma_px: float) -> Iterator[np.ndarray]:
    """The frames uint8 (H, W, 3) under a Gaussian blur."""
    for frame in frames:
        yield _as_picture(gaussian_filter(frame.astype(np.float32), (sigma_px, sigma_px, 0), mode="nearest"))


def noisy(frames: Iterable[np.ndarray], deviation: float, *, seed: int = 0) -> Iterator[np.ndarray]:
    """The frames with fresh white noise of a standard deviation, in levels of 0..255."""
    random = np.random.default_rng(seed)
    for frame in frames:
        noise = random.standard_normal(frame.shape, dtype=np.float32)
        yield _as_picture(frame + np.float32(deviation) * noise)


def with_frames_dropped(frames: Iterable[np.ndarray], share: float, *, seed: int = 0) -> Iterator[np.ndarray]:
    """As many frames, of which a share, drawn at random, only repeats the one before."""
    random = np.random.default_rng(seed)
    last: np.ndarray | None = None
    for frame in frames:
        is_dropped = random.random() < share
        last = frame if last is None or not is_dropped else last
        yield last


def shaken(frames: Iterable[np.ndarray], deviation_px: float, *, seed: int = 0) -> Iterator[np.ndarray]:
    """Each frame shifted by whole pixels, drawn afresh with a standard deviation; the edge fills what comes in."""
    random = np.random.default_rng(seed)
    for frame in frames:
        down, right = np.rint(random.normal(0, deviation_px, 2)).astype(int)
        rows = np.clip(np.arange(frame.shape[0]) - down, 0, frame.shape[0] - 1)
        columns = np.clip(np.arange(frame.shape[1]) - right, 0, frame.shape[1] - 1)
        yield frame[rows][:, columns]


def with_another_person(
    frames: Iterable[np.ndarray], others: Iterable[np.ndarray], share: float, num_frames: int
) -> Iterator[np.ndarray]:
    """The frames, of which the last share comes from another video of the same size, while that lasts."""
    for index, (frame, other) in enumerate(zip(frames, others, strict=False)):
        yield other if index >= num_frames * (1 - share) else frame


def with_color_drift(frames: Iterable[np.ndarray], gain: float, num_frames: int) -> Iterator[np.ndarray]:
    """The frames, growing redder and less blue: their gains go evenly from 1 to 1 + gain and 1 − gain."""
    for index, frame in enumerate(frames):
        change = gain * index / max(num_frames - 1, 1)
        yield _as_picture(frame * np.array([1 + change, 1, 1 - change], np.float32))


def held(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The first frame, over and over: what metrics of smoothness and consistency like best."""
    first: np.ndarray | None = None
    for frame in frames:
        first = frame if first is None else first
        yield first


def _as_picture(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, LARGEST).astype(np.uint8)
