"""Features of DINO, for subject consistency. Axis letters: F frames, C features."""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.extractors.batched_networks import FrameFeatureNetwork
from macedance.metrics.extractors.preprocessing import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    normalize,
    resize_short_side,
)
from macedance.metrics.extractors.pretrained import load_pretrained


class DinoFeatures(FrameFeatureNetwork):
    """The class token of a DINO vision transformer, as VBench takes it; by default ViT-B/16.

    The shorter side is brought to the model's size (224) by bilinear interpolation without smoothing; nothing
    is cut off, and position embeddings are interpolated for the longer side.

    Args:
        model: Folder or hub id of a ViTModel.
        name: What stands in the metrics' names; give another for another model.
        antialias: Whether to smooth where frames shrink, as PIL does.
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: It is of another kind, or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        model: str = "facebook/dino-vitb16",
        *,
        name: str = "dino",
        antialias: bool = False,
        batch_size: int = 16,
        device: str = "cpu",
    ) -> None:
        from transformers import ViTModel

        super().__init__(name, batch_size, device)
        self._model = load_pretrained(ViTModel, model, device, add_pooling_layer=False)
        self.num_features: int = self._model.config.hidden_size
        self._size_px: int = self._model.config.image_size
        self._antialias = antialias

    def _features(self, frames: Tensor) -> Tensor:
        resized = resize_short_side(frames, self._size_px, antialias=self._antialias)
        pixels = normalize(resized, IMAGENET_MEAN, IMAGENET_STD)
        return self._model(pixel_values=pixels, interpolate_pos_encoding=True).last_hidden_state[:, 0]
