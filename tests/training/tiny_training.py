"""What the tests of the training scripts share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CLASS_PATH = "macedance.lightning_modules.MotionExpert"
TINY: dict[str, Any] = {
    "width": 16,
    "num_dance_layers": 1,
    "num_music_layers": 1,
    "num_heads": 2,
    "state_size": 4,
    "ema_decay": 0.9,
}


class TickingClock:
    """Stands for the module ``time``: every look at it is a second after the one before."""

    def __init__(self, max_looks: int | None = None) -> None:
        self.max_looks, self.num_looks = max_looks, 0

    def monotonic(self) -> float:
        """Seconds.

        Raises:
            KeyboardInterrupt: It was looked at too often.
        """
        self.num_looks += 1
        if self.max_looks is not None and self.num_looks > self.max_looks:
            raise KeyboardInterrupt
        return float(self.num_looks)


class Arriving:
    """Clips that come without shards: a delivery each time that is looked for some."""

    folder = Path("nowhere")

    def __init__(self, *deliveries: Any) -> None:
        self.deliveries = list(deliveries)

    def arrived(self) -> Iterator[Any]:
        if self.deliveries:
            yield self.deliveries.pop(0)


def run_script(main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """Call a script's ``main`` with arguments of a command line."""
    monkeypatch.setattr(sys, "argv", ["script", *map(str, arguments)])
    main()


def refusal(
    main: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: object,
) -> str:
    """The one line in which a script refuses arguments, as the user's mistake."""
    with pytest.raises(SystemExit) as refused:
        run_script(main, monkeypatch, *arguments)
    assert refused.value.code == 2
    usage, _, said = capsys.readouterr().err.partition("script: error: ")
    assert "Traceback" not in usage
    assert said.count("\n") == 1
    return said.strip()
