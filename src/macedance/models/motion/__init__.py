"""The Motion Expert's network: music and noisy motion in, clean motion out."""

from macedance.models.motion.denoiser import MotionDenoiser
from macedance.models.motion.layout import build_layout
from macedance.models.motion.normalizer import MinMaxNormalizer

__all__ = ["MinMaxNormalizer", "MotionDenoiser", "build_layout"]
