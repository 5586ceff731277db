"""Looks at the kernels that the networks would run on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from macedance.commands.doctoring.finding import Found

OF_GPUS = ("mamba-ssm", "causal-conv1d", "triton")


def selective_scan() -> Iterator[Found]:
    """Which selective scan the Motion Expert would take on each device."""
    import torch

    from macedance.ops.selective_scan import available_backends

    if not torch.cuda.is_available():
        yield Found("ok", "cpu: torch")
    elif "mamba_ssm" in available_backends():
        yield Found("ok", "cpu: torch; cuda: mamba_ssm")
    else:
        yield Found(
            "missing",
            "cpu: torch; cuda: torch, which is slower than mamba_ssm",
            'pip install "macedance[cuda]", on a machine with nvcc',
        )


def gpu_packages() -> Iterator[Found]:
    """Packages with kernels for GPUs."""
    import torch

    versions = {name: _version(name) for name in OF_GPUS}
    told = ", ".join(f"{name} {found or 'none'}" for name, found in versions.items())
    if all(versions.values()) or not torch.cuda.is_available():
        yield Found("ok", told if any(versions.values()) else "none, which only GPUs would use")
    else:
        yield Found("missing", told, 'pip install "macedance[cuda]", on a machine with nvcc')


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
