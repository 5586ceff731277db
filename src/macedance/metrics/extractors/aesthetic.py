"""LAION's aesthetic score of pictures. Axis letters: F frames, C features."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from macedance.metrics.extractors.clip import ClipFeatures
from macedance.metrics.extractors.state_dict_files import load_state_dict
from macedance.metrics.extractors.weights import AESTHETIC_HEAD, find_weights


class AestheticHead:
    """LAION's linear head on CLIP's normalised embedding, over 10, as VBench takes it; by default of ViT-L/14.

    Scores mostly lie in 0.3 to 0.7; nothing keeps them in 0..1.

    Args:
        clip: Folder or hub id of the CLIP that the head was trained on.
        head: Path of ``sa_0_4_vit_l_14_linear.pth``; None looks in the weights folder.
        batch_size: Frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: The head or the model is not there.
        ValueError: The head is damaged, not one, or one of another CLIP; or ``batch_size`` is below 1.
    """

    name = "laion-aesthetic"

    def __init__(
        self,
        clip: str = "openai/clip-vit-large-patch14",
        head: str | Path | None = None,
        *,
        batch_size: int = 16,
        device: str = "cpu",
    ) -> None:
        path = find_weights(AESTHETIC_HEAD, head)
        weights = load_state_dict(path, f"get it again from {AESTHETIC_HEAD.source_url}")
        if set(weights) != {"weight", "bias"}:
            raise ValueError(f"head must hold the weight and bias of one linear layer, but {path} does not")
        self._weight, self._bias = weights["weight"].float(), weights["bias"].float()
        self._clip = ClipFeatures(clip, batch_size=batch_size, device=device)
        if self._weight.shape[1] != self._clip.num_features:
            raise ValueError(
                f"head: {path} is for embeddings of {self._weight.shape[1]} numbers, but {clip!r} gives "
                f"{self._clip.num_features}; give the CLIP that it was trained on"
            )

    def __call__(self, frames: Tensor) -> Tensor:
        """Scores (F,) of frames uint8 (F, 3, H, W)."""
        return F.linear(F.normalize(self._clip(frames), dim=-1), self._weight, self._bias)[:, 0] / 10
