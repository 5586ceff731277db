"""Files wherever fsspec reaches: read, downloaded and listed, with patience for what may pass.

Errors tell no credentials, neither those of a URL nor its query, which may be a signature. They are not chained to
the backend's, which would.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import fsspec

NUM_ATTEMPTS = 5
RETRY_SECONDS = 1.0
"""The wait after the first attempt; each further one is three times as long."""
TIMEOUT_SECONDS = 60.0
"""How long a web server may take to answer, and may be silent in the middle of a file."""

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_PASSING_STATUSES = (408, 425, 429)
_FORBIDDEN, _GONE = (401, 403, 407), (404, 410)

Result = TypeVar("Result")


def is_remote(path: str | Path) -> bool:
    """Whether a path is a URL, such as ``s3://bucket/folder``."""
    return "://" in str(path)


def is_web(url: str) -> bool:
    """Whether a URL leads to a web server, which cannot list a folder."""
    return url.startswith(("http://", "https://"))


def without_credentials(text: str) -> str:
    """A text in which URLs have neither user and password, nor a query.

    >>> without_credentials("cannot read 'https://ann:secret@host/a.tar?signature=x'")
    "cannot read 'https://host/a.tar'"
    """
    text = re.sub(r"(?<=://)[^/\s]*@", "", text)
    return re.sub(r"(https?://[^\s'\"?]*)\?[^\s'\")]*", r"\1", text)


def read_file(url: str) -> bytes | None:
    """The content of a small file; None if there is none.

    Raises:
        PermissionError: It must not be read.
        ConnectionError: It could not be reached, after some attempts.
        ModuleNotFoundError: fsspec needs a package for it that is not installed.
        ValueError: fsspec knows no such place.
    """
    try:
        return _persistently(url, lambda file_system, path: file_system.cat_file(path))
    except FileNotFoundError:
        return None


def download(url: str, path: Path) -> None:
    """Copy a file of any size to a local path.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: The local disk is full. Others as for :func:`read_file`.
    """
    _persistently(url, lambda file_system, source: file_system.get_file(source, str(path)))


def list_files(pattern: str) -> list[str]:
    """URLs of the files that match a glob pattern, in their order.

    Raises:
        FileNotFoundError: It is a web server's, which cannot list. Others as for :func:`read_file`.
    """
    if is_web(pattern):
        raise FileNotFoundError(
            f"shards: a web server does not list its files, so {without_credentials(pattern)} finds none; give "
            "the folder's URL, with manifest.json in it from 'macedance data index', or a list of shards"
        )

    def matches(file_system: Any, path: str) -> list[str]:
        return sorted(file_system.unstrip_protocol(match) for match in file_system.glob(path))

    try:
        return _persistently(pattern, matches)
    except FileNotFoundError:
        return []


def _persistently(url: str, action: Callable[[Any, str], Result]) -> Result:
    attempt = 1
    while True:
        try:
            file_system, path = fsspec.core.url_to_fs(url, **_options(url))
            return action(file_system, path)
        except Exception as error:  # the backends' errors have no class in common
            if attempt == NUM_ATTEMPTS or not _may_pass(error):
                _raise(url, error)
        time.sleep(RETRY_SECONDS * 3 ** (attempt - 1))
        attempt += 1


def _options(url: str) -> dict[str, Any]:
    """Settings for web servers, over which those of fsspec's own configuration go.

    A file may take as long as it likes while something arrives. Proxies and logins are taken from where other
    programs look for them (``https_proxy``, ``.netrc``).
    """
    if not is_web(url):
        return {}
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT_SECONDS, sock_read=TIMEOUT_SECONDS)
    configured = [fsspec.config.conf.get(name, {}).get("client_kwargs", {}) for name in ("http", "https")]
    return {"client_kwargs": {"timeout": timeout, "trust_env": True} | configured[0] | configured[1]}


def _may_pass(error: Exception) -> bool:
    status = _status(error)
    if status is not None:
        return status >= 500 or status in _PASSING_STATUSES
    lasting = (FileNotFoundError, PermissionError, ImportError, ValueError, TypeError, NotImplementedError)
    return not isinstance(error, lasting) and getattr(error, "errno", None) not in DISK_ERRORS


def _status(error: Exception) -> int | None:
    status = getattr(error, "status", None)
    return status if isinstance(status, int) and status >= 400 else None


def _raise(url: str, error: Exception) -> NoReturn:
    if getattr(error, "errno", None) in DISK_ERRORS:
        raise error
    place, reason, status = without_credentials(url), without_credentials(_reason(error)), _status(error)
    if isinstance(error, FileNotFoundError) or status in _GONE:
        raise FileNotFoundError(f"shards: there is no {place}") from None
    if isinstance(error, PermissionError) or status in _FORBIDDEN:
        raise PermissionError(f"shards: {place} must not be read ({reason}); check the credentials") from None
    if isinstance(error, ImportError):
        raise ModuleNotFoundError(f"shards: {place} needs a package that is missing: {reason}") from None
    if isinstance(error, (ValueError, NotImplementedError)):
        raise ValueError(f"shards: {place} cannot be read ({reason})") from None
    raise ConnectionError(f"shards: {place} cannot be read ({reason})") from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer for {TIMEOUT_SECONDS:g} seconds"
    return " ".join(str(error).split()) or type(error).__name__
