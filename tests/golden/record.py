"""Measures the golden losses, and writes them anew: python tests/golden/record.py.

Before that, find out which change of the code has changed them, and that it was meant to.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

FILE = Path(__file__).with_name("losses.json")
NAMES = ("motion", "kinematic", "aesthetic")
ENVIRONMENT = {
    # Sums are rounded differently with vectors of other widths and with several threads, and each library looks
    # at the processor to choose them. train.py switches oneDNN off, whose choice cannot be fixed for all processors.
    "ATEN_CPU_CAPABILITY": "default",  # torch's own kernels, without AVX
    "MKL_CBWR": "COMPATIBLE",  # matrix products that are alike on all processors of the architecture
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def maker() -> dict[str, str]:
    """What else decides about the last bits: the build of torch with its libraries, and the kind of processor."""
    return {"torch": torch.__version__, "machine": platform.machine()}


def measure() -> dict[str, list[str]]:
    """Hexadecimal losses by training, of a new process, since torch looks at the environment only once."""
    with tempfile.TemporaryDirectory() as folder:
        script = str(Path(__file__).with_name("train.py"))
        command = [sys.executable, script, folder]
        environment = {**os.environ, **ENVIRONMENT}
        ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def main() -> None:
    losses = measure()
    about = {**maker(), "losses": {name: losses[name] for name in NAMES}}
    FILE.write_text(json.dumps(about, indent=2) + "\n")


if __name__ == "__main__":
    main()
