from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError

import pytest
import torch

from macedance.commands.doctoring import kernels
from macedance.commands.doctoring.finding import Found


def only(look) -> Found:
    (found,) = look()
    return found


@pytest.mark.parametrize(
    ("has_gpu", "backends", "state", "told"),
    [
        (False, ("torch",), "ok", "cpu: torch"),
        (True, ("torch", "mamba_ssm"), "ok", "cpu: torch; cuda: mamba_ssm"),
        (True, ("torch",), "missing", "cpu: torch; cuda: torch, which is slower than mamba_ssm"),
    ],
)
def test_which_scan(
    has_gpu: bool, backends: tuple[str, ...], state: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    module = import_module("macedance.ops.selective_scan")
    monkeypatch.setattr(module, "available_backends", lambda: backends)
    found = only(kernels.selective_scan)
    assert (found.state, found.told) == (state, told)
    assert ("macedance[cuda]" in found.remedy) == (state == "missing")


@pytest.mark.parametrize(
    ("has_gpu", "installed", "state", "told"),
    [
        (False, (), "ok", "none, which only GPUs would use"),
        (True, (), "missing", "mamba-ssm none, causal-conv1d none, triton none"),
        (True, ("triton",), "missing", "mamba-ssm none, causal-conv1d none, triton 3.7"),
        (True, kernels.OF_GPUS, "ok", "mamba-ssm 3.7, causal-conv1d 3.7, triton 3.7"),
    ],
)
def test_packages_for_gpus(
    has_gpu: bool, installed: tuple[str, ...], state: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(package: str) -> str:
        if package not in installed:
            raise PackageNotFoundError(package)
        return "3.7"

    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setattr(kernels, "version", version)
    found = only(kernels.gpu_packages)
    assert (found.state, found.told) == (state, told)
