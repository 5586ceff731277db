"""Numerical operators with interchangeable backends."""

from macedance.ops.selective_scan import available_backends, selective_scan

__all__ = ["available_backends", "selective_scan"]
