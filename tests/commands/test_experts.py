from __future__ import annotations

from pathlib import Path

import pytest

from macedance import plugins
from macedance.cli import main
from macedance.plugins import InstalledExpert
from macedance.render.body_renderer import BodyRenderer

BODY = InstalledExpert("body", "macedance.render.body_renderer.BodyRenderer", "bodies", "2", BodyRenderer)
BROKEN = InstalledExpert("broken", "broken.Expert", "breaking", "1", error="ImportError: no [such] module")


@pytest.fixture(autouse=True)
def more_experts(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = (*plugins.installed_experts(), BODY, BROKEN)
    monkeypatch.setattr(plugins, "installed_experts", lambda: installed)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["experts", *arguments]) == 0
    return capsys.readouterr().out


def test_lists_all_and_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys).splitlines()
    (motion,) = [line for line in lines if "MotionExpert" in line]
    assert "macedance.lightning_modules.motion.MotionExpert" in motion
    (body,) = [line for line in lines if "BodyRenderer" in line]
    assert "appearance" in body
    assert "bodies 2" in body
    (broken,) = [line for line in lines if "breaking 1" in line]
    assert "cannot be imported: ImportError: no [such] module" in broken


def test_tells_what_an_expert_can_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "motion")
    assert "read MotionData" in printed, "links of docstrings are plain names"
    (row,) = [line for line in printed.splitlines() if "num_heads" in line and "│" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["num_heads", "int", "8", "Attention heads."]
    (row,) = [line for line in printed.splitlines() if "OptimizerCallable" in line]
    assert "AdamW" in row
    assert "class_path: macedance.lightning_modules.motion.MotionExpert" in printed


def test_the_configuration_to_start_from_can_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("motion", "appearance"):
        config = tmp_path / f"{name}.yaml"
        config.write_text(shown(capsys, name, "--yaml"))
        with pytest.raises(SystemExit) as ended:
            main(["fit", "--config", str(config), "--print_config"])
        assert ended.value.code == 0
        assert "max_steps: 1000" in capsys.readouterr().out


def test_one_that_cannot_be_trained_is_shown_as_part_of_a_cascade(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "body", "--yaml")
    assert "class_path: macedance.lightning_modules.Cascade" in printed
    assert "    appearance:\n      class_path: macedance.render.body_renderer.BodyRenderer" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mime"], "NAME must be one of appearance, motion, body, broken, got 'mime'"),
        (["broken"], "NAME: broken of breaking cannot be imported (ImportError: no [such] module)"),
        (["--yaml"], "--yaml must come with the NAME of an expert"),
    ],
)
def test_what_cannot_be_told_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experts", *arguments]) == 2
    assert message in capsys.readouterr().err
