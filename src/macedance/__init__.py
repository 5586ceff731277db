"""macedance: from music to a dance, by experts that are trained apart and chained.

``Motion`` and ``load_expert`` are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from macedance.version import __version__

if TYPE_CHECKING:
    from macedance.geometry.motion import Motion
    from macedance.lightning_modules.loading import load_expert

__all__ = ["Motion", "__version__", "load_expert"]


def __getattr__(name: str) -> Any:
    if name == "Motion":
        from macedance.geometry.motion import Motion

        return Motion
    if name == "load_expert":
        from macedance.lightning_modules.loading import load_expert

        return load_expert
    raise AttributeError(f"module 'macedance' has no attribute {name!r}")
