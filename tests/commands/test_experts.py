from __future__ import annotations

from pathlib import Path

import pytest

from macedance import plugins
from macedance.cli import main
from macedance.data.precomputed import PrecomputedVideo
from macedance.plugins import InstalledExpert
from macedance.render.body_renderer import BodyRenderer
from macedance.testing import TinyShards
from macedance.testing.stand_ins import StandingDancer

BODY = InstalledExpert("body", "macedance.render.body_renderer.BodyRenderer", "bodies", "2", BodyRenderer)
FOLDER = InstalledExpert(
    "videos", "macedance.data.precomputed.PrecomputedVideo", "folders", "3", PrecomputedVideo
)
OTHER = InstalledExpert("motion", "other.Dancer", "others", "4", StandingDancer)
BROKEN = InstalledExpert("broken", "broken.Expert", "breaking", "1", error="ImportError: no [such] module")


@pytest.fixture(autouse=True)
def more_experts(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = (*plugins.installed_experts(), BODY, FOLDER, BROKEN)
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
    (folder,) = [line for line in lines if "folders 3" in line]
    assert "for_clip() alone" in folder
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


SMALL = {
    "motion": {"width": 8, "num_dance_layers": 1, "num_music_layers": 1, "num_heads": 2, "state_size": 2},
    "appearance": {"backbone": "tiny", "dtype": "float32", "num_validation_clips": 0},
}


@pytest.mark.parametrize("name", SMALL)
def test_the_configuration_to_start_from_fits(
    name: str,
    motion_shards: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(shown(capsys, name, "--yaml"))
    assert "max_steps: 1000" in config.read_text()
    sets = TinyShards(tmp_path_factory.getbasetemp() / "macedance-shards")
    shards = motion_shards if name == "motion" else sets.encoded()
    options = {
        "data.init_args.shards": shards,
        "data.init_args.batch_size": 2,
        f"data.init_args.{'window_frames' if name == 'motion' else 'num_frames'}": 9,
        "trainer.max_steps": 1,
        "trainer.val_check_interval": 1,
        "trainer.limit_val_batches": 0,
        "trainer.accelerator": "cpu",
        "trainer.enable_progress_bar": "false",
        **{f"model.init_args.{argument}": value for argument, value in SMALL[name].items()},
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["macedance"])
    given = [f"--{option}={value}" for option, value in options.items()]
    assert main(["fit", "--config", str(config), *given]) == 0
    assert (tmp_path / "runs" / name / "version_0" / "checkpoints" / "last.ckpt").is_file()


def test_a_name_that_several_packages_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = (*plugins.installed_experts(), OTHER)
    monkeypatch.setattr(plugins, "installed_experts", lambda: installed)
    assert main(["experts", "motion"]) == 2
    told = capsys.readouterr().err
    for offer in ("macedance (macedance.lightning_modules.motion.MotionExpert)", "others (other.Dancer)"):
        assert offer in told
    assert "motion: motion expert, other.Dancer, others 4" in shown(capsys, "other.Dancer")


def test_one_that_cannot_be_trained_is_shown_as_part_of_a_cascade(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "body", "--yaml")
    assert "class_path: macedance.lightning_modules.Cascade" in printed
    assert "    appearance:\n      class_path: macedance.render.body_renderer.BodyRenderer" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mime"], "NAME must be one of appearance, motion, body, videos, broken, got 'mime'"),
        (
            ["videos"],
            "NAME: videos of folders must be of one kind, but has for_clip() alone; write its class path",
        ),
        (["videos", "--yaml"], "NAME: videos of folders must be of one kind"),
        (["broken"], "NAME: broken of breaking cannot be imported (ImportError: no [such] module)"),
        (["--yaml"], "--yaml must come with the NAME of an expert"),
    ],
)
def test_what_cannot_be_told_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experts", *arguments]) == 2
    assert message in capsys.readouterr().err
