"""Features of CLIP, for background consistency and aesthetic quality. Axis letters: F frames, C features."""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.extractors.batched_networks import FrameFeatureNetwork
from macedance.metrics.extractors.preprocessing import (
    CLIP_MEAN,
    CLIP_STD,
    crop_centre,
    normalize,
    resize_short_side,
)
from macedance.metrics.extractors.pretrained import load_pretrained


class ClipFeatures(FrameFeatureNetwork):
    """CLIP's embedding of pictures, as VBench takes it; by default ViT-B/32.

    The shorter side is brought to the model's size (224) by bicubic interpolation without smoothing, and the
    middle is cut out. The embeddings are not normalised.

    Args:
        model: Folder or hub id of a CLIP.
        name: What stands in the metrics' names; give another for another model.
        antialias: Whether to smooth where frames shrink, as PIL and CLIP's own processor do.
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: It is of another kind, or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        model: str = "openai/clip-vit-base-patch32",
        *,
        name: str = "clip",
        antialias: bool = False,
        batch_size: int = 32,
        device: str = "cpu",
    ) -> None:
        from transformers import CLIPVisionModelWithProjection

        super().__init__(name, batch_size, device)
        self._model = load_pretrained(CLIPVisionModelWithProjection, model, device)
        self.num_features: int = self._model.config.projection_dim
        self._size_px: int = self._model.config.image_size
        self._antialias = antialias

    def _features(self, frames: Tensor) -> Tensor:
        pixels = clip_pixels(frames, self._size_px, antialias=self._antialias)
        return self._model(pixel_values=pixels).image_embeds


def clip_pixels(frames: Tensor, size_px: int, *, antialias: bool) -> Tensor:
    """What CLIP sees, (F, 3, size_px, size_px), of frames uint8 (F, 3, H, W)."""
    resized = resize_short_side(frames, size_px, "bicubic", antialias=antialias)
    return normalize(crop_centre(resized, size_px), CLIP_MEAN, CLIP_STD)
