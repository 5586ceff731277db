"""Motions from files that the command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macedance.geometry.motion import Motion, UpAxis


def read_motion(path: str, up_axis: UpAxis | None) -> Motion:
    """The motion in a file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds no motion; the file is named.
    """
    from macedance.geometry.motion import Motion

    try:
        return Motion.load(path, up_axis)
    except ValueError as error:
        if path in str(error):
            raise
        raise ValueError(f"{path}: {error}") from error


def described_motion(path: str) -> dict[str, Any]:
    """What a video's provenance tells of a motion that was read."""
    from macedance.render.provenance import described_file

    file = described_file(path)
    return {"id": file["name"], "sha256": file["sha256"]}
