from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from macedance.data.shards import encode_sample, write_shard
from macedance.data.shards.cache import NUM_THREADS, ShardCache


def _encoded(key: str, num_frames: int = 20) -> dict[str, object]:
    rng = np.random.default_rng(list(key.encode()))
    motion = {
        "poses": rng.standard_normal((num_frames, 24, 3)).astype(np.float32),
        "trans": rng.standard_normal((num_frames, 3)).astype(np.float32),
        "betas": np.zeros(10, np.float32),
    }
    music = rng.standard_normal((num_frames, 35)).astype(np.float32)
    sound = (3000 * rng.standard_normal(2400)).astype(np.int16)
    return encode_sample(key, {"fps": 30, "genre": None}, motion=motion, music=music, audio=(sound, 24000))


def _write_set(folder: Path, sizes: tuple[int, ...]) -> list[Path]:
    paths = [folder / f"train-{number:06d}.tar" for number in range(len(sizes))]
    for number, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        write_shard(path, (_encoded(f"clip{number}-{index}") for index in range(size)))
    return paths


@pytest.fixture(scope="session")
def encoded() -> Callable[..., dict[str, object]]:
    """Makes an encoded sample of a key."""
    return _encoded


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes a shard of each size; keys are clipSHARD-NUMBER."""
    return lambda *sizes: _write_set(tmp_path / "set", sizes)


@pytest.fixture
def shard(write_set: Callable[..., list[Path]]) -> Path:
    return write_set(2)[0]


@pytest.fixture
def finish() -> Callable[[ShardCache], None]:
    """Waits until all is done that a cache is to do in the background."""

    def wait_for(cache: ShardCache) -> None:
        all_threads = threading.Barrier(NUM_THREADS + 1)
        lasts = {number: lambda: all_threads.wait(60) for number in range(NUM_THREADS)}
        cache._background.give(all_threads, lasts)
        all_threads.wait(60)

    return wait_for


class WebServer(ThreadingHTTPServer):
    """Serves a folder, records what is asked for, and fails where it is told to.

    Attributes:
        asked: Names of the files that were asked for, in that order.
        faults: By name, what answers the next requests for a file instead.
        gates: By name, an event that an answer waits for.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.asked: list[str] = []
        self.authorizations: set[str | None] = set()
        self.faults: dict[str, list[Callable[[SimpleHTTPRequestHandler], None]]] = {}
        self.gates: dict[str, threading.Event] = {}
        self._changed = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def shards_asked(self) -> list[str]:
        return [name for name in self.asked if name.endswith(".tar")]

    def wait_until(self, holds: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(holds, timeout=60)

    def note(self, name: str, authorization: str | None) -> None:
        with self._changed:
            self.asked.append(name)
            self.authorizations.add(authorization)
            self._changed.notify_all()

    def handle_error(self, *arguments: object) -> None:
        """Say nothing of clients that went away."""


class _Handler(SimpleHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.note(name, self.headers["Authorization"])
        if name in self.server.gates:
            self.server.gates[name].wait()
        faults = self.server.faults.get(name)
        if faults:
            faults.pop(0)(self)
        else:
            super().do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def web_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """Serves ``tmp_path``; waits between attempts are left out."""
    monkeypatch.setattr("macedance.data.shards.remote.RETRY_SECONDS", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = WebServer(tmp_path)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        for gate in server.gates.values():
            gate.set()
        server.shutdown()
        server.server_close()
