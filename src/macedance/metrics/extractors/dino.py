"""Features of DINO, for subject consistency. Axis letters: F frames, C features."""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.extractors.frame_batches import require_pictures, require_positive, run_in_batches
from macedance.metrics.extractors.preprocessing import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    normalize,
    resize_short_side,
)
from macedance.metrics.extractors.pretrained import load_pretrained


class DinoFeatures:
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

        require_positive("batch_size", batch_size)
        self.name = name
        self._model = load_pretrained(ViTModel, model, device, add_pooling_layer=False)
        self.num_features: int = self._model.config.hidden_size
        self._size_px: int = self._model.config.image_size
        self._antialias, self._batch_size, self._device = antialias, batch_size, device

    def __call__(self, frames: Tensor) -> Tensor:
        """Features (F, C) of frames uint8 (F, 3, H, W)."""
        require_pictures("frames", frames)
        return run_in_batches(
            self._features,
            frames,
            batch_size=self._batch_size,
            device=self._device,
            empty_shape=(0, self.num_features),
        )

    def _features(self, frames: Tensor) -> Tensor:
        resized = resize_short_side(frames, self._size_px, antialias=self._antialias)
        pixels = normalize(resized, IMAGENET_MEAN, IMAGENET_STD)
        return self._model(pixel_values=pixels, interpolate_pos_encoding=True).last_hidden_state[:, 0]
