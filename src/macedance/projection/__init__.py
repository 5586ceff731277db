"""From a motion and a camera to key-points in a picture."""

from macedance.projection.reference import Reference

__all__ = ["Reference"]
