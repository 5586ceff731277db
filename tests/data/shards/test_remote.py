from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from macedance.data.shards import ShardError, ShardLocation, ShardReader, locate_shards, write_manifest
from macedance.data.shards.cache import ShardCache
from macedance.data.shards.loader import ElasticLoader
from macedance.data.shards.order import SampleOrder
from macedance.data.shards.remote import NUM_ATTEMPTS, read_file, without_credentials
from macedance.data.shards.samples import OnError, ShardSamples

NAMES = [f"train-{number:06d}.tar" for number in range(6)]


@pytest.fixture
def place(write_set: Callable[..., list[Path]], web_server: Any) -> str:
    folder = write_set(*[4] * 6)[0].parent
    write_manifest(folder, statistics={}, settings={})
    return f"{web_server.url}/set"


@pytest.fixture
def shards(place: str) -> list[ShardLocation]:
    return locate_shards(place)


@pytest.fixture
def cache(tmp_path: Path) -> ShardCache:
    return ShardCache(tmp_path / "cache")


def samples_of(
    shards: list[ShardLocation], cache: ShardCache, window_shards: int = 2, on_error: OnError = "raise"
) -> ShardSamples:
    order = SampleOrder([[shard.num_samples for shard in shards]], window_shards=window_shards)
    reader = ShardReader(shards, cache)
    return ShardSamples(
        [reader],
        order,
        members=("json",),
        prepare=lambda sample, seed: {"key": sample["__key__"]},
        on_error=on_error,
    )


def names_of(window: list[int]) -> list[str]:
    return [NAMES[number] for number in window]


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != ".lock"]


def refuse(status: int) -> Callable[[SimpleHTTPRequestHandler], None]:
    return lambda answer: answer.send_error(status)


def break_off(answer: SimpleHTTPRequestHandler) -> None:
    """Send less than was promised."""
    answer.send_response(200)
    answer.send_header("Content-Length", "100000")
    answer.end_headers()
    answer.wfile.write(b"x" * 1000)


def hang_up(answer: SimpleHTTPRequestHandler) -> None:
    answer.connection.close()


@pytest.mark.parametrize("fault", [refuse(500), refuse(503), refuse(429), break_off, hang_up])
def test_what_passes_is_tried_again(
    fault: Any, shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    web_server.faults[NAMES[0]] = [fault] * 2
    path, _ = cache.fetch(shards[0])
    assert path.stat().st_size == shards[0].num_bytes
    assert web_server.shards_asked() == [NAMES[0]] * 3


@pytest.mark.parametrize("fault", [refuse(500), break_off])
def test_what_lasts_is_told(
    fault: Any, shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    web_server.faults[NAMES[0]] = [fault] * 99
    with pytest.raises(
        ConnectionError, match=r"^shards: http://127.*/train-000000\.tar cannot be read \(.+\)$"
    ):
        cache.open(shards[0])
    assert len(web_server.shards_asked()) == NUM_ATTEMPTS
    assert files_in(cache.folder) == []
    web_server.faults.clear()
    cache.open(shards[0]).file.close()


@pytest.mark.parametrize("file", ["train-000000.tar", "manifest.json"])
def test_a_server_that_falls_silent_is_given_up(
    file: str, place: str, cache: ShardCache, web_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = locate_shards(place)
    web_server.asked.clear()
    monkeypatch.setattr("macedance.data.shards.remote.TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr("macedance.data.shards.remote.NUM_ATTEMPTS", 2)
    web_server.gates[file] = threading.Event()
    with pytest.raises(ConnectionError, match=rf"{file} cannot be read \(no answer for 0\.05 seconds\)"):
        cache.open(located[0]) if file.endswith(".tar") else locate_shards(place)
    assert web_server.asked == [file] * 2


def test_waits_grow(place: str, monkeypatch: pytest.MonkeyPatch, web_server: Any) -> None:
    waits: list[float] = []
    monkeypatch.setattr("macedance.data.shards.remote.RETRY_SECONDS", 1.0)
    monkeypatch.setattr("macedance.data.shards.remote.time.sleep", waits.append)
    web_server.faults["manifest.json"] = [refuse(502)] * 99
    with pytest.raises(ConnectionError, match="502"):
        locate_shards(place)
    assert waits == [1, 3, 9, 27]


def test_nobody_there_is_told(web_server: Any) -> None:
    web_server.shutdown()
    web_server.server_close()
    with pytest.raises(ConnectionError, match=r"shards: http://127.*manifest\.json cannot be read"):
        read_file(f"{web_server.url}/set/manifest.json")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "there is no http"), (410, "there is no http"), (403, "must not be read.*403")],
)
def test_a_shard_that_the_server_refuses_is_named_or_skipped(
    status: int, reason: str, shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    web_server.faults[NAMES[0]] = [refuse(status)] * 99
    for _ in range(2):
        with pytest.raises(ShardError, match=rf"shards: .*{reason}") as caught:
            cache.open(shards[0])
        assert f"{web_server.url}/set/{NAMES[0]}" in str(caught.value)
    assert len(web_server.shards_asked()) == 1
    samples = samples_of(shards, cache, on_error="skip")
    fetched = [samples[0, position] for position in range(len(samples))]
    assert all(item.sample is not None for item in fetched)
    assert sum(bool(item.skipped) for item in fetched) == 4
    assert all(NAMES[0] in problem for item in fetched for problem in item.skipped)
    assert len(web_server.shards_asked()) == 6


def test_a_server_that_is_out_of_reach_is_not_skipped(
    shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    web_server.faults.update({name: [refuse(500)] * 99 for name in NAMES})
    fetched = samples_of(shards, cache, on_error="skip")[0, 0]
    assert fetched.sample is None
    assert isinstance(fetched.error, ConnectionError)
    assert "cannot be read (500" in str(fetched.error)


def test_the_next_window_is_fetched_before_it_is_asked_for(
    shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    samples = samples_of(shards, cache)
    windows = [names_of(samples.order.window_shards(0, 0, number)) for number in range(3)]
    for number, window in enumerate(windows):
        asked = web_server.shards_asked()
        assert set(window) <= set(asked) or number == 0
        assert samples[0, 8 * number].error is None
        due = {name for window in windows[: number + 2] for name in window}
        web_server.wait_until(lambda due=due: due <= set(web_server.asked))
        assert set(web_server.shards_asked()) == due
        assert all(samples[0, position].error is None for position in range(8 * number, 8 * number + 8))
    assert sorted(web_server.shards_asked()) == NAMES


def test_what_failed_in_the_background_is_told_when_it_is_needed(
    shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    web_server.faults[NAMES[1]] = [refuse(404)] * 99
    cache.prefetch(shards[:2])
    web_server.wait_until(lambda: set(NAMES[:2]) <= set(web_server.asked))
    cache.open(shards[0]).file.close()
    with pytest.raises(ShardError, match=NAMES[1]):
        cache.open(shards[1])


def test_two_who_need_a_shard_fetch_it_once(
    shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    gate = web_server.gates[NAMES[0]] = threading.Event()
    with ThreadPoolExecutor(4) as executor:
        paths = [executor.submit(ShardCache(cache.folder).fetch, shards[0]) for _ in range(4)]
        web_server.wait_until(lambda: NAMES[0] in web_server.asked)
        gate.set()
        assert len({path.result(60)[0] for path in paths}) == 1
    assert web_server.shards_asked() == NAMES[:1]


@pytest.mark.slow
def test_workers_fetch_each_shard_once_and_end_though_shards_are_on_their_way(
    shards: list[ShardLocation], cache: ShardCache, web_server: Any
) -> None:
    cache.fetch(shards[0])  # so that the parent has used the network before it forks
    samples = samples_of(shards, cache, window_shards=3)
    second = names_of(samples.order.window_shards(0, 0, 1))
    web_server.gates.update({name: threading.Event() for name in second if name != NAMES[0]})
    loader = ElasticLoader.of(samples, 1, num_workers=2)
    batches = iter(loader)
    keys = [next(batches)["key"][0] for _ in range(5)]
    assert len(set(keys)) == 5
    web_server.wait_until(lambda: set(web_server.gates) & set(web_server.asked) != set())
    iterator = loader._iterator
    iterator._shutdown_workers()  # type: ignore[union-attr]
    assert [worker.exitcode for worker in iterator._workers] == [0, 0]  # type: ignore[union-attr]
    assert len(web_server.shards_asked()) == len(set(web_server.shards_asked()))


SCRIPT = """
import sys
import signal
from pathlib import Path
from macedance.data.shards import locate_shards
from macedance.data.shards.cache import ShardCache
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have jobs in the background ignore it
shards = locate_shards(sys.argv[1])
cache = ShardCache(sys.argv[2])
try:
    {action}
except KeyboardInterrupt:
    print("interrupted")
"""


def start(action: str, place: str, cache: ShardCache) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT.format(action=action), place, str(cache.folder)]
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    return subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


@pytest.mark.slow
def test_an_interpreter_ends_though_shards_are_on_their_way(
    place: str, cache: ShardCache, web_server: Any
) -> None:
    web_server.gates.update({name: threading.Event() for name in NAMES})
    process = start("cache.prefetch(shards); input()", place, cache)
    web_server.wait_until(lambda: len(web_server.shards_asked()) == 2)
    process.communicate("\n", timeout=120)
    assert process.returncode == 0


@pytest.mark.slow
def test_an_interrupt_leaves_nothing(place: str, cache: ShardCache, web_server: Any) -> None:
    web_server.gates[NAMES[0]] = threading.Event()
    process = start("cache.open(shards[0])", place, cache)
    web_server.wait_until(lambda: len(web_server.shards_asked()) == 1)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120)[0] == "interrupted\n"
    assert process.returncode == 0
    assert files_in(cache.folder) == []


@pytest.mark.slow
def test_what_a_killed_process_leaves_goes_at_the_next_fetch(
    place: str, cache: ShardCache, web_server: Any
) -> None:
    web_server.gates[NAMES[0]] = threading.Event()
    process = start("cache.open(shards[0])", place, cache)
    web_server.wait_until(lambda: len(web_server.shards_asked()) == 1)
    process.kill()
    process.communicate(timeout=120)
    (lock,) = files_in(cache.folder)
    name = lock.removesuffix(".lock")
    for left_over in (name, name.removesuffix(".tar") + ".idx"):
        (cache.folder / f".{process.pid}{left_over}").write_text("as far as it came")
    other = cache.folder / ".99999.notes"
    other.touch()
    cache.open(locate_shards(place)[1]).file.close()
    assert sorted(file[-10:] for file in files_in(cache.folder)) == [
        "000001.idx",
        "000001.tar",
        "9999.notes",
    ]


def test_what_a_killed_process_left_of_this_shard_goes_too(
    shards: list[ShardLocation], cache: ShardCache
) -> None:
    path, _ = cache.fetch(shards[0])
    path.unlink()
    path.with_name(f".{path.name}.lock").touch()
    path.with_name(f".4194305.{path.name}").touch()
    cache.fetch(shards[0])
    assert len(files_in(cache.folder)) == 2
    path.with_name(f".4194305.{path.name}").touch()  # without a lock
    cache.fetch(shards[1])
    assert len(files_in(cache.folder)) == 4


def test_a_password_is_told_nowhere(shards: list[ShardLocation], tmp_path: Path, web_server: Any) -> None:
    place = web_server.url.replace("http://", "http://ann:secret@") + "/set"
    shards, cache = locate_shards(place), ShardCache(tmp_path / "cache")
    web_server.faults[NAMES[0]] = [refuse(500)] * 99
    web_server.faults[NAMES[1]] = [refuse(404)] * 99
    (tmp_path / "set" / NAMES[2]).write_bytes(bytes(shards[2].num_bytes or 0))
    (tmp_path / "set" / NAMES[3]).write_bytes(b"")
    reader = ShardReader([*shards[:4], ShardLocation(shards[4].url, 9, *told(shards[4])), shards[5]], cache)
    for number in range(5):
        with pytest.raises((ShardError, ConnectionError), match=NAMES[number]) as caught:
            reader.read(number, 0)
        assert "secret" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(ShardError, match=r"//127.*000005\.tar: sample .* has no member") as missing:
        reader.read(5, 0, ("video.mp4",))
    assert "secret" not in str(missing.value)
    assert "secret" not in reader.read(5, 0, ("json",))["__url__"]
    assert not [name for name in files_in(cache.folder) if "secret" in name]


def told(shard: ShardLocation) -> tuple[int | None, str | None]:
    return shard.num_bytes, shard.sha256


def test_signatures_are_credentials_and_patterns_are_not() -> None:
    assert without_credentials("https://a:b@c:1/d.tar?X-Sig=e%2F and http://f/?g") == (
        "https://c:1/d.tar and http://f/"
    )
    for text in ("memory://a/train-?.tar", "/mnt/a@b/train-?.tar", "s3://bucket/a@b.tar"):
        assert without_credentials(text) == text
