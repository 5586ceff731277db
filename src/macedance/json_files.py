"""Writing JSON that every reader reads."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from macedance.whole_files import renamed_when_complete


def write_json(path: str | Path, content: Any, *, indent: int = 2) -> None:
    """Write a file whole or not at all; NaN and infinities, which JSON does not know, become null."""
    with renamed_when_complete(path) as partial:
        partial.write_text(json.dumps(json_ready(content), indent=indent, allow_nan=False) + "\n")


def json_ready(value: Any) -> Any:
    """The value with null in place of numbers that JSON does not know.

    >>> json_ready({"a": [1.0, float("nan")]})
    {'a': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
