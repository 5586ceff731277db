"""Python processes that begin with everything imported.

They are forks of one process, which imports once what all of them need: that takes longer than all that most tests
do. Run as a script, this file is that process. It reads one request a line, as JSON, and answers each with a line.
"""

from __future__ import annotations

import gc
import importlib
import json
import multiprocessing
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any

IMPORTED = (
    "macedance.callbacks",
    "macedance.commands.lightning",
    "macedance.datamodules",
    "macedance.lightning_modules",
    "omegaconf",
    "pyvista.plotting",
    "torch.utils.tensorboard",
)
LIMIT_SECONDS = 300


class Fork:
    """A running process.

    Attributes:
        output: The file of all that it prints.
    """

    def __init__(self, forks: Forks, pid: int, output: Path) -> None:
        self._forks, self.pid, self.output = forks, pid, output

    def poll(self) -> int | None:
        """Its exit code, negative if a signal ended it; None while it runs."""
        return self._forks.ask(poll=self.pid)

    def kill(self) -> None:
        """End it if it runs, as a power cut would."""
        self._forks.ask(kill=self.pid)

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"no end after {LIMIT_SECONDS} s: {self.output.read_text()}")
            time.sleep(0.01)
        return code


class Forks:
    """Starts scripts in forks of a process that has imported what they need."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._num_started = folder, 0
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, **request: Any) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())

    def start(
        self,
        script: Path | str,
        *arguments: object,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Fork:
        """A process that runs a script in a folder, by default the current one."""
        self._num_started += 1
        output = self._folder / f"output-{self._num_started}.txt"
        pid = self.ask(
            start=[str(script), *map(str, arguments)],
            folder=str(folder or Path.cwd()),
            environment=dict(environment or {}),
            output=str(output),
        )
        return Fork(self, pid, output)

    def start_ranks(
        self, num_ranks: int, script: Path | str, *arguments: object, folder: Path | None = None
    ) -> list[Fork]:
        """A process for each rank, told by environment variables as a cluster tells them."""
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "NODE_RANK": "0"}
        told: list[dict[str, str]] = [{**address, "LOCAL_RANK": str(rank)} for rank in range(num_ranks)]
        return [
            self.start(script, *arguments, folder=folder, environment=environment if num_ranks > 1 else None)
            for environment in told
        ]

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(LIMIT_SECONDS)


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to connections: none takes it meanwhile."""
    random = SystemRandom()
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _serve() -> None:
    context = multiprocessing.get_context("fork")
    processes: dict[int, Any] = {}
    for line in sys.stdin:
        request, answer = json.loads(line), None
        if "start" in request:
            process = context.Process(target=_run, args=(request,))
            process.start()
            answer = process.pid
            processes[process.pid] = process
        elif "poll" in request:
            answer = processes[request["poll"]].exitcode
        else:
            processes[request["kill"]].kill()
        print(json.dumps(answer), flush=True)
    for process in processes.values():
        process.kill()


def _run(request: dict[str, Any]) -> None:
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    sys.argv = request["start"]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that forks copy fewer pages
    _serve()
