from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from macedance.cli import main
from macedance.data.shards import read_index, writing
from macedance.geometry import Motion

NUM_DANCES = 24


@pytest.fixture(scope="module")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dances")
    for number in range(NUM_DANCES):
        poses = torch.full((300, 24, 3), number / 100)
        Motion(poses, torch.ones(300, 3)).save(folder / f"dance{number:02d}.npz")
    return folder


def command(source: Path, out: Path, *options: str) -> list[str]:
    return ["data", "pack", "amass", "--source", str(source), "--out", str(out), "--workers", "1", *options]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_tells_what_was_packed_and_what_was_not(
    dances: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for path in list(dances.iterdir())[:6]:
        (source / path.name).symlink_to(path)
    Motion(torch.zeros(100, 24, 3), torch.ones(100, 3)).save(source / "short.npz")
    (source / "bad.npz").write_bytes(b"PK")
    assert main(command(source, tmp_path / "out")) == 2
    error = capsys.readouterr().err
    assert error.startswith(
        f"macedance: source: cannot pack {source}/bad.npz: it must be an npz of plain arrays"
    )
    assert error.count("\n") == 1
    options = ("--skip-damaged", "--music", str(tmp_path), "--size", "2", "2")
    for state in ("", ", there already"):
        assert main(command(source, tmp_path / "out", *options)) == 0
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        assert lines[0].startswith(f"{tmp_path / 'out'}: 6 clips, ")
        assert lines[0].endswith(f" minutes: train 4, val 1, test 1{state}")
        assert lines[1:4] == [
            "left out: 1 shorter than 8 s",
            "without music: 6 clips; these cannot train a Motion Expert",
            "damaged and left out: 1",
        ]
        assert lines[4].startswith(f"  {source}/bad.npz: it must be")
        assert "macedance: --size has no effect on amass\n" in printed.err
        assert "6/6" in printed.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--window-seconds", "5", "10"], "window-seconds must be at least 8 for motion"),
        (["--clips-per-shard", "0"], "clips-per-shard must be at least 1"),
        (["--seed", "-1"], "seed must not be negative"),
        (["--music", "none"], "music: there is no folder 'none'"),
        (["--split-file", "none"], "split-file: there is no file 'none'"),
        (["--source", "none"], "source: there is no folder 'none'"),
        (["--size", "3", "4"], "size must be two positive even numbers, got 3 4"),
        (["--fps", "0"], "fps must lie in 1..240, got 0"),
        (["--fps", "1000"], "fps must lie in 1..240, got 1000"),
    ],
)
def test_wrong_options_are_one_line_and_exit_code_two(
    dances: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(command(dances, tmp_path / "out", *options)) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert message in error
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(dances: Path, tmp_path: Path) -> None:
    arguments = command(dances, tmp_path / "out", "--clips-per-shard", "1")
    # Each shard takes a while, so that the kill comes in their midst.
    slow = (
        "import sys, time\nfrom macedance.data.shards import building\nwrite = building.write_shard\n"
        "def write_slowly(path, samples):\n    time.sleep(0.1)\n    return write(path, samples)\n"
        "building.write_shard = write_slowly\nfrom macedance.cli import main\nmain(sys.argv[1:])"
    )
    run = subprocess.Popen([sys.executable, "-c", slow, *arguments], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "out").glob("train-*.tar"))) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("train-*.tar")}
    assert 4 <= len(there) < NUM_DANCES - 2
    assert not (tmp_path / "out" / "manifest.json").exists()

    assert subprocess.run([sys.executable, "-m", "macedance.cli", *arguments], check=False).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert main(command(dances, tmp_path / "whole", "--clips-per-shard", "1")) == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    dances: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    write = writing.webdataset.TarWriter.write
    written: list[str] = []

    def write_until_full(self: object, sample: dict) -> None:
        if len(written) == 3:
            raise OSError(number, os.strerror(number))
        written.append(sample["__key__"])
        write(self, sample)

    monkeypatch.setattr(writing.webdataset.TarWriter, "write", write_until_full)
    out = tmp_path / "out"
    assert main(command(dances, out, "--clips-per-shard", "2")) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"macedance: no space left on the disk at {out}; free some space and run the same command again"
    )
    assert {path.name for path in out.iterdir()} == {".settings.json", "train-000000.tar", "train-000000.idx"}
    assert list(read_index(out / "train-000000.tar").samples) == written[:2]
    monkeypatch.undo()
    assert main(command(dances, out, "--clips-per-shard", "2")) == 0
    assert main(command(dances, tmp_path / "whole", "--clips-per-shard", "2")) == 0
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the processes by /proc")
def test_no_process_outlives_a_run_that_was_killed(dances: Path, tmp_path: Path) -> None:
    arguments = command(dances, tmp_path / "out", "--workers", "2", "--clips-per-shard", "1")
    run = subprocess.Popen([sys.executable, "-m", "macedance.cli", *arguments], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob("train-*.tar")) and time.monotonic() < deadline:
        time.sleep(0.01)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    run.kill()
    run.wait()
    assert len(children) >= 2
    while any(is_alive(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: str) -> bool:
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
