"""The experts and their cascade, as LightningModules."""

from macedance.lightning_modules.appearance import AppearanceExpert
from macedance.lightning_modules.cascade import Cascade
from macedance.lightning_modules.motion import MotionExpert

__all__ = ["AppearanceExpert", "Cascade", "MotionExpert"]
