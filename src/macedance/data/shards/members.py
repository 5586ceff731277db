"""Members of a sample as bytes and as values. Axes: T frames, N sound samples, C channels, H height, W width."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import safetensors.torch
import soundfile

from macedance.geometry.npz_files import parse_npy, parse_npz

MAX_VALUE_BYTES = 2**30
"""What one decoded member may take. Clips of ten seconds take thousandths of it; a decompression bomb more."""


def encode_sample(
    key: str,
    about: dict[str, Any],
    *,
    motion: dict[str, np.ndarray] | None = None,
    music: np.ndarray | None = None,
    audio: tuple[np.ndarray, int] | None = None,
    files: dict[str, bytes] | None = None,
) -> dict[str, Any]:
    """A sample as the bytes of its members, equal for equal input.

    Args:
        key: Name without dots, unique in its split.
        about: What ``KEY.json`` tells.
        motion: Arrays of ``KEY.motion.npz``: poses (T, 24, 3), trans (T, 3), betas (10,).
        music: Music features (T, 35).
        audio: Samples (N,) or (N, C), of 16 bits or float, and their rate.
        files: Further members that are bytes already, such as ``video.mp4``, by name.
    """
    sample: dict[str, Any] = {"__key__": key, "json": json.dumps(about, sort_keys=True).encode()}
    if motion is not None:
        sample["motion.npz"] = _npz_bytes(motion)
    if music is not None:
        sample["music.npy"] = npy_bytes(music)
    if audio is not None:
        buffer = io.BytesIO()
        soundfile.write(buffer, audio[0], audio[1], format="FLAC", subtype="PCM_16")
        sample["audio.flac"] = buffer.getvalue()
    return sample | (files or {})


def decode_member(name: str, data: bytes) -> Any:
    """The value of a member, by the last part of its name.

    json gives a dict, npz a dict of arrays, npy an array, flac (samples (N,) or (N, C) float32, rate), jpg uint8
    (H, W, 3), safetensors a dict of tensors. Videos and everything else stay bytes.

    Raises:
        ValueError: It does not decode, or would take more than :data:`MAX_VALUE_BYTES`.
    """
    decode = _DECODERS.get(name.rpartition(".")[2])
    if decode is None:
        return data
    try:
        return decode(data)
    except Exception as error:
        raise ValueError(f"member {name} does not decode ({_first_line(error)})") from error


def npy_bytes(array: np.ndarray) -> bytes:
    """An array as the bytes of an npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz_bytes(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _decode_json(data: bytes) -> dict[str, Any]:
    value = json.loads(data)
    if not isinstance(value, dict):
        raise ValueError(f"it must be an object, is a {type(value).__name__}")
    return value


def _decode_flac(data: bytes) -> tuple[np.ndarray, int]:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        num_bytes = 4 * file.frames * file.channels
        if num_bytes > MAX_VALUE_BYTES:
            raise ValueError(f"it would take {num_bytes} bytes, more than {MAX_VALUE_BYTES}")
        samples = file.read(dtype="float32")
        if len(samples) != file.frames:
            raise ValueError(f"it promises {file.frames} samples and holds {len(samples)}")
        return samples, file.samplerate


def _decode_jpg(data: bytes) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        if 3 * image.width * image.height > MAX_VALUE_BYTES:
            raise ValueError(
                f"it would take {3 * image.width * image.height} bytes, more than {MAX_VALUE_BYTES}"
            )
        return np.array(image.convert("RGB"))


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0] or type(error).__name__


_DECODERS: dict[str, Callable[[bytes], Any]] = {
    "json": _decode_json,
    "npz": lambda data: parse_npz(io.BytesIO(data), max_bytes=MAX_VALUE_BYTES),
    "npy": parse_npy,
    "flac": _decode_flac,
    "jpg": _decode_jpg,
    "safetensors": safetensors.torch.load,
}
