"""A browser without a window, to try pages in."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, ClassVar

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic "
    "--no-first-run --disable-background-networking --disable-component-update --disable-sync "
    "--autoplay-policy=no-user-gesture-required --remote-debugging-pipe --window-size=1200,900"
)
COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
LOCAL = ("file:", "data:", "blob:", "about:")
KEYS = {" ": 32, "ArrowLeft": 37, "ArrowRight": 39}


class Browser:
    """Chromium, spoken to through pipes.

    Attributes:
        complaints: What the page that is open threw or wrote to its console.
        requests: Addresses outside this computer that the page that is open asked for.
    """

    def __init__(self, profile: Path) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        command = f'exec "$0" {FLAGS} --user-data-dir="$1" about:blank 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, str(CHROMIUM), str(profile)],
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._received, self._number = b"", 0
        self.complaints: list[dict[str, Any]] = []
        self.requests: list[str] = []
        pages = self._call("Target.getTargets")["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Runtime", "Log", "Page", "Network"):
            self._call(f"{domain}.enable")

    _session: ClassVar[dict[str, str]] = {}

    def open(self, path: Path) -> None:
        """Show a file as a page, and wait until it is there."""
        self._call("Page.navigate", url="about:blank")
        self._call("Page.navigate", url=path.as_uri())
        self.complaints.clear()
        self.requests.clear()
        self.wait_until("document.readyState === 'complete' && document.title !== ''")

    def value_of(self, expression: str) -> Any:
        """The value of a JavaScript expression, evaluated as if the user had caused it."""
        asked = {"expression": expression, "returnByValue": True, "userGesture": True}
        return self._call("Runtime.evaluate", **asked)["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Wait until a JavaScript expression holds, for a minute at most."""
        for _ in range(600):
            if self.value_of(expression):
                return
            time.sleep(0.1)
        raise AssertionError(f"never: {expression}")

    def resize(self, width: int, height: int, *, scale: float = 1.0) -> None:
        """Give the page another size in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def prefer(self, color_scheme: str) -> None:
        """Prefer ``light`` or ``dark`` pages."""
        features = [{"name": "prefers-color-scheme", "value": color_scheme}]
        self._call("Emulation.setEmulatedMedia", features=features)

    def click(self, selector: str, across: float = 0.5, down: float = 0.5) -> None:
        """Click on the first element that fits, at a share of its width and height."""
        self.drag(selector, (across, down), (across, down))

    def drag(self, selector: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press on an element at one share of its width and height, and let go at another."""
        box = self.value_of(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); "
            "found.scrollIntoView({block: 'center'}); "
            "const box = found.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })()"
        )
        places = [
            (box[0] + across * box[2], box[1] + down * box[3]) for across, down in (start, start, end, end)
        ]
        kinds = ("mouseMoved", "mousePressed", "mouseMoved", "mouseReleased")
        held = (("none", 0), ("left", 1), ("left", 1), ("left", 0))
        for kind, (button, buttons), (x, y) in zip(kinds, held, places, strict=True):
            about = {"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1}
            self._call("Input.dispatchMouseEvent", **about)

    def press(self, key: str) -> None:
        """Press and release a key of :data:`KEYS`."""
        about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        self._call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": " "} if key == " " else {}))
        self._call("Input.dispatchKeyEvent", type="keyUp", **about)

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as PNG."""
        answer = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=60)
        os.close(self._in)
        os.close(self._out)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") in COMPLAINTS:
            if (
                event["params"].get("entry", {}).get("source") != "rendering"
            ):  # the graphics driver's, not the page's
                self.complaints.append(event["params"])
        elif event.get("method") == "Network.requestWillBeSent":
            address = event["params"]["request"]["url"]
            if not address.startswith(LOCAL):
                self.requests.append(address)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            if not select.select([self._in], [], [], 60)[0]:
                raise TimeoutError("the browser does not answer")
            self._received += os.read(self._in, 1 << 16)
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)
