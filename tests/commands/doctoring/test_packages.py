from __future__ import annotations

from importlib.metadata import EntryPoint, PackageNotFoundError

import pytest

from macedance.commands.doctoring import packages
from macedance.commands.doctoring.finding import Found

REQUIRED = [
    "torch>=2.9",
    "rich>=13",
    'colorama>=1; sys_platform == "nowhere"',
    'anny>=0.6; extra == "body"',
    'mamba-ssm>=2.3; extra == "cuda"',
    'pytest>=8; extra == "dev"',
]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    versions = {"torch": "2.13.0+cpu", "rich": "15.0", "anny": "0.6.2", "mamba-ssm": "2.3.1"}

    def version(package: str) -> str:
        if package not in versions:
            raise PackageNotFoundError(package)
        return versions[package]

    monkeypatch.setattr(packages, "requires", lambda package: REQUIRED)
    monkeypatch.setattr(packages, "version", version)
    monkeypatch.setattr(packages, "EXTRAS", {"cuda": "speed", "body": "a human"})
    return versions


def test_dependencies_that_are_all_there(installed: dict[str, str]) -> None:
    assert list(packages.dependencies()) == [Found("ok", "all 2 are installed")]


def test_dependencies_that_are_gone_or_old(installed: dict[str, str]) -> None:
    del installed["rich"]
    installed["torch"] = "2.4"
    (found,) = packages.dependencies()
    assert found.state == "problem"
    assert found.told == "torch is 2.4, not >=2.9; rich is not installed"
    assert found.remedy == 'pip install "torch>=2.9" "rich>=13"'


def test_extras(installed: dict[str, str]) -> None:
    del installed["torch"]  # what every dance needs is no extra's
    assert list(packages.extras()) == [Found("ok", "cuda, body")]
    del installed["anny"]
    assert list(packages.extras()) == [
        Found("ok", "cuda"),
        Found("missing", "body (a human)", 'pip install "macedance[body]"'),
    ]
    del installed["mamba-ssm"]
    (found,) = packages.extras()
    assert found.remedy == 'pip install "macedance[cuda,body]"'


def test_experts(monkeypatch: pytest.MonkeyPatch) -> None:
    group = packages.GROUP
    points = [
        EntryPoint("mine", "macedance.mine:Expert", group),
        EntryPoint("gone", "gone_package.of:Expert", group),
    ]
    monkeypatch.setattr(packages, "entry_points", lambda group: points)
    there, gone = packages.experts()
    assert there == Found("ok", "mine")
    assert (gone.state, gone.told) == ("problem", "gone is offered by gone_package.of, which is not there")
    monkeypatch.setattr(packages, "entry_points", lambda group: [])
    (none,) = packages.experts()
    assert none.state == "problem"
