"""The packages of examples/, installed as pip installs them and run from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from macedance.cli import main
from macedance.plugins import installed_experts, load_plugins

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGES = ("retrieval-motion-expert", "stick-figure-renderer")
LIST_AND_TEST = """
import sys, pytest
from macedance.cli import main
main(["experts"])
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that both are installed into, from copies, since building leaves files behind."""
    folder = tmp_path_factory.mktemp("examples")
    copies = [shutil.copytree(EXAMPLES / name, folder / name) for name in PACKAGES]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *offline, "--target", str(folder / "site")]
    subprocess.run([*pip, *map(str, copies)], check=True, timeout=120)
    return folder / "site"


@pytest.mark.slow
def test_installed_examples_are_listed_and_pass_their_kits(site: Path, tmp_path: Path) -> None:
    tests = [str(site.parent / name / "tests") for name in PACKAGES]
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--rootdir={site.parent}"]
    ended = subprocess.run(
        [sys.executable, "-c", LIST_AND_TEST, *options, f"--basetemp={tmp_path / 'kits'}", *tests],
        env={**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"},
        cwd=site.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for shown in ("retrieval_motion_expert.RetrievalMotionExpert", "stick-figure-renderer 0.1.0", "passed"):
        assert shown in ended.stdout
    assert "failed" not in ended.stdout


@pytest.fixture
def other_plugins() -> Iterator[None]:
    """Plugins are looked for anew, and forgotten again."""
    for found in (installed_experts, load_plugins):
        found.cache_clear()
    yield
    for found in (installed_experts, load_plugins):
        found.cache_clear()


@pytest.mark.usefixtures("other_plugins")
@pytest.mark.parametrize("name", PACKAGES)
def test_their_configurations_can_be_used(
    name: str, site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr("sys.argv", ["macedance"])
    (config,) = (EXAMPLES / name).glob("*.yaml")
    with pytest.raises(SystemExit) as ended:
        main(["fit", "--config", str(config), "--print_config"])
    assert ended.value.code == 0
    assert f"class_path: {name.replace('-', '_')}." in capsys.readouterr().out
