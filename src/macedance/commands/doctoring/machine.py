"""Looks at the machine: Python, PyTorch, processors, GPUs and disks."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from macedance.commands.doctoring.finding import Found

GIB = 2**30
LEAST_FREE_GIB = 1.0
"""With less than this on a disk, a video or a checkpoint may not be written to its end."""
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


def software() -> Iterator[Found]:
    """The versions of this package, Python and PyTorch."""
    import torch

    built = f"for CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"
    yield Found(
        "ok",
        f"macedance {version('macedance')}, Python {platform.python_version()}, torch {torch.__version__} "
        f"built {built}",
    )


def processor() -> Iterator[Found]:
    """CPU cores that may be used, and memory."""
    import psutil

    from macedance.data.worker_processes import default_num_workers

    memory = psutil.virtual_memory()
    told = f"{default_num_workers()} cores, {memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB memory free"
    if memory.available < LEAST_FREE_GIB * GIB:
        yield Found("problem", told, "end other programs, or take a machine with more memory")
    else:
        yield Found("ok", told)


def gpus() -> Iterator[Found]:
    """GPUs that torch can use, or why it uses none."""
    import torch

    driver = nvidia_driver()
    if torch.cuda.is_available():
        every = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        kinds = Counter(f"{gpu.name}, {gpu.total_memory / GIB:.0f} GiB" for gpu in every)
        for kind, number in kinds.items():
            yield Found("ok", f"{number} × {kind}" + (f", driver {driver}" if driver else ""))
    elif driver and not torch.version.cuda:
        yield Found(
            "problem",
            f"NVIDIA's driver {driver} is there, but torch was built without CUDA",
            "pytorch.org/get-started/locally tells which torch to install",
        )
    elif driver:
        yield Found(
            "problem",
            f"NVIDIA's driver {driver} is there, but torch, built for CUDA {torch.version.cuda}, finds no GPU",
            "nvidia-smi tells whether the driver works; CUDA_VISIBLE_DEVICES may hide the GPUs",
        )
    else:
        yield Found("missing", "none that torch can use: all works on the CPU, Wan-Animate needs a GPU")


def nvidia_driver() -> str:
    """The version of NVIDIA's driver; empty where there is none, or it cannot be told."""
    if not NVIDIA_DRIVER.is_file():
        return ""
    words = NVIDIA_DRIVER.read_text().partition("\n")[0].split()
    return next((word for word in words if word[0].isdigit()), "")


def disks() -> Iterator[Found]:
    """Room for results, for what is kept between runs, and for temporary files."""
    from platformdirs import user_cache_path

    places = {
        "here": Path.cwd(),
        "cache": user_cache_path("macedance"),
        "temporary": Path(tempfile.gettempdir()),
    }
    free = {}
    for name, place in places.items():
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        if not os.access(there, os.W_OK):
            yield Found("problem", f"nothing can be written to {there} ({name})", f"chmod u+w {there}")
        free[name] = shutil.disk_usage(there).free / GIB
        if free[name] < LEAST_FREE_GIB:
            yield Found(
                "problem",
                f"{free[name]:.1f} GiB are free at {place} ({name})",
                "remove what is not needed there",
            )
    yield Found("ok", "free: " + ", ".join(f"{name} {gib:.0f} GiB" for name, gib in free.items()))
