"""The drawing library three.js, which the package trimesh carries, as text to put into a page."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from string import Template
from zipfile import ZipFile

from macedance.render.page_parts import page_file

TEMPLATES = Path("resources", "templates")
LIBRARY = re.compile(
    r"/\*\*\s*\* @license\s*\* (?P<copyright>Copyright [^\n]*three\.js authors)[^/]*MIT\s*\*/\s*"
    r"!function.*?THREE=\{\}.*?\"__esModule\",\{value:!0\}\)\}\)\);",
    re.DOTALL | re.IGNORECASE,
)
WAY_OUT = "install a version that has it: pip install 'trimesh==5.2.0'"


def three_js() -> str:
    """The library's script, its licence's notice first; it defines ``THREE``.

    Raises:
        ModuleNotFoundError: trimesh is not installed, or does not carry three.js any more.
    """
    return _library().group()


def three_js_licence() -> str:
    """The licence under which it may be passed on, with its authors' notice.

    Raises:
        ModuleNotFoundError: As :func:`three_js`.

    >>> print(three_js_licence().splitlines()[2])
    Copyright 2010-2022 Three.js Authors
    """
    return Template(page_file("three_js_licence.txt")).substitute(copyright=_library()["copyright"])


def _library() -> re.Match[str]:
    folder = _package_folder() / TEMPLATES
    for archive in sorted(folder.glob("*.zip")):
        with ZipFile(archive) as opened:
            for name in opened.namelist():
                found = LIBRARY.search(opened.read(name).decode("utf-8", errors="replace"))
                if found:
                    return found
    raise ModuleNotFoundError(f"trimesh in {folder.parents[1]} does not carry three.js; {WAY_OUT}")


def _package_folder() -> Path:
    """Where trimesh is; it is not imported, since only its files are needed."""
    spec = find_spec("trimesh")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the report's 3D view needs three.js from trimesh; {WAY_OUT}")
    return Path(spec.origin).parent
