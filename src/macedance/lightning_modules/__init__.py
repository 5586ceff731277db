"""The experts, as LightningModules."""

from macedance.lightning_modules.motion import MotionExpert

__all__ = ["MotionExpert"]
