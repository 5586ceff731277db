"""CLIP-IQA: how good a picture is, by what CLIP thinks of it. Axis letters: F frames, C features."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from macedance.metrics.extractors.clip import clip_pixels
from macedance.metrics.extractors.frame_batches import require_pictures, require_positive, run_in_batches
from macedance.metrics.extractors.pretrained import load_pretrained, load_tokenizer

PROMPTS = ("Good photo.", "Bad photo.")


class ClipImagingQuality:
    """The probability of "Good photo." against "Bad photo." (Wang et al., AAAI 2023).

    An alternative to MUSIQ that needs CLIP's weights only. The paper's own network is CLIP's ResNet-50 without
    position embeddings; this one is a vision transformer with them, so its numbers are not the paper's.

    Args:
        model: Folder or hub id of a CLIP with its tokenizer.
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: It is of another kind, or ``batch_size`` is below 1.
    """

    name = "clip-iqa"

    def __init__(
        self, model: str = "openai/clip-vit-base-patch32", *, batch_size: int = 32, device: str = "cpu"
    ) -> None:
        from transformers import CLIPModel, CLIPTokenizer

        require_positive("batch_size", batch_size)
        self._model = load_pretrained(CLIPModel, model, device)
        self._size_px: int = self._model.config.vision_config.image_size
        self._batch_size, self._device = batch_size, device
        self._directions = self._prompt_directions(load_tokenizer(CLIPTokenizer, model))

    def __call__(self, frames: Tensor) -> Tensor:
        """Scores (F,) of frames uint8 (F, 3, H, W)."""
        require_pictures("frames", frames)
        return run_in_batches(
            self._scores, frames, batch_size=self._batch_size, device=self._device, empty_shape=(0,)
        )

    @torch.inference_mode()
    def _prompt_directions(self, tokenizer: Any) -> Tensor:
        """Unit vectors (2, C) of the prompts."""
        tokens = tokenizer(list(PROMPTS), padding=True, return_tensors="pt").to(self._device)
        return F.normalize(self._model.get_text_features(**tokens).pooler_output, dim=-1)

    def _scores(self, frames: Tensor) -> Tensor:
        pixels = clip_pixels(frames, self._size_px, antialias=True)
        pictures = F.normalize(self._model.get_image_features(pixel_values=pixels).pooler_output, dim=-1)
        logits = self._model.logit_scale.exp() * pictures @ self._directions.T
        return logits.softmax(dim=-1)[:, 0]
