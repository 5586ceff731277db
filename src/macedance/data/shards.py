"""MA-Data shards: tar files of samples, and the manifest beside them.

A sample is the files of one key: ``KEY.json``, ``KEY.motion.npz``, ``KEY.music.npy``, ``KEY.audio.flac``. Any
webdataset reader can read a shard.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import webdataset

from macedance.whole_files import renamed_when_complete

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"


def encode_sample(
    key: str,
    about: dict[str, Any],
    *,
    motion: dict[str, np.ndarray],
    music: np.ndarray,
    audio: tuple[np.ndarray, int] | None = None,
) -> dict[str, Any]:
    """A sample as the bytes of its members, equal for equal input.

    Args:
        key: Name without dots, unique in its split.
        about: What ``KEY.json`` tells.
        motion: Arrays of ``KEY.motion.npz``: poses (T, 24, 3), trans (T, 3), betas (10,).
        music: Music features (T, 35).
        audio: Samples (N,) or (N, C), of 16 bits or float, and their rate.
    """
    sample: dict[str, Any] = {
        "__key__": key,
        "json": json.dumps(about, sort_keys=True).encode(),
        "motion.npz": _npz_bytes(motion),
        "music.npy": _npy_bytes(music),
    }
    if audio is not None:
        buffer = io.BytesIO()
        soundfile.write(buffer, audio[0], audio[1], format="FLAC", subtype="PCM_16")
        sample["audio.flac"] = buffer.getvalue()
    return sample


def write_shard(path: str | Path, samples: Iterable[dict[str, Any]]) -> None:
    """Write samples of :func:`encode_sample` as one shard; it has its final name only when it is whole."""
    with (
        renamed_when_complete(path) as partial,
        webdataset.TarWriter(str(partial), encoder=False, mtime=0, user="", group="") as writer,
    ):
        for sample in samples:
            writer.write(sample)


def expand_shards(shards: str | Path | Sequence[str | Path], split: str | None = None) -> list[Path]:
    """Paths of the shards in a folder, matched by a glob pattern, or listed.

    Args:
        shards: Folder, glob pattern or list of files.
        split: Only shards of ``train``, ``val`` or ``test``: those whose names begin with it.

    Raises:
        FileNotFoundError: Nothing matches, or a listed file does not exist.
    """
    if not isinstance(shards, (str, Path)):
        paths = [Path(path) for path in shards]
    elif Path(shards).is_dir():
        paths = sorted(Path(shards).glob("*.tar"))
    else:
        pattern = Path(shards)
        paths = sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    paths = [path for path in paths if path.name[0] != "."]  # not those that are being written
    if split is not None:
        paths = [path for path in paths if path.name.startswith(f"{split}-")]
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        wanted = f"{split} shards" if split else "shards"
        raise FileNotFoundError(
            f"shards: no {wanted} at {missing[0] if missing else shards}; "
            "make some with 'macedance data synthesize --out DIR'"
        )
    return paths


def read_shards(
    shards: str | Path | Sequence[str | Path], members: Sequence[str] = ("json", "motion.npz", "music.npy")
) -> Iterator[dict[str, Any]]:
    """Decoded samples in their order: ``__key__``, ``__url__`` (the shard) and the wanted members.

    json gives a dict, npz a dict of arrays, npy an array, flac (samples (N,) or (N, C), rate).

    Raises:
        FileNotFoundError: No shard is there.
        ValueError: A sample lacks a member or one does not decode; shard, key and member are named.
    """
    for path in expand_shards(shards):
        for sample in _raw_samples(path):
            decoded = {"__key__": sample["__key__"], "__url__": str(path)}
            for member in members:
                if member not in sample:
                    raise ValueError(f"{path}: sample {sample['__key__']} has no member {member}")
                try:
                    decoded[member] = _DECODERS[member.rpartition(".")[2]](sample[member])
                except Exception as error:
                    raise ValueError(
                        f"{path}: member {member} of sample {sample['__key__']} does not decode ({error})"
                    ) from error
            yield decoded


def _raw_samples(path: Path) -> Iterator[dict[str, Any]]:
    """Samples of one shard as bytes; the same in every process, whether rank or loader worker."""
    samples = webdataset.WebDataset(
        [str(path)], shardshuffle=False, empty_check=False, nodesplitter=None, workersplitter=None
    )
    try:
        yield from samples
    except tarfile.TarError as error:
        raise ValueError(f"{path} is not a whole tar file ({error}); make or fetch it again") from error


def write_manifest(
    folder: str | Path, *, num_samples: dict[str, int], statistics: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Write ``manifest.json``: every shard with its size, count and sha256, and what the set was made with.

    Args:
        folder: Where the shards are.
        num_samples: Samples of each shard, by file name.
        statistics: Smallest and largest value of each channel of the training motion's representation.
        settings: Whatever identifies the set.
    """
    folder = Path(folder)
    shards = [
        {
            "name": name,
            "num_samples": count,
            "num_bytes": (folder / name).stat().st_size,
            "sha256": _sha256(folder / name),
        }
        for name, count in sorted(num_samples.items())
    ]
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "shards": shards,
        "statistics": statistics,
        "settings": settings,
    }
    with renamed_when_complete(folder / MANIFEST) as partial:
        partial.write_text(json.dumps(manifest, indent=2) + "\n")


def _npy_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _npz_bytes(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _read_npz(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


_DECODERS: dict[str, Callable[[bytes], Any]] = {
    "json": json.loads,
    "npz": _read_npz,
    "npy": lambda data: np.load(io.BytesIO(data), allow_pickle=False),
    "flac": lambda data: soundfile.read(io.BytesIO(data), dtype="float32"),
}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
