"""Files that have their name only when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def renamed_when_complete(path: str | Path) -> Iterator[Path]:
    """A hidden name beside ``path`` to write to; what stands there is renamed at the end, or removed on failure.

    Missing folders are made. The hidden name ends like the final one, for writers that go by the suffix.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with renamed_when_complete(folder / "new" / "song.txt") as partial:
    ...     _ = partial.write_text("la")
    >>> [file.name for file in (folder / "new").iterdir()]
    ['song.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
