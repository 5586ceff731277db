from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants

from macedance.cli import main
from macedance.commands import doctor
from macedance.commands.doctoring import machine, packages
from macedance.commands.doctoring.finding import Found, Probe
from macedance.geometry import anny_humans, human_body
from macedance.render import backend

SCREEN = (100, 40)


def failing() -> list[Found]:
    raise OSError("libGL.so.1: cannot open shared object file")


def test_one_screen_on_this_machine(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= SCREEN[1]
    assert max(map(len, lines)) <= SCREEN[0]
    for probe in doctor.probes():
        assert any(probe.name in line for line in lines), probe.name
    assert "Dances can be made" in lines[-1]


def test_one_screen_where_all_is_missing(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACEDANCE_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda model, name: None)
    monkeypatch.setattr(backend, "default_renderer", lambda: "software")
    monkeypatch.setattr(anny_humans, "anny_version", lambda: None)
    monkeypatch.setattr(human_body, "user_cache_path", lambda name: tmp_path)
    monkeypatch.setattr(
        packages, "_unmet", lambda wanted: [(each, f"{each.name} is old") for each in wanted[:3]]
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "nvidia_driver", lambda: "570.86.15")
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum(" missing " in line for line in lines) >= 8
    assert sum(" problem " in line for line in lines) >= 2
    assert len(lines) <= SCREEN[1]
    assert max(map(len, lines)) <= SCREEN[0]


def test_json_says_the_same(monkeypatch, capsys) -> None:
    few = [
        Probe("machine", "disks", machine.disks, is_needed=True),
        Probe("models", "none", lambda: [Found("missing", "a “thing”", "fetch it")]),
    ]
    monkeypatch.setattr(doctor, "probes", lambda: few)
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["can_dance"] is True
    assert told["findings"][-1] == {
        "section": "models",
        "name": "none",
        "state": "missing",
        "told": "a “thing”",
        "remedy": "fetch it",
        "is_needed": False,
    }


@pytest.mark.parametrize(("is_needed", "code"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_broken_probe_is_told_and_decides_the_exit_code(
    is_needed: bool, code: int, options: list[str], monkeypatch, capsys
) -> None:
    broken = Probe("pictures", "renderer", failing, is_needed)
    monkeypatch.setattr(doctor, "probes", lambda: [broken])
    assert main(["doctor", *options]) == code
    captured = capsys.readouterr()
    assert "OSError: libGL.so.1" in captured.out
    assert captured.err == ""


def test_every_probe_may_break(monkeypatch, capsys) -> None:
    broken = [Probe(probe.section, probe.name, failing, probe.is_needed) for probe in doctor.probes()]
    monkeypatch.setattr(doctor, "probes", lambda: broken)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.count("libGL.so.1") == len(broken)


def test_needed_is_what_a_dance_on_the_cpu_needs() -> None:
    needed = {probe.name for probe in doctor.probes() if probe.is_needed}
    assert {"software", "renderer", "video encoders", "songs", "dependencies", "default"} <= needed
    assert not {"GPUs", "Wan-Animate", "extras", "bodies", "hub"} & needed


def test_does_not_load_what_it_can_look_at_from_outside(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom macedance.cli import main\nmain(['doctor'])\n"
        "sys.exit(', '.join({'lightning', 'diffusers', 'anny'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (
            "packaging",
            "dependencies problem cannot be looked at: ModuleNotFoundError: No module named 'packaging",
        ),
        ("rich", "packages, dependencies: ok: all "),
    ],
)
def test_tells_also_without_what_it_tells_with(gone: str, told: str, tmp_path: Path) -> None:
    script = (
        f"import sys\nsys.modules[{gone!r}] = None\n"
        "from macedance.cli import main\nfrom macedance.commands import doctor\n"
        "few = [probe for probe in doctor.probes() if probe.section == 'packages']\n"
        "doctor.probes = lambda: few\nmain(['doctor'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stderr == ""
    assert told in " ".join(done.stdout.split())
