from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from macedance.plugins import installed_experts, load_plugins


def install(folder: Path, package: str, entry: str, code: str) -> None:
    """A package as pip lays it into a folder."""
    (folder / f"{package}.py").write_text(code)
    information = folder / f"{package}-1.2.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (information / "entry_points.txt").write_text(f"[macedance.experts]\n{entry}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    installed_experts.cache_clear()
    load_plugins.cache_clear()
    yield tmp_path
    installed_experts.cache_clear()
    load_plugins.cache_clear()


def test_experts_of_other_packages_are_found(site: Path) -> None:
    install(site, "waving", "wave = waving:Waving", "class Waving:\n    def generate(self): ...\n")
    assert load_plugins()["wave"].__name__ == "Waving"
    assert {"motion", "appearance"} <= load_plugins().keys()
    (expert,) = [expert for expert in installed_experts() if expert.name == "wave"]
    assert (expert.kind, expert.class_path) == ("motion", "waving.Waving")
    assert (expert.package, expert.version) == ("waving", "1.2")


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("lacking", "import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("dividing", "1 / 0", "ZeroDivisionError: division by zero"),
        ("hollow", "", "AttributeError: module 'hollow' has no attribute 'Expert'"),
        ("leaving", "import sys; sys.exit('no GPU')", "SystemExit: no GPU"),
    ],
)
def test_one_that_cannot_be_imported_is_told_and_stops_nothing(
    site: Path, name: str, code: str, reason: str
) -> None:
    install(site, name, f"broken = {name}:Expert", code)
    with pytest.warns(UserWarning, match="cannot be imported") as warned:
        experts = load_plugins()
    assert f"the expert 'broken' of {name} 1.2 cannot be imported ({reason})" in str(warned[0].message)
    assert "broken" not in experts
    assert "motion" in experts


def test_a_name_that_is_taken_hides_nothing(site: Path) -> None:
    install(site, "another", "motion = another:Dancer", "class Dancer:\n    def generate(self): ...\n")
    found = [expert.class_path for expert in installed_experts() if expert.name == "motion"]
    assert found == ["macedance.lightning_modules.motion.MotionExpert", "another.Dancer"]
    experts = load_plugins()
    assert experts["motion"].__name__ == "MotionExpert"
    assert experts["another.Dancer"].__name__ == "Dancer"
