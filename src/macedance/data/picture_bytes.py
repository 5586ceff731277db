"""Pictures and videos as the bytes of files. Axes: N sound samples, C channels, H height, W width."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
import PIL.Image

from macedance.render.video import write_video

JPEG_QUALITY = 95


def jpeg_bytes(picture: np.ndarray) -> bytes:
    """A picture, uint8 (H, W, 3), as the bytes of a JPEG file."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(picture).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def mp4_bytes(
    frames: Iterable[np.ndarray], rate: Fraction, audio: tuple[np.ndarray, int] | None = None
) -> bytes:
    """Pictures, uint8 (H, W, 3), as the bytes of an mp4 file, equal for equal ones; they are encoded as they come.

    Args:
        frames: From first to last.
        rate: Frames per second.
        audio: int16 samples (N,) or (N, C) and their rate.
    """
    with tempfile.TemporaryDirectory(prefix="macedance-") as folder:
        path = Path(folder) / "clip.mp4"
        if audio is None:
            write_video(path, frames, fps=rate, is_reproducible=True)
        else:
            samples = audio[0].T / np.float32(32768)
            write_video(path, frames, fps=rate, audio=samples, sample_rate=audio[1], is_reproducible=True)
        return path.read_bytes()
