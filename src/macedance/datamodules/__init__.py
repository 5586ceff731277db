"""What each expert reads, as LightningDataModules."""

from macedance.datamodules.appearance import AppearanceData
from macedance.datamodules.cascade import CascadeData
from macedance.datamodules.motion import MotionData

__all__ = ["AppearanceData", "CascadeData", "MotionData"]
