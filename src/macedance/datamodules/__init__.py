"""What each expert reads, as LightningDataModules."""

from macedance.datamodules.motion import MotionData

__all__ = ["MotionData"]
