from __future__ import annotations

from pathlib import Path

import pytest
import torch

from macedance.cli import main

LAST = "runs/motion-tiny/version_{}/checkpoints/last.ckpt"


@pytest.fixture
def run(motion_shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a Lightning command on tiny sizes in an empty folder and returns its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["macedance"])
    small = {
        "trainer.accelerator": "cpu",
        "trainer.limit_val_batches": 0,
        "data.init_args.shards": motion_shards,
        "data.init_args.batch_size": 4,
        "data.init_args.window_frames": 40,
        "model.init_args.width": 16,
    }

    def run_command(command: str, **options: object) -> int:
        flags = {**small, **{name.replace("__", "."): value for name, value in options.items()}}
        arguments = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
        return main([command, "--config", "configs/motion/tiny.yaml", *arguments])

    return run_command


@pytest.mark.slow
def test_a_finished_run_goes_on_as_the_command_line_says(run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", trainer__max_steps=2) == 0
    assert torch.load(LAST.format(0), weights_only=True)["global_step"] == 2
    capsys.readouterr()
    changed = {"model.init_args.temperature": 0.3}
    assert run("fit", trainer__max_steps=4, ckpt_path=LAST.format(0), **changed) == 0
    assert (
        "model.init_args.temperature is 0.3; the checkpoint was trained with 0.75" in capsys.readouterr().out
    )
    checkpoint = torch.load(LAST.format(1), weights_only=True)
    assert checkpoint["global_step"] == 4
    assert checkpoint["hyper_parameters"]["temperature"] == 0.3
    assert checkpoint["lr_schedulers"][0]["last_epoch"] == 4

    assert run("test", ckpt_path=LAST.format(0), **{"model.init_args.width": 32}) == 2
    assert "the checkpoint's weights do not fit the configured model" in capsys.readouterr().err


@pytest.mark.slow
def test_the_progress_bar_can_be_switched_off(run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", trainer__max_steps=1, trainer__enable_progress_bar="false") == 0
    assert "Epoch" not in capsys.readouterr().out


@pytest.mark.slow
def test_how_often_to_save_is_told_in_yaml(run, tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.yaml"
    schedule.write_text(
        "trainer:\n  callbacks:\n    - class_path: macedance.callbacks.RunCheckpoint\n"
        "      init_args: {every_n_train_steps: 2, save_top_k: -1}\n"
    )
    assert run("fit", trainer__max_steps=5, config=schedule) == 0
    saved = {path.name for path in Path(LAST.format(0)).parent.iterdir()}
    assert saved == {"step=0000002.ckpt", "step=0000004.ckpt", "last.ckpt"}
    assert torch.load(LAST.format(0), weights_only=True)["global_step"] == 5


def test_a_file_that_is_no_checkpoint_is_named(run, tmp_path: Path, capsys) -> None:
    (tmp_path / "text.ckpt").write_text("hello")
    assert run("test", ckpt_path="text.ckpt") == 2
    assert "text.ckpt is not the checkpoint of an expert" in capsys.readouterr().err


def test_a_command_without_a_configuration_says_how_to_give_one(capsys) -> None:
    assert main(["fit"]) == 2
    assert "fit needs a configuration, for example --config" in capsys.readouterr().err
