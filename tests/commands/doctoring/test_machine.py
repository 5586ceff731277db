from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import torch

from macedance.commands.doctoring import machine
from macedance.commands.doctoring.finding import Found

DRIVER = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Fri Jan 24 2025\nGCC version: 12\n"


def only(look) -> Found:
    (found,) = look()
    return found


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "version"
    monkeypatch.setattr(machine, "NVIDIA_DRIVER", path)
    return path


def test_tells_versions_and_what_torch_was_built_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    assert f"torch {torch.__version__} built without CUDA" in only(machine.software).told
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert "built for CUDA 13.0" in only(machine.software).told


@pytest.mark.parametrize(("gib", "state"), [(8.0, "ok"), (0.5, "problem")])
def test_memory(gib: float, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = SimpleNamespace(available=gib * 2**30, total=16 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    found = only(machine.processor)
    assert found.state == state
    assert f"{gib:.1f} of 16.0 GiB memory free" in found.told


def test_equal_gpus_are_one_line(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.write_text(DRIVER)
    kinds = [
        SimpleNamespace(name=name, total_memory=size * 2**30)
        for name, size in (("A", 80), ("A", 80), ("B", 24))
    ]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    monkeypatch.setattr(torch.cuda, "get_device_properties", kinds.__getitem__)
    assert [found.told for found in machine.gpus()] == [
        "2 × A, 80 GiB, driver 570.86.15",
        "1 × B, 24 GiB, driver 570.86.15",
    ]


@pytest.mark.parametrize(
    ("has_driver", "cuda", "state", "told"),
    [
        (False, None, "missing", "none that torch can use"),
        (True, None, "problem", "torch was built without CUDA"),
        (True, "13.0", "problem", "torch, built for CUDA 13.0, finds no GPU"),
    ],
)
def test_no_gpu(
    has_driver: bool, cuda: str | None, state: str, told: str, driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_driver:
        driver.write_text(DRIVER)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    found = only(machine.gpus)
    assert found.state == state
    assert told in found.told
    assert bool(found.remedy) == (state == "problem")


def test_disks_with_room_are_one_line() -> None:
    found = only(machine.disks)
    assert found.state == "ok"
    assert all(name in found.told for name in ("here", "cache", "temporary"))


def test_a_full_disk_and_one_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    usage = SimpleNamespace(free=2**28)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: usage if path == tmp_path else SimpleNamespace(free=2**40)
    )
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path and access(path, mode))
    locked, full, every = machine.disks()
    assert locked == Found("problem", f"nothing can be written to {tmp_path} (here)", f"chmod u+w {tmp_path}")
    assert (full.state, full.told) == ("problem", f"0.2 GiB are free at {tmp_path} (here)")
    assert "cache 1024 GiB" in every.told
