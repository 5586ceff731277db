"""The sound of a video, handed out picture by picture. Axis letters: C channels."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

import av
import numpy as np
from scipy.signal import resample_poly

LAYOUTS = {1: "mono", 2: "stereo"}
AAC_SAMPLE_RATES = (44_100, 48_000)


class Soundtrack:
    """Audio that is cut, or continued with silence, to whatever length the picture turns out to have.

    Sound at 44.1 and 48 kHz keeps its rate, every other rate becomes 48 kHz.

    Args:
        samples: (C, num_samples) or (num_samples,) float in [-1, 1]; one or two channels.
        sample_rate: samples per second.

    Raises:
        ValueError: if the array has another shape or the rate is not positive.
    """

    def __init__(self, samples: np.ndarray, sample_rate: int) -> None:
        samples = np.atleast_2d(np.asarray(samples, dtype=np.float32))
        if samples.ndim != 2 or samples.shape[0] not in LAYOUTS:
            raise ValueError(
                f"audio must be (channels, num_samples) with 1 or 2 channels, got {samples.shape}; "
                "transpose it or mix it down first"
            )
        if sample_rate <= 0:
            raise ValueError(f"sample_rate must be positive, got {sample_rate}")
        self.sample_rate = sample_rate if sample_rate in AAC_SAMPLE_RATES else 48_000
        self.samples = _resample(samples, sample_rate, self.sample_rate)
        self.position = 0

    @property
    def layout(self) -> str:
        """Channel layout by its FFmpeg name."""
        return LAYOUTS[self.samples.shape[0]]

    def advance_to(self, seconds: Fraction) -> av.AudioFrame:
        """The samples between the last call's time and this one, silence where the recording is over."""
        stop = round(seconds * self.sample_rate)
        chunk = self.samples[:, self.position : stop]
        chunk = np.pad(chunk, ((0, 0), (0, stop - self.position - chunk.shape[1])))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(chunk), format="fltp", layout=self.layout)
        frame.sample_rate = self.sample_rate
        frame.pts = self.position
        frame.time_base = Fraction(1, self.sample_rate)
        self.position = stop
        return frame


def _resample(samples: np.ndarray, source_rate: int, target_rate: int) -> np.ndarray:
    if source_rate == target_rate:
        return samples
    common = gcd(source_rate, target_rate)
    return resample_poly(samples, target_rate // common, source_rate // common, axis=-1)
