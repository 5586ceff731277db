"""librosa, with its compiled kernels loaded while no other process does the same."""

from __future__ import annotations

import contextlib
import os
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from platformdirs import user_cache_path


@cache
def compiled_librosa() -> Any:
    """The librosa package; nothing in this project uses it otherwise.

    numba compiles librosa's kernels when its modules are first used, and keeps them in a cache. Processes that fill
    the cache at the same time leave halves in it that do not belong together, and from then on every process that
    loads them ends with a segmentation fault. So the first use in a process happens here, under a lock.
    """
    with FileLock(lock_folder() / "macedance-librosa-kernels.lock"):
        librosa = import_module("librosa")
        noise = np.random.default_rng(0).standard_normal(4 * 22_050, dtype=np.float32)
        librosa.feature.chroma_cens(y=noise, sr=22_050)
        librosa.beat.beat_track(y=noise, sr=22_050)
        librosa.onset.onset_detect(y=noise, sr=22_050)
    return librosa


def lock_folder() -> Path:
    """A folder that the processes sharing numba's cache share too."""
    for folder in (os.environ.get("NUMBA_CACHE_DIR"), user_cache_path("macedance")):
        if folder:
            with contextlib.suppress(OSError):
                Path(folder).mkdir(parents=True, exist_ok=True)
                if os.access(folder, os.W_OK):
                    return Path(folder)
    return Path(tempfile.gettempdir())
