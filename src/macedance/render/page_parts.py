"""What every page that is one HTML file is put together of."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from typing import Any


def page_file(name: str) -> str:
    """The text of a file that comes with the package in ``pages``."""
    return (resources.files("macedance.render") / "pages" / name).read_text(encoding="utf-8")


def page_files(*names: str) -> str:
    """The texts of such files, one after the other."""
    return "\n".join(page_file(name) for name in names)


def json_in_html(value: Any) -> str:
    r"""JSON that cannot end the element it stands in.

    >>> print(json_in_html("</script>"))
    "\u003c/script>"
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def to_base64(data: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(data).decode("ascii")


def content_policy(style: str, *scripts: str, sources: str = "img-src data:; media-src blob:") -> str:
    """A Content-Security-Policy under which nothing runs but these, and nothing is loaded from elsewhere.

    Args:
        style: The page's style sheet.
        scripts: Its scripts.
        sources: Directives for its pictures and videos; those of the default lie in the page itself.
    """
    return (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src {_hash(style)}; {sources}"
    )


def _hash(content: str) -> str:
    return f"'sha256-{to_base64(hashlib.sha256(content.encode()).digest())}'"
