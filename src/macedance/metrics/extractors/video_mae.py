"""Features of VideoMAE, for a Fréchet video distance. Axis letters: N clips, T frames of a clip, C features."""

from __future__ import annotations

from torch import Tensor

from macedance.metrics.extractors.batched_networks import ClipFeatureNetwork
from macedance.metrics.extractors.preprocessing import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    crop_centre,
    normalize,
    resize_short_side,
)
from macedance.metrics.extractors.pretrained import load_pretrained


class VideoMaeFeatures(ClipFeatureNetwork):
    """The mean over all patches of VideoMAE's last hidden state; by default ViT-B fine-tuned on Kinetics-400.

    Less swayed by single frames than I3D (Ge et al., CVPR 2024). Frames are prepared as by the model's own
    processor: shorter side to 224, bilinear with smoothing, middle cut out.

    Args:
        model: Folder or hub id of a VideoMAE.
        name: What stands in the metrics' names; give another for another model.
        batch_size: Clips at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: It is of another kind, or ``batch_size`` is below 1.
    """

    def __init__(
        self,
        model: str = "MCG-NJU/videomae-base-finetuned-kinetics",
        *,
        name: str = "videomae",
        batch_size: int = 2,
        device: str = "cpu",
    ) -> None:
        from transformers import VideoMAEModel

        super().__init__(name, batch_size, device)
        self._model = load_pretrained(VideoMAEModel, model, device)
        self.num_features: int = self._model.config.hidden_size
        self.num_frames: int = self._model.config.num_frames
        self._size_px: int = self._model.config.image_size

    def _features(self, clips: Tensor) -> Tensor:
        resized = resize_short_side(clips.flatten(0, 1), self._size_px, antialias=True)
        pixels = normalize(crop_centre(resized, self._size_px), IMAGENET_MEAN, IMAGENET_STD)
        return self._model(pixel_values=pixels.unflatten(0, clips.shape[:2])).last_hidden_state.mean(dim=1)
