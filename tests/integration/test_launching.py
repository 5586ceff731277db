"""Launchers, told by the variables that they set, and the job file, with stubs for SLURM's commands."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from macedance import cli
from macedance.cli import main

from ..forks import LIMIT_SECONDS, Forks, free_port
from .test_readme import blocks

ROOT = Path(__file__).parents[2]
JOB_FILE = ROOT / "examples" / "slurm" / "train.sbatch"
JOB = "4242"


def slurm(rank: int, port: int) -> dict[str, str]:
    """What srun tells a process of two on one node."""
    named = {"NTASKS": 2, "NTASKS_PER_NODE": 2, "NNODES": 1, "NODEID": 0, "PROCID": rank, "LOCALID": rank}
    job = {"JOB_ID": JOB, "JOB_NAME": "macedance", "NODELIST": "localhost", "JOB_NODELIST": "localhost"}
    # Lightning asks for the first node by name and takes a port of the job's number; tests share one machine.
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return {f"SLURM_{name}": str(value) for name, value in (named | job).items()} | address


def torchrun(rank: int, port: int) -> dict[str, str]:
    """What torchrun tells a process of two on one machine."""
    ranks = {"RANK": rank, "LOCAL_RANK": rank, "GROUP_RANK": 0, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "TORCHELASTIC_RUN_ID": JOB}
    return {name: str(value) for name, value in (ranks | address).items()}


class Launched:
    """Two processes at a time that train a tiny Motion Expert on the CPU, each started as a launcher starts it."""

    def __init__(
        self, launcher: Callable[[int, int], dict[str, str]], forks: Forks, folder: Path, shards: Path
    ) -> None:
        self.launcher, self.forks, self.folder, self.shards = launcher, forks, folder, shards

    def fit(self, **options: object) -> tuple[list[int], str]:
        """The exit codes and all that was printed."""
        small = {
            "data.init_args.shards": self.shards,
            "data.init_args.batch_size": 4,
            "data.init_args.window_frames": 40,
            "model.init_args.width": 16,
            "model.init_args.state_size": 4,
            "trainer.accelerator": "cpu",
            "trainer.devices": 2,
            "trainer.limit_val_batches": 0,
            "trainer.enable_progress_bar": "false",
            "trainer.logger.init_args.version": JOB,
            "ckpt_path": "last",
        }
        flags = small | {name.replace("__", "."): value for name, value in options.items()}
        layers = ["--config", "configs/motion/tiny.yaml", "--config", "configs/trainer/ddp.yaml"]
        arguments = ["fit", *layers, *(part for key, value in flags.items() for part in (f"--{key}", value))]
        port = free_port()
        ranks = [
            self.forks.start(
                cli.__file__, *arguments, folder=self.folder, environment=self.launcher(rank, port)
            )
            for rank in range(2)
        ]
        return [rank.wait() for rank in ranks], "".join(rank.output.read_text() for rank in ranks)


@pytest.mark.distributed
@pytest.mark.slow
@pytest.mark.parametrize("launcher", [slurm, torchrun])
def test_a_launched_run_has_one_folder_and_goes_on_in_it(
    launcher: Callable[[int, int], dict[str, str]], forks: Forks, tmp_path: Path, motion_shards: Path
) -> None:
    launched = Launched(launcher, forks, tmp_path, motion_shards)
    codes, told = launched.fit(trainer__max_steps=2)
    assert codes == [0, 0], told
    assert "2 processes" in told
    assert "Restored all states" not in told, "the first time there is no last checkpoint"
    codes, told = launched.fit(trainer__max_steps=4)
    assert codes == [0, 0], told
    assert f"version_{JOB}/checkpoints/last.ckpt" in told.partition("Restored all states")[2]
    (run,) = (tmp_path / "runs" / "motion-tiny").iterdir()
    assert run.name == f"version_{JOB}"
    assert len(list(run.rglob("last*"))) == 1
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == 4
    assert not list(tmp_path.glob("hpc_ckpt*"))

    codes, told = launched.fit(data__init_args__batch_size=3, trainer__logger__init_args__version="odd")
    assert codes == [2, 2], "each rank takes its share of a batch"
    assert "must be divisible by the 2 ranks, got 3" in told


STUB_SRUN = """\
#!/usr/bin/env bash
printf '%s\\n' "$*" >> srun.txt
[[ "$*" == *" macedance fit "* ]] || exit 0
trap 'echo "$ON_SIGNAL" >> signals.txt; exit "$ON_SIGNAL"' USR1 TERM
touch running
[[ -z $ENDS_WITH ]] || exit "$ENDS_WITH"
while sleep 0.02; do :; done
"""
STUB_SCONTROL = """\
#!/usr/bin/env bash
echo "$*" >> scontrol.txt
"""


class Job:
    """Runs the job file with commands in the place of SLURM's, in a folder where they write down their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, content in (("srun", STUB_SRUN), ("scontrol", STUB_SCONTROL)):
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
            path.chmod(0o755)

    def run(self, *, ends_with: str = "", on_signal: int = 0, send: signal.Signals | None = None) -> int:
        """Its exit code."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "SLURM_JOB_ID": JOB,
            "SLURM_NNODES": "2",
            "SLURM_CPUS_PER_TASK": "8",
            "ENDS_WITH": ends_with,
            "ON_SIGNAL": str(on_signal),
            "TMPDIR": str(self.folder),
            "DATA": "data/motion",
        }
        command = ["bash", str(JOB_FILE), "--config", "configs/motion/paper.yaml"]
        process = subprocess.Popen(command, cwd=self.folder, env=environment)
        try:
            began = time.monotonic()
            while send is not None and not (self.folder / "running").exists():
                assert time.monotonic() - began < LIMIT_SECONDS
                time.sleep(0.01)
            if send is not None:
                process.send_signal(send)
            return process.wait(LIMIT_SECONDS)
        finally:
            process.kill()

    def calls(self, name: str) -> list[str]:
        path = self.folder / f"{name}.txt"
        return path.read_text().splitlines() if path.exists() else []


def test_the_job_file_requeues_once_when_its_time_is_up(tmp_path: Path) -> None:
    job = Job(tmp_path)
    assert job.run(send=signal.SIGUSR1) == 0
    assert job.calls("signals") == ["0"], "the signal was handed on"
    assert job.calls("scontrol") == [f"requeue {JOB}"]


def test_the_job_file_requeues_what_the_signal_ended_before_training(tmp_path: Path) -> None:
    job = Job(tmp_path)
    assert job.run(on_signal=138, send=signal.SIGUSR1) == 138
    assert job.calls("scontrol") == [f"requeue {JOB}"]


@pytest.mark.parametrize(("code", "send"), [(0, None), (1, None), (137, None), (2, signal.SIGUSR1)])
def test_the_job_file_passes_on_how_training_ended(
    tmp_path: Path, code: int, send: signal.Signals | None
) -> None:
    job = Job(tmp_path)
    ended = {"on_signal": code, "send": send} if send else {"ends_with": str(code)}
    assert job.run(**ended) == code
    assert job.calls("scontrol") == []


def test_a_cancelled_job_saves_and_stays_away(tmp_path: Path) -> None:
    job = Job(tmp_path)
    assert job.run(send=signal.SIGTERM) == 0
    assert job.calls("signals") == ["0"]
    assert job.calls("scontrol") == []


def test_the_job_file_gives_a_command_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert subprocess.run(["bash", "-n", str(JOB_FILE)]).returncode == 0
    job = Job(tmp_path)
    job.run(ends_with="0")
    staging, training, cleaning = job.calls("srun")
    assert f"rsync --archive data/motion/ {tmp_path}/macedance-{JOB}/" in staging
    assert cleaning.endswith(f"rm -rf {tmp_path}/macedance-{JOB}")
    options, _, arguments = training.partition("macedance ")
    assert {"--kill-on-bad-exit=1", "--cpus-per-task=8"} <= set(options.split())
    assert {"--ckpt_path last", f"init_args.version {JOB}"} <= set(
        re.findall(r"--ckpt_path \S+|init_args.version \S+", arguments)
    )
    _parse(arguments, monkeypatch)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_launchers_in_docs_start_commands_that_there_are(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(blocks("bash", page.read_text())).replace("\\\n", " ").splitlines()
    for line in lines:
        launcher, program, arguments = re.split(r"(macedance |train\.sbatch )", line, maxsplit=1)
        assert launcher.split()[-1:] != ["#"]
        _parse(arguments if program == "macedance " else f"fit {arguments}", monkeypatch)


def _parse(arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["macedance"])
    with pytest.raises(SystemExit) as ended:
        main([*shlex.split(arguments), "--print_config"])
    assert ended.value.code == 0, arguments
