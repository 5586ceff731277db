"""LPIPS: how different two pictures look. Axis letters: F frames, C channels, H height, W width."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from macedance.metrics.extractors.frame_batches import require_equal_shapes, require_positive, run_in_batches
from macedance.metrics.extractors.state_dict_files import load_state_dict
from macedance.metrics.extractors.weights import ALEXNET, find_weights

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Mean and deviation of ImageNet's channels in [−1, 1], as LPIPS rounds them."""
_STAGE_ENDS = (1, 4, 7, 9, 11)
_EPS = 1e-10
_HEADS_WAY_OUT = "leave heads out for those that torchmetrics has"


class AlexLpips:
    """LPIPS 0.1 on AlexNet (Zhang et al., CVPR 2018).

    The features behind AlexNet's five rectifiers are divided by their norm over channels; squared differences
    are weighted by the five heads, averaged over the picture and summed.

    Args:
        trunk: Path of torchvision's AlexNet, ``alexnet-owt-7be5be79.pth``; None looks in the weights folder.
        heads: Path of LPIPS' heads, ``alex.pth``; None takes those that torchmetrics brings along.
        batch_size: Pairs of frames at a time.
        device: Where it runs.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: It is damaged or holds other weights; or ``batch_size`` is below 1.
    """

    name = "lpips"

    def __init__(
        self,
        trunk: str | Path | None = None,
        heads: str | Path | None = None,
        *,
        batch_size: int = 8,
        device: str = "cpu",
    ) -> None:
        require_positive("batch_size", batch_size)
        self._batch_size, self._device = batch_size, device
        self._trunk = _load_trunk(find_weights(ALEXNET, trunk)).to(device)
        self._heads = [head.to(device) for head in _load_heads(_heads_path(heads))]

    def __call__(self, frames: Tensor, others: Tensor) -> Tensor:
        """Distances (F,) of frames uint8 (F, 3, H, W) from others of the same shape."""
        require_equal_shapes("frames", frames, "others", others)
        return run_in_batches(
            self._distances,
            frames,
            others,
            batch_size=self._batch_size,
            device=self._device,
            empty_shape=(0,),
        )

    def _distances(self, frames: Tensor, others: Tensor) -> Tensor:
        stages = zip(self._stages(frames), self._stages(others), self._heads, strict=True)
        return sum(((one - other).square() * head).sum(dim=1).mean(dim=(1, 2)) for one, other, head in stages)

    def _stages(self, frames: Tensor) -> list[Tensor]:
        """Features of the five stages, each (F, C, h, w), of unit norm over channels."""
        shift, scale = (
            torch.tensor(values, device=frames.device)[:, None, None] for values in (SHIFT, SCALE)
        )
        values = (frames / 127.5 - 1 - shift) / scale
        stages = []
        for index, layer in enumerate(self._trunk):
            values = layer(values)
            if index in _STAGE_ENDS:
                stages.append(values / (values.norm(dim=1, keepdim=True) + _EPS))
        return stages


def _alexnet_features() -> nn.Sequential:
    """The convolutions of torchvision's AlexNet, as far as LPIPS needs them, with its numbering."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def _load_trunk(path: Path) -> nn.Sequential:
    weights = load_state_dict(path, f"get it again from {ALEXNET.source_url}")
    trunk = _alexnet_features()
    try:
        trunk.load_state_dict({name: weights[f"features.{name}"] for name in trunk.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise ValueError(
            f"trunk must hold torchvision's AlexNet (features.0.weight, ...), but {path} does not"
        ) from error
    return trunk.eval().requires_grad_(False)


def _load_heads(path: Path) -> list[Tensor]:
    """Weights (C, 1, 1) of the five stages' channels."""
    weights = load_state_dict(path, _HEADS_WAY_OUT)
    try:
        return [weights[f"lin{stage}.model.1.weight"][0] for stage in range(len(_STAGE_ENDS))]
    except KeyError as error:
        raise ValueError(
            f"heads must hold LPIPS' heads (lin0.model.1.weight, ...), but {path} does not"
        ) from error


def _heads_path(path: str | Path | None) -> Path:
    if path is not None:
        if not Path(path).is_file():
            raise FileNotFoundError(f"heads: there is no {path}; {_HEADS_WAY_OUT}")
        return Path(path)
    spec = find_spec("torchmetrics")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "functional" / "image" / "lpips_models" / "alex.pth"
