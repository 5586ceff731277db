from __future__ import annotations

import copy
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.geometry.skeleton import JOINT_NAMES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def magenta_body() -> BodyModel:
    """The mannequin in a colour that nothing else in the picture has."""
    body = copy.copy(BodyModel())
    body.colors = np.tile([1.0, 0.05, 1.0], (body.num_vertices, 1))
    return body


@pytest.fixture
def standing() -> Motion:
    """Half a second in the rest pose, arms to the sides, pelvis above the origin."""
    return Motion(torch.zeros(15, 24, 3), torch.zeros(15, 3), fps=30.0)


@pytest.fixture
def arms_up() -> Motion:
    """Half a second with both arms stretched upwards."""
    poses = torch.zeros(15, 24, 3)
    poses[:, JOINT_NAMES.index("left_shoulder"), 2] = 1.4
    poses[:, JOINT_NAMES.index("right_shoulder"), 2] = -1.4
    return Motion(poses, torch.zeros(15, 3), fps=30.0)


@pytest.fixture(scope="session")
def body_mask() -> Callable[[np.ndarray], np.ndarray]:
    """Tells where a picture shows the magenta body."""

    def mask(picture: np.ndarray) -> np.ndarray:
        red, green, blue = picture.astype(int).transpose(2, 0, 1)
        return (red - green > 40) & (blue - green > 40)

    return mask


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A browser in which a page can be tried; the test is skipped where there is none."""
    if CHROMIUM is None or os.name != "posix":
        pytest.skip("no Chromium here")
    browser = Browser(tmp_path / "profile")
    try:
        yield browser
    finally:
        browser.close()


class Browser:
    """Chromium without a window, spoken to through pipes."""

    def __init__(self, profile: Path) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        arguments = "--headless --no-sandbox --disable-gpu --remote-debugging-pipe --window-size=1200,900"
        command = f'exec "$0" {arguments} --user-data-dir="$1" about:blank 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, str(CHROMIUM), str(profile)],
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._received, self._number = b"", 0
        self.complaints: list[dict[str, Any]] = []
        pages = self._call("Target.getTargets")["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Runtime", "Log", "Page"):
            self._call(f"{domain}.enable")

    _session: ClassVar[dict[str, str]] = {}

    def open(self, path: Path) -> None:
        self._call("Page.navigate", url=path.as_uri())
        self.wait_until("document.readyState === 'complete' && document.title !== ''")

    def value_of(self, expression: str) -> Any:
        asked = {"expression": expression, "returnByValue": True, "userGesture": True}
        return self._call("Runtime.evaluate", **asked)["result"].get("value")

    def wait_until(self, expression: str) -> None:
        for _ in range(600):
            if self.value_of(expression):
                return
            time.sleep(0.1)
        raise AssertionError(f"never: {expression}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)
        os.close(self._in)
        os.close(self._out)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            if answer.get("method") in (
                "Runtime.exceptionThrown",
                "Runtime.consoleAPICalled",
                "Log.entryAdded",
            ):
                self.complaints.append(answer["params"])
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            if not select.select([self._in], [], [], 60)[0]:
                raise TimeoutError("the browser does not answer")
            self._received += os.read(self._in, 1 << 16)
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)


@pytest.fixture
def numpy_never_warns() -> Iterator[None]:
    """Division by zero and the like are errors."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield
