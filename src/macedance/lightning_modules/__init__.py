"""The experts, as LightningModules."""

from macedance.lightning_modules.appearance import AppearanceExpert
from macedance.lightning_modules.motion import MotionExpert

__all__ = ["AppearanceExpert", "MotionExpert"]
