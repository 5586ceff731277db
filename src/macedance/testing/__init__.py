"""Conformance kits: tests that an expert of any package inherits.

They need pytest, which comes with ``pip install macedance[testing]``::

    from macedance.testing import MotionExpertConformance

    class TestMyExpert(MotionExpertConformance):
        expert_class = MyExpert
        init_args = {"width": 16}
"""

try:
    import pytest  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "macedance.testing needs pytest; install it with: pip install 'macedance[testing]'"
    ) from error

from macedance.testing.appearance_conformance import AppearanceExpertConformance
from macedance.testing.motion_conformance import MotionExpertConformance
from macedance.testing.tiny_shards import TinyShards

__all__ = ["AppearanceExpertConformance", "MotionExpertConformance", "TinyShards"]
